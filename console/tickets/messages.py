"""What staff are told of tickets (消息): lines of the inbox, until somebody has read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from channels.delivery.ladder import RUNG_LABELS
from channels.delivery.staff import UNDELIVERED, WAY_DOWN
from channels.sms.replies import SMS_REPLY
from console.addresses import id_of
from console.visit import Visit
from service.inbox import Line, read_within, unread
from tickets.deadlines.standing import Standing
from tickets.moves import Verb
from tickets.number import find_number
from tickets.recurrence import ALARM

_MOST = 100
_SAID = {
    ALARM: "有一条新预警",
    UNDELIVERED: "通知没有送到诉求人，请打电话",
    WAY_DOWN: "一种通知方式停了",
    SMS_REPLY: "有一条短信回复要看",
}
_LINKS = {
    ALARM: ("/alarms", "看预警"),
    UNDELIVERED: ("/notices", "看没送到的通知"),
    WAY_DOWN: ("/notices/ways", "看各种方式"),
    SMS_REPLY: ("/notices/replies", "看短信回复"),
}
"""Where it is dealt with, by the kind of line."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of one thing, in one or several lines.

    Attributes:
        said: what happened, the newest first.
        number: the ticket's it is about; None where it is about something else.
        at: of the newest line.
        link: where it is dealt with, below /console, and what that is called; None: with the ticket.
    """

    ids: list[int]
    said: str
    subject: str
    number: str | None
    recipient: str
    at: datetime
    link: tuple[str, str] | None


async def show_messages(visit: Visit) -> web.Response:
    """What nobody has read yet, the newest first."""
    lines = await visit.office.database.read(unread(visit.actor, _MOST))
    return visit.page("tickets/messages.html", messages=_messages(lines), most=_MOST)


async def mark_read(visit: Visit) -> web.Response:
    """Some lines, or all that were shown, are read."""
    form = await visit.form()
    ids = list(_ids(form.several("picked") or form.several("shown")))
    at, actor = visit.now, visit.actor
    marked = await visit.office.database.write(lambda connection: read_within(connection, actor, ids, at))
    return visit.go("/messages", f"{marked} 条标为已读。")


def _ids(values: Iterable[str]) -> Iterable[int]:
    return (id_ for value in values for part in value.split(",") if (id_ := id_of(part)) is not None)


def _messages(lines: Iterable[Line]) -> list[Message]:
    """One for each thing the lines are about."""
    about: dict[str, list[Line]] = {}
    for line in lines:
        about.setdefault(line.subject, []).append(line)
    return [_message(subject, some) for subject, some in about.items()]


def _message(subject: str, lines: list[Line]) -> Message:
    said = "、".join(dict.fromkeys(_said(line.kind) for line in lines))
    recipients = "、".join(dict.fromkeys(_to(line.recipient) for line in lines))
    link = next((_LINKS[line.kind] for line in lines if line.kind in _LINKS), None)
    if link == _LINKS[UNDELIVERED] and find_number(subject) == subject:
        link = (f"/notices?about={subject}&state=undelivered", link[1])
    shown = RUNG_LABELS.get(subject, subject)
    return Message([line.id for line in lines], said, shown, find_number(subject), recipients, lines[0].at, link)


def _said(kind: str) -> str:
    if kind in set(Verb):
        return Verb(kind).label
    if kind in set(Standing):
        return Standing(kind).label
    return _SAID.get(kind, kind)


def _to(recipient: str) -> str:
    return {"role": "同岗位的同事", "unit": "本单位", "person": "您"}.get(recipient.partition(":")[0], "")
