"""A length of time as rules give it: 5个工作日, 4个工作小时, 24小时, 30分钟, 15天, 当日."""

import re
from dataclasses import dataclass
from enum import StrEnum

from tickets.deadlines.refused import TimeSettingsRefused

_WRITTEN = re.compile(r"([1-9]\d{0,3})\s*个?(工作日|工作小时|小时|分钟|自然日|天)")
_SAME_DAY = re.compile(r"当[日天](?:[，,、\s]*至少\s*([1-9]\d?)\s*个?小时)?")


class Unit(StrEnum):
    """What a length of time is counted in."""

    MINUTES = "分钟"
    HOURS = "小时"
    DAYS = "天"
    WORKING_HOURS = "个工作小时"
    WORKING_DAYS = "个工作日"
    SAME_DAY = "当日"


_UNITS = {
    "工作日": Unit.WORKING_DAYS,
    "工作小时": Unit.WORKING_HOURS,
    "小时": Unit.HOURS,
    "分钟": Unit.MINUTES,
    "自然日": Unit.DAYS,
    "天": Unit.DAYS,
}
_NATURAL = frozenset({Unit.MINUTES, Unit.HOURS, Unit.DAYS})


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time.

    Attributes:
        count: how many of the unit, at least one; for 当日 the hours there must be at least.

    Raises:
        ValueError: there are none of the unit.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < (self.unit is not Unit.SAME_DAY):
            message = f"a span needs at least one of its unit, not {self.count}"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: object) -> "Span":
        """The length of time that a text gives.

        Raises:
            TimeSettingsRefused: it gives none.
        """
        written = str(text).strip()
        if found := _WRITTEN.fullmatch(written):
            return cls(int(found[1]), _UNITS[found[2]])
        if found := _SAME_DAY.fullmatch(written):
            return cls(int(found[1] or 0), Unit.SAME_DAY)
        message = (
            f"看不懂“{written}”。可以写：5个工作日、4个工作小时、24小时、30分钟、15天、当日，或“当日，至少2小时”。"
        )
        raise TimeSettingsRefused(message)

    @property
    def is_natural(self) -> bool:
        """Whether it passes day and night, whatever the calendar."""
        return self.unit in _NATURAL

    def __str__(self) -> str:
        if self.unit is Unit.SAME_DAY:
            return f"当日，至少{self.count}小时" if self.count else "当日"
        return f"{self.count}{self.unit}"
