"""Customer messages (客服消息): their form, and what the account's record says was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from channels.wechat.bubbles import clean, split

SEND = "/cgi-bin/message/custom/send"
RECORDS = "/customservice/msgrecord/getmsglist"
RECORDS_AT_ONCE = 10_000

_SENT_BY_US = 2002
_CLOCKS_DIFFER = timedelta(minutes=1)
_ASKED_AT_ONCE = timedelta(hours=24)

Choice = tuple[str, str]
"""What comes back as `bizmsgmenuid` when it is tapped, and what the citizen reads."""


def text_message(openid: str, text: str) -> dict[str, Any]:
    """A text of at most 2000 bytes."""
    return {"touser": openid, "msgtype": "text", "text": {"content": clean(text)}}


def image_message(openid: str, media_id: str) -> dict[str, Any]:
    """A picture that was uploaded."""
    return {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}}


def menu_message(openid: str, head: str, choices: Sequence[Choice], tail: str) -> dict[str, Any]:
    """A question whose answers can be tapped."""
    listed = [{"id": each, "content": clean(title)} for each, title in choices]
    menu = {"head_content": clean(head), "list": listed, "tail_content": clean(tail)}
    return {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu}


def menu_as_text(head: str, choices: Sequence[Choice], tail: str) -> str:
    """The same question where nothing can be tapped: numbered lines, as our passive replies have them."""
    lines = [f"{number}. {title}" for number, (_, title) in enumerate(choices, 1)]
    return "\n".join(line for line in (head, *lines, tail) if line)


def records_asked(since: datetime, now: datetime, first: int) -> dict[str, Any]:
    """The question for what was sent since a moment; the platform tells of 24 hours at a time."""
    begins = since - _CLOCKS_DIFFER
    ends = min(now + _CLOCKS_DIFFER, begins + _ASKED_AT_ONCE)
    period = {"starttime": int(begins.timestamp()), "endtime": int(ends.timestamp())}
    return period | {"msgid": first, "number": RECORDS_AT_ONCE}


def all_sent(openid: str, text: str, records: Iterable[dict[str, Any]]) -> bool:
    """Whether every piece of a text is among the messages to somebody."""
    ours = (record for record in records if record.get("opercode") == _SENT_BY_US and record.get("openid") == openid)
    told = {str(record.get("text", "")).strip() for record in ours}
    return all(piece in told for piece in split(text))
