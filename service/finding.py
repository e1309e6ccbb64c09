"""What `doctor` finds."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        message: in Chinese; where it is not fine, how to mend it.
    """

    subject: str
    fine: bool
    message: str

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON carries it."""
        return asdict(self)
