"""On the page: it is said in the conversation, for an open page at once, for a closed one on return.

Transcript and look-up are one transaction, so it stands there once, whatever is cut off. The page's own request for it
is the receipt (`channels.delivery.receipts`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.assistant import Assistant
from bot.locks import ConversationBusy
from bot.tables import messages
from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.outcomes import Remedy, SendRefused
from channels.widget.arrivals import Arrivals

_BUSY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Telling:
    """Says something in a conversation, once."""

    assistant: Assistant

    async def say(self, conversation: str, parcel: Parcel) -> bool:
        """Keep what is said in the transcript; False when it stood there already.

        Raises:
            SendRefused: they are being talked with.
        """

        def new(connection: Connection) -> bool:
            this = (messages.c.conversation == conversation) & (messages.c.turn == parcel.id)
            return connection.execute(select(messages.c.id).where(this)).first() is None

        try:
            return await self.assistant.tell(conversation, parcel.id, dict(parcel.letter.reply), new)
        except ConversationBusy as busy:
            raise SendRefused("widget", "busy", "这个对话里正在说话", Remedy.DELAY, _BUSY) from busy


@dataclass(frozen=True, slots=True)
class WidgetRung:
    """The conversation on our own pages."""

    telling: Telling
    arrivals: Arrivals

    def reaches(self, recipient: Recipient) -> bool:
        """See `Rung.reaches`."""
        return recipient.conversation is not None

    async def send(self, parcel: Parcel) -> Handed:
        """See `Rung.send`."""
        conversation = parcel.recipient.conversation or ""
        if await self.telling.say(conversation, parcel):
            self.arrivals.announce(conversation)
        return Handed(parcel.id)

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`: saying it once more says it once."""
        return await self.send(parcel)

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`: the page brings its own."""
        return None
