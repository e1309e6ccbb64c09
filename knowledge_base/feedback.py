"""Why an answer did not help, as citizens tell it with one tap."""

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong with an answer."""

    NOT_MEANT = "not_meant"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The reason as the citizen says it."""
        return _LABELS[self]


_LABELS = {
    Reason.NOT_MEANT: "不是我要问的",
    Reason.OUTDATED: "内容过时或有错",
    Reason.UNCLEAR: "看不懂",
    Reason.FAILED: "照着办没办成",
}
