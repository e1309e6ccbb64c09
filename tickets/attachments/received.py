"""A file that was taken in and belongs to no ticket yet."""

import base64
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """What is needed to add the file to a ticket, for half a day.

    Attributes:
        file_key: opens the file; so keep this only where it is encrypted, as dialogues are.
        size: bytes of what is kept, which for a picture is not what was sent.
        sha256: of the same bytes.
    """

    stored_name: str
    file_key: bytes = field(repr=False)
    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """For a dialogue that adds the file to a ticket some turns later, perhaps in another process."""
        return asdict(self) | {"file_key": base64.b64encode(self.file_key).decode(), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> "Received":
        """What `as_json` gave."""
        moment = datetime.fromisoformat(held["at"])
        return cls(**held | {"file_key": base64.b64decode(held["file_key"]), "at": moment})
