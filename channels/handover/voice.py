"""How what a person or the queue says reaches citizens who do not see the transcript itself: by the outbox."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from actions.reply import Reply, ReplyKind
from bot.assistant import new_id
from channels.wechat.bubbles import split
from handover.talk import AGENT_SAID, Handover
from service.clock import Clock
from service.encryption import Cipher
from service.outbox import Notice, put_within

_SHOWS_TRANSCRIPT = "widget"


def carry_within(connection: Connection, talk: Handover, reply: dict[str, Any], cipher: Cipher, clock: Clock) -> None:
    """Put into the outbox what is kept in the transcript by the same transaction, unless the channel shows that.

    Args:
        cipher: the conversations'.
    """
    if talk.channel == _SHOWS_TRANSCRIPT or talk.conversation is None:
        return
    notices = []
    for told in _told(reply):
        content = cipher.encrypt_text(json.dumps(told, ensure_ascii=False))
        key = f"{AGENT_SAID} {new_id()}"
        notices.append(Notice(key, AGENT_SAID, str(talk.id), talk.conversation, talk.channel, content))
    put_within(connection, notices, clock())


def _told(reply: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages a reply becomes: who speaks stands before a person's words, and nothing of them is cut off."""
    if "agent" not in reply:
        yield reply
        return
    for piece in split(f"{reply['agent']}：{reply['text']}"):
        yield Reply(ReplyKind.AGENT, piece).as_dict()
