"""What notices say."""

import json
from dataclasses import dataclass
from typing import Any

from actions.present import show_now_answered, show_ticket_news
from channels.delivery import DeliveryFailed
from channels.handover.voice import AGENT_SAID
from knowledge_base.coverage.closing import ANSWERED
from knowledge_base.knowledge import Knowledge
from service.encryption import Cipher, Keyring, Undecipherable
from service.outbox import Notice, Waiting
from tickets.announcing import TICKET_MOVED
from tickets.moves import Verb


@dataclass(frozen=True, slots=True)
class NoticeWording:
    """Puts notices into plain words, from what is true when they are delivered."""

    knowledge: Knowledge
    keyring: Keyring

    def reply(self, waiting: Waiting) -> dict[str, Any]:
        """See `channels.delivery.Wording`."""
        notice = waiting.notice
        if notice.kind == TICKET_MOVED:
            news = json.loads(_opened(notice, self.keyring.cipher("tickets")))
            return show_ticket_news(notice.subject, Verb(news["verb"]), news["text"])
        if notice.kind == AGENT_SAID:
            reply: dict[str, Any] = json.loads(_opened(notice, self.keyring.cipher("conversations")))
            return reply
        if notice.kind != ANSWERED:
            raise DeliveryFailed(f"不认识这种通知：{notice.kind}")
        entry = self.knowledge.entry(notice.subject)
        if entry is None:
            raise DeliveryFailed(f"条目 {notice.subject} 现在没有对外发布")
        return show_now_answered(_opened(notice, self.keyring.cipher("conversations")), entry)


def _opened(notice: Notice, cipher: Cipher) -> str:
    try:
        return cipher.decrypt_text(notice.content) or ""
    except Undecipherable as error:
        raise DeliveryFailed("通知的内容打不开：密钥换过了") from error
