"""How what a person or the queue says reaches citizens who do not see the transcript itself: by the outbox."""

import json
from typing import Any

from sqlalchemy import Connection

from bot.assistant import new_id
from handover.talk import Handover
from service.clock import Clock
from service.encryption import Cipher
from service.outbox import Notice, put_within

AGENT_SAID = "agent"
"""The kind of these notices; their content is the reply as it is shown. They are for the chat alone, never for SMS."""

_SHOWS_TRANSCRIPT = "widget"


def carry_within(connection: Connection, talk: Handover, reply: dict[str, Any], cipher: Cipher, clock: Clock) -> None:
    """Put into the outbox what is kept in the transcript by the same transaction, unless the channel shows that.

    Args:
        cipher: the conversations'.
    """
    if talk.channel == _SHOWS_TRANSCRIPT or talk.conversation is None:
        return
    told = reply | {"text": f"{reply['agent']}：{reply['text']}"} if "agent" in reply else reply
    content = cipher.encrypt_text(json.dumps(told, ensure_ascii=False))
    key = f"{AGENT_SAID} {new_id()}"
    notice = Notice(key, AGENT_SAID, str(talk.id), talk.conversation, talk.channel, content)
    put_within(connection, [notice], clock())
