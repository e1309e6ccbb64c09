"""All that can be read from the first message of a request."""

from dataclasses import dataclass

from tickets.intake.name import find_name
from tickets.intake.phone import parse_phone
from tickets.intake.place import find_place
from tickets.intake.story import read_story


@dataclass(frozen=True, slots=True)
class Intake:
    """What could be read from one message; None where it says nothing."""

    description: str | None
    place: str | None
    phone: str | None
    name: str | None

    @classmethod
    def of(cls, text: str) -> "Intake":
        """Read a message as the beginning of a request."""
        return cls(read_story(text), find_place(text), parse_phone(text), find_name(text))
