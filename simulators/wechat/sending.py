"""The interfaces that write to followers, and the record of what was written."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from simulators.wechat import field_limits
from simulators.wechat.account import Account, AccountKind, Arrival, Template, Via
from simulators.wechat.refused import Refused

_TEXT_BYTES = 2048
_TEMPLATE_SHOWS = 20  # characters of a field
_REMEMBERED = timedelta(minutes=10)
_DAY = 86_400
_RECORDS = 10_000

_ids = count(2_000_000_000_000_000_001)


def customer_message(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`message/custom/send`."""
    openid = str(posted.get("touser", ""))
    account.follower(openid)
    kind = posted.get("msgtype")
    content = posted.get(str(kind))
    if not isinstance(content, dict):
        raise Refused(40008, "invalid message type")
    if kind == "text":
        _check_text(content.get("content"))
    elif kind == "msgmenu":
        _check_menu(account, content)
    else:
        raise Refused(40008, "invalid message type")
    account.take_message(openid)
    account.arrive(openid, Via.CUSTOM, dict(posted))
    return {}


def template_message(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`message/template/send`; the end of it is told by an event."""
    openid = str(posted.get("touser", ""))
    follower = account.follower(openid)
    template = _template(account, posted, subscription=False)
    if not follower.followed:
        raise Refused(43004, "require subscribe")
    own_id = str(posted.get("client_msg_id", ""))
    if len(own_id) > 32:
        raise Refused(40097, "invalid args")
    known = account.sent_templates.get((openid, own_id)) if own_id else None
    if known is not None and account.clock() < known[1] + _REMEMBERED:
        return {"msgid": known[0]}
    data = posted.get("data")
    if not isinstance(data, dict):
        raise Refused(47001, "data format error")
    shown = {key: _shown(key, data) for key in template.fields}
    message = next(_ids)
    account.sent_templates[openid, own_id] = (message, account.clock())
    if not follower.refuses_templates:
        account.arrive(openid, Via.TEMPLATE, _as_seen(template, shown, str(posted.get("url", ""))))
    status = "failed:user block" if follower.refuses_templates else "success"
    _later(account, openid, Event="TEMPLATESENDJOBFINISH", MsgID=message, Status=status)
    return {"msgid": message}


def subscription_message(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`message/subscribe/bizsend`; the end of it is told by an event."""
    openid = str(posted.get("touser", ""))
    account.follower(openid)
    template = _template(account, posted, subscription=True)
    data = posted.get("data")
    field_limits.check(template.fields, data if isinstance(data, dict) else {})
    account.take_consent(openid, template.id)
    shown = {key: _shown(key, data or {}) for key in template.fields}
    account.arrive(openid, Via.SUBSCRIPTION, _as_seen(template, shown, str(posted.get("page", ""))))
    sent = {"TemplateId": template.id, "MsgID": next(_ids), "ErrorCode": 0, "ErrorStatus": "success"}
    _later(account, openid, Event="subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": sent})
    return {}


def records(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`customservice/msgrecord/getmsglist`."""
    if not account.keeps_records:
        raise Refused(65400, "please enable new custom service, or wait for a while if you have enabled")
    asked = [posted.get(name) for name in ("starttime", "endtime", "msgid", "number")]
    begins, ends, first, number = (each if isinstance(each, int) else -1 for each in asked)
    if min(begins, ends, first) < 0 or not 1 <= number <= _RECORDS:
        raise Refused(65416, "invalid param")
    if not 0 < ends - begins <= _DAY:
        raise Refused(65417, "invalid time range")
    sent = (arrival for arrival in account.arrived if arrival.via is Via.CUSTOM and arrival.id >= first)
    found = [arrival for arrival in sent if begins <= arrival.at.timestamp() <= ends][:number]
    last = found[-1].id if found else 0
    return {"recordlist": [_record(account, arrival) for arrival in found], "number": len(found), "msgid": last}


def _record(account: Account, arrival: Arrival) -> dict[str, Any]:
    text = arrival.body["text"]["content"] if arrival.body["msgtype"] == "text" else f"[{arrival.body['msgtype']}]"
    told = {"openid": arrival.openid, "opercode": 2002, "text": text, "time": int(arrival.at.timestamp())}
    return told | {"worker": f"system@{account.original_id}"}


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text.strip():
        raise Refused(44004, "empty content")
    if len(text.encode()) > _TEXT_BYTES:
        raise Refused(45002, "content size out of limit")


def _check_menu(account: Account, menu: Mapping[str, Any]) -> None:
    if account.kind is not AccountKind.SERVICE:
        raise Refused(40200, "invalid account type")
    listed = menu.get("list")
    if not isinstance(listed, list) or not all(isinstance(each, dict) and each.get("content") for each in listed):
        raise Refused(47001, "data format error")
    _check_text("\n".join([str(menu.get("head_content")), *(str(each["content"]) for each in listed)]))


def _template(account: Account, posted: Mapping[str, Any], *, subscription: bool) -> Template:
    template = account.templates.get(str(posted.get("template_id")))
    if template is None or template.subscription is not subscription:
        raise Refused(40037, "invalid template_id")
    return template


def _shown(key: str, data: Mapping[str, Any]) -> str:
    field = data.get(key)
    value = field.get("value") if isinstance(field, dict) else None
    if not isinstance(value, str) or not value:
        raise Refused(47003, f"argument invalid! data.{key}.value is empty")
    return value[:_TEMPLATE_SHOWS] if not key.startswith("character_string") else value


def _as_seen(template: Template, shown: Mapping[str, str], url: str) -> dict[str, Any]:
    lines = [{"name": name, "value": shown[key]} for key, name in template.fields.items()]
    return {"title": template.title, "template_id": template.id, "lines": lines, "url": url}


def _later(account: Account, openid: str, **event: Any) -> None:
    """After the answer, as the platform does it."""
    asyncio.get_running_loop().call_later(account.events_after, lambda: account.announce(openid, **event))
