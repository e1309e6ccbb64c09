"""By short message. Their desk knows each order by its id, and asks the gateway before it sends one again."""

from dataclasses import dataclass
from datetime import datetime

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.sms.gateways.gateway import SmsState
from channels.sms.sending import SmsDesk, SmsOrder


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
        delivered = sent.state is SmsState.DELIVERED
        return Handed(sent.provider_id, sent.cost_fen, delivered=delivered, reports=not delivered)

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`: the desk asks by itself when it sees the same order again."""
        return await self.send(parcel)

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`."""
        kept = await self.desk.state_of(parcel_id)
        if kept is None or kept.state not in (SmsState.DELIVERED, SmsState.FAILED):
            return None
        return Receipt(kept.state is SmsState.DELIVERED, kept.failure_code or "", kept.failure or "短信没有送到")
