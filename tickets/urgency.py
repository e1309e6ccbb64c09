"""How urgent a request is."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon a request needs somebody."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"

    @property
    def label(self) -> str:
        """The urgency in Chinese."""
        return {Urgency.NORMAL: "普通", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}[self]
