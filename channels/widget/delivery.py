"""Notices for the widget: they are said in the conversation, for an open page at once, for a closed one on return."""

from dataclasses import dataclass
from typing import Any

from bot.assistant import Assistant
from bot.locks import ConversationBusy
from channels.delivery import DeliveryFailed, Settle
from channels.widget.arrivals import Arrivals
from service.outbox import Waiting


@dataclass(frozen=True, slots=True)
class WidgetDelivery:
    """Delivery into the transcript."""

    assistant: Assistant
    arrivals: Arrivals

    async def deliver(self, waiting: Waiting, reply: dict[str, Any], settle: Settle) -> None:
        """See `channels.delivery.ChannelDelivery`: transcript and outbox in one transaction."""
        conversation = waiting.notice.conversation
        try:
            said = await self.assistant.tell(conversation, f"notice-{waiting.id}", reply, settle)
        except ConversationBusy as busy:
            raise DeliveryFailed("这个对话里正在说话") from busy
        if said:
            self.arrivals.announce(conversation)
