"""What a notice says: as a reply in a chat, and as the values a template or a short message is filled with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from actions.present import show_now_answered, show_ticket_news
from channels.delivery.letter import Letter, NothingToSay
from handover.talk import AGENT_SAID
from knowledge_base.coverage.closing import ANSWERED
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from service.encryption import Cipher, Keyring, Undecipherable
from service.outbox import Notice
from tickets.announcing import TICKET_MOVED
from tickets.moves import Verb


@dataclass(frozen=True, slots=True)
class NoticeWording:
    """The wording of every kind of notice there is."""

    knowledge: Knowledge
    keyring: Keyring

    def letter(self, notice: Notice) -> Letter:
        """See `Wording`."""
        if notice.kind == TICKET_MOVED:
            news = json.loads(_opened(notice.news, self.keyring.cipher("tickets")))
            return ticket_letter(notice.subject, Verb(news["verb"]), news["text"], news.get("facts", {}))
        if notice.kind == AGENT_SAID:
            said = json.loads(_opened(notice.content, self.keyring.cipher("conversations")))
            return Letter("", AGENT_SAID, said, {}, is_kept=True)
        if notice.kind != ANSWERED:
            raise NothingToSay(f"不认识这种通知：{notice.kind}")
        entry = self.knowledge.entry(notice.subject)
        if entry is None:
            raise NothingToSay(f"条目 {notice.subject} 现在没有对外发布")
        return answered_letter(_opened(notice.content, self.keyring.cipher("conversations")), entry)


def ticket_letter(number: str, verb: Verb, text: str, facts: Mapping[str, str]) -> Letter:
    """News of a ticket in words."""
    values = {"number": number} | {name: value for name, value in facts.items() if value}
    return Letter(verb.value, f"ticket_{verb.value}", show_ticket_news(number, verb, text), values)


def answered_letter(asked: str, entry: Entry) -> Letter:
    """That a question has an answer now, in words."""
    values = {"matter": entry.matter or entry.question, "guide": entry.slug}
    return Letter("", ANSWERED, show_now_answered(asked, entry), values, path=f"/guide/{quote(entry.slug, safe='')}")


def _opened(sealed: bytes | None, cipher: Cipher) -> str:
    try:
        return cipher.decrypt_text(sealed) or ""
    except Undecipherable as error:
        raise NothingToSay("通知的内容打不开：密钥换过了") from error
