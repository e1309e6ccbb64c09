"""What is dispatched, and what dispatching learns from."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

Vector = np.ndarray[tuple[int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a ticket that needs a unit.

    Attributes:
        text: what the citizen tells.
        place: street, community or address, as far as known.
        category: its place in the category tree, the levels joined by `/`.
        matter: the name of the matter (事项), if it is one.
        vector: the sentence vector of the text, where one was made when the ticket was opened.
    """

    text: str
    place: str = ""
    category: str = ""
    matter: str = ""
    vector: Vector | None = None

    @property
    def told(self) -> str:
        """All words that may speak for a unit."""
        return " ".join(part for part in (self.text, self.category, self.matter, self.place) if part)


@dataclass(frozen=True, slots=True)
class ClosedTicket:
    """A ticket whose unit is known.

    Attributes:
        unit: the unit that solved it.
        number: by which staff find it; may be empty.
        refused_by: the units it was sent to first, wrongly.
        closed_at: when it was solved; needed to tell what is new since a model was learned.
    """

    request: Request
    unit: str
    number: str = ""
    refused_by: tuple[str, ...] = ()
    closed_at: datetime | None = None
