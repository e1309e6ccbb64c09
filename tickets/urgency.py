"""How soon a ticket has to be looked after."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon a ticket has to be looked after."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"

    @property
    def label(self) -> str:
        """The urgency in Chinese."""
        return {Urgency.NORMAL: "普通", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}[self]
