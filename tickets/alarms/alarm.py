"""An alarm: how grave it is, who is told, which tickets are behind it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum


class Grade(IntEnum):
    """How grave; a higher one is graver."""

    NOTICE = 1
    WARNING = 2
    URGENT = 3

    @property
    def label(self) -> str:
        """The grade as staff read it."""
        return {Grade.NOTICE: "提示", Grade.WARNING: "预警", Grade.URGENT: "紧急"}[self]


class Kind(StrEnum):
    """What it is about."""

    SURGE = "surge"
    UNSOLVED_AGAIN = "unsolved_again"
    WORDS = "words"

    @property
    def label(self) -> str:
        """The kind as staff read it."""
        return {Kind.SURGE: "集中反映", Kind.UNSOLVED_AGAIN: "屡办不成", Kind.WORDS: "风险用语"}[self]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to tell.

    Attributes:
        key: what it is about; the same key is told once, and again only in a higher grade.
        title: one line in Chinese, without personal data.
        roles: who is told.
        again_after: after closing, the time from which the same may be told anew; None for never.
    """

    kind: Kind
    grade: Grade
    key: str
    title: str
    roles: frozenset[str]
    tickets: Collection[int]
    again_after: timedelta | None = None
