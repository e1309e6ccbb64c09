"""Where a group of open questions stands."""

from enum import StrEnum

HELD = "kb_gaps"
"""Held by whoever changes groups; who also holds an entry took that first."""


class GapState(StrEnum):
    """What has become of a group."""

    OPEN = "open"
    DRAFTED = "drafted"
    ANSWERED = "answered"
    DISMISSED = "dismissed"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    GapState.OPEN: "待处理",
    GapState.DRAFTED: "正在写",
    GapState.ANSWERED: "已有答案",
    GapState.DISMISSED: "不处理",
}
