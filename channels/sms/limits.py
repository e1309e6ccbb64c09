"""How many messages one number gets, and when the next may go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from channels.sms.misconfigured import SmsMisconfigured
from channels.sms.windows import WindowRefused, began, rolling, until_next
from service.own_file import read_own, told_places
from service.settings import Settings

EVERYWHERE = "everywhere"
HISTORY = timedelta(hours=25)
"""How far back anything counts: a day, and the hour a set-back clock may cost."""

_LONGEST = timedelta(hours=24)


class LimitsRefused(SmsMisconfigured):
    """The file of limits cannot be used; the message says in Chinese what to mend."""


class What(StrEnum):
    """What is counted."""

    NUMBER = "number"
    PURPOSE = "purpose"
    TEXT = "text"


def _window(text: str) -> str:
    span = rolling(text)
    if span is not None and span > _LONGEST:
        raise WindowRefused(f"“{text}”太长了，最长 24h。")
    return text


class Limit(BaseModel):
    """So many messages in such a time. The fields are explained in `limits.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: What
    most: Annotated[int, Field(gt=0)]
    per: Annotated[str, AfterValidator(_window)]
    only: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A message that went to a number before."""

    gateway: str
    purpose: str
    text: str
    at: datetime


_FILE = TypeAdapter(dict[str, list[Limit]])


def read_limits(content: Any) -> dict[str, list[Limit]]:
    """Limits by gateway, as a file or the settings have them.

    Raises:
        ValidationError: they are something else.
    """
    return _FILE.validate_python(content)


@dataclass(slots=True)
class Limits:
    """The limits by gateway; those of `everywhere` hold for all. They follow what is set."""

    by_gateway: Mapping[str, Sequence[Limit]]

    @classmethod
    def load(cls, settings: Settings) -> "Limits":
        """The installation's own limits, else the product's.

        Raises:
            LimitsRefused: see there.
        """
        own = settings.data_dir / "sms" / "limits.yml"
        content = read_own(own, Path(__file__).parent / "limits.yml", LimitsRefused)
        try:
            return cls(read_limits(content))
        except ValidationError as error:
            raise LimitsRefused(f"短信限额 {own} 里有写得不对的：{told_places(error)}") from error

    def use(self, content: Mapping[str, Any]) -> None:
        """Have these from now on."""
        self.by_gateway = read_limits(content)

    def wait(self, past: Sequence[Past], gateway: str, purpose: str, text: str, at: datetime) -> timedelta | None:
        """How long a message has to wait by this gateway; None where it may go at once.

        Args:
            past: what went to the same number within `HISTORY`.
        """
        waits = []
        for scope in (EVERYWHERE, gateway):
            counted = [each for each in past if scope in (EVERYWHERE, each.gateway)]
            for limit in self.by_gateway.get(scope, ()):
                if limit.only in ("", purpose):
                    same = [each.at for each in counted if _counts(limit, each, purpose, text)]
                    waits.append(_wait(limit, same, at))
        return max(filter(None, waits), default=None)


def _counts(limit: Limit, past: Past, purpose: str, text: str) -> bool:
    return {
        What.NUMBER: True,
        What.PURPOSE: past.purpose == purpose,
        What.TEXT: past.text == text,
    }[limit.what]


def _wait(limit: Limit, moments: Sequence[datetime], at: datetime) -> timedelta | None:
    start = began(limit.per, at)
    inside = sorted(moment for moment in moments if moment > start or (moment == start and not rolling(limit.per)))
    if len(inside) < limit.most:
        return None
    span = rolling(limit.per)
    if span is None:
        return until_next(limit.per, at)
    return inside[-limit.most] + span - at
