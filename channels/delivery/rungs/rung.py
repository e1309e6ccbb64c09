"""What every way to a citizen can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.letter import Letter
from channels.delivery.recipient import Recipient
from service.outbox import Notice


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be handed over to whom.

    Attributes:
        id: the same however often it is tried, so that a service can recognise it; at most 32 characters.
    """

    id: str
    notice: Notice
    letter: Letter
    recipient: Recipient


NOTICE = "notice-"
"""How the ids of parcels begin; no channel makes such an id for a message."""


def parcel_id(notice: int, round_: int) -> str:
    """What the world outside knows a notice by; another once staff have it tried anew."""
    return f"{NOTICE}{notice}-{round_}" if round_ else f"{NOTICE}{notice}"


class Rung(Protocol):
    """One way to a citizen."""

    def reaches(self, recipient: Recipient) -> bool:
        """Whether they can be told this way at all."""

    async def send(self, parcel: Parcel) -> Handed:
        """Hand it over.

        Raises:
            SendRefused: it was not taken.
            SendUnknown: nobody knows whether it was.
        """

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """Find out what became of a call that was cut off, without telling anybody twice; None: it was never taken.

        Args:
            since: when the call was begun.

        Raises:
            SendRefused, SendUnknown: it could not be found out now.
        """

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """Whether something that was handed over has reached the person; None while nobody has said."""
