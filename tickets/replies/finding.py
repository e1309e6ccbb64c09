"""What is wrong with a text, where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a text may leave."""

    HARD = "hard"
    """It may not, before this is put right."""
    SOFT = "soft"
    """It may, once somebody has looked at it and confirmed."""


class Code(StrEnum):
    """Kinds of findings."""

    NOTHING_SAID = "nothing_said"
    ONLY_PASSED_ON = "only_passed_on"
    EMPTY_PHRASE = "empty_phrase"
    SHIRKING = "shirking"
    TOO_SHORT = "too_short"
    NOT_TOUCHED = "not_touched"
    OTHER_MATTER = "other_matter"
    CONTRADICTION = "contradiction"
    PERSONAL_DATA = "personal_data"
    NAME = "name"
    WRONG_CHARACTER = "wrong_character"
    UNFILLED = "unfilled"

    @property
    def label(self) -> str:
        """The kind as staff read it."""
        return _LABELS[self]


_LABELS = {
    Code.NOTHING_SAID: "没有实质内容",
    Code.ONLY_PASSED_ON: "只说转办",
    Code.EMPTY_PHRASE: "空话",
    Code.SHIRKING: "推诿",
    Code.TOO_SHORT: "太短",
    Code.NOT_TOUCHED: "有问未答",
    Code.OTHER_MATTER: "答非所问",
    Code.CONTRADICTION: "前后不一",
    Code.PERSONAL_DATA: "他人信息",
    Code.NAME: "他人姓名",
    Code.WRONG_CHARACTER: "错别字",
    Code.UNFILLED: "没有填完",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right.

    Attributes:
        span: from which character to before which; the whole text where it is about all of it.
        suggestion: what it is and what to write instead, in Chinese, kindly.
    """

    code: Code
    severity: Severity
    span: tuple[int, int]
    suggestion: str


def stops(findings: Iterable[Finding]) -> bool:
    """Whether the text may not leave as it is."""
    return any(finding.severity is Severity.HARD for finding in findings)
