"""By short message. Their desk knows each order by its id, and asks the gateway before it sends one again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel

_DELIVERED, _FAILED = "delivered", "failed"


@dataclass(frozen=True, slots=True)
class SmsOrder:
    """A short message to be sent, as the desk takes it."""

    id: str
    phone: str
    purpose: str
    values: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    urgent: bool = False


class SmsDesk(Protocol):
    """Sends short messages; the same order id never reaches a person twice."""

    async def send(self, order: SmsOrder) -> Any:
        """Send it, or say what became of it; see `channels.sms.sending`."""

    async def state_of(self, order_id: str) -> Any:
        """How an order stands; None where there is none."""


@dataclass(frozen=True, slots=True)
class SmsRung:
    """A text message to a phone."""

    desk: SmsDesk

    def reaches(self, recipient: Recipient) -> bool:
        """See `Rung.reaches`."""
        return recipient.phone is not None

    async def send(self, parcel: Parcel) -> Handed:
        """See `Rung.send`."""
        letter, phone = parcel.letter, parcel.recipient.phone or ""
        order = SmsOrder(parcel.id, phone, letter.purpose, letter.values, subject=parcel.notice.subject)
        sent = await self.desk.send(order)
        delivered = sent.state == _DELIVERED
        return Handed(sent.provider_id, sent.cost_fen, delivered=delivered, reports=not delivered)

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`: the desk asks by itself when it sees the same order again."""
        return await self.send(parcel)

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`."""
        kept = await self.desk.state_of(parcel_id)
        if kept is None or kept.state not in (_DELIVERED, _FAILED):
            return None
        return Receipt(kept.state == _DELIVERED, kept.failure_code or "", kept.failure or "短信没有送到")
