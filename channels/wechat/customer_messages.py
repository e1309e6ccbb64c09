"""Customer messages (客服消息): their form, and what the account's record says was sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from channels.wechat.bubbles import clean, split
from channels.wechat.rendering import Menu

SEND = "/cgi-bin/message/custom/send"
RECORDS = "/customservice/msgrecord/getmsglist"
RECORDS_AT_ONCE = 10_000

_SENT_BY_US = 2002
_CLOCKS_DIFFER = timedelta(minutes=1)
_ASKED_AT_ONCE = timedelta(hours=24)


def text_message(openid: str, text: str) -> dict[str, Any]:
    """A text of at most 2000 bytes."""
    return {"touser": openid, "msgtype": "text", "text": {"content": clean(text)}}


def menu_message(openid: str, menu: Menu) -> dict[str, Any]:
    """A question whose answers can be tapped. What is tapped comes back as a text, its id as `bizmsgmenuid`."""
    listed = [{"id": id_, "content": clean(title)} for id_, title in menu.choices]
    content = {"head_content": clean(menu.head), "list": listed, "tail_content": ""}
    return {"touser": openid, "msgtype": "msgmenu", "msgmenu": content}


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
