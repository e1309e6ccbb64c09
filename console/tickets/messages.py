"""What staff are told of tickets (消息): lines of the inbox, and which of them a colleague has read already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import Connection

from channels.delivery.ladder import RUNG_LABELS
from channels.delivery.staff import UNDELIVERED, WAY_DOWN
from channels.sms.replies import SMS_REPLY
from console.addresses import id_of
from console.visit import Visit
from service.identity.staff import names_of
from service.inbox import Line, already_read, put_back_within, read_within, unread
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
        read_by: who has read it; empty where nobody has.
        link: where it is dealt with, below /console, and what that is called; None: with the ticket.
    """

    ids: list[int]
    said: str
    subject: str
    number: str | None
    recipient: str
    at: datetime
    link: tuple[str, str] | None
    read_by: str


async def show_messages(visit: Visit) -> web.Response:
    """What nobody has read yet, or what somebody has, the newest first."""
    seen = "seen" in visit.query
    wanted = already_read(visit.actor, _MOST) if seen else unread(visit.actor, _MOST)

    def work(connection: Connection) -> tuple[list[Line], dict[str, str]]:
        lines = wanted(connection)
        return lines, names_of({line.read_by for line in lines if line.read_by})(connection)

    lines, names = await visit.office.database.read(work)
    messages = _messages(lines, names | {visit.actor.name: "您"})
    return visit.page("tickets/messages.html", messages=messages, most=_MOST, seen=seen)


async def mark_read(visit: Visit) -> web.Response:
    """Some lines, or all that were shown, are read."""
    form = await visit.form()
    ids = list(_ids(form.several("picked") or form.several("shown")))
    at, actor = visit.now, visit.actor
    marked = await visit.office.database.write(lambda connection: read_within(connection, actor, ids, at))
    return visit.go("/messages", f"{marked} 条标为已读。")


async def put_back(visit: Visit) -> web.Response:
    """Some lines that were read count as unread again."""
    form = await visit.form()
    ids, actor = list(_ids(form.several("picked"))), visit.actor
    if not ids:
        return visit.go("/messages?seen=", "请先勾选要放回的消息。", good=False)
    back = await visit.office.database.write(lambda connection: put_back_within(connection, actor, ids))
    return visit.go("/messages", f"{back} 条放回没读的了。")


def _ids(values: Iterable[str]) -> Iterable[int]:
    return (id_ for value in values for part in value.split(",") if (id_ := id_of(part)) is not None)


def _messages(lines: Iterable[Line], names: Mapping[str, str]) -> list[Message]:
    """One for each thing the lines are about."""
    about: dict[str, list[Line]] = {}
    for line in lines:
        about.setdefault(line.subject, []).append(line)
    return [_message(subject, some, names) for subject, some in about.items()]


def _message(subject: str, lines: list[Line], names: Mapping[str, str]) -> Message:
    said = "、".join(dict.fromkeys(_said(line.kind) for line in lines))
    recipients = "、".join(dict.fromkeys(_to(line.recipient) for line in lines))
    link = next((_LINKS[line.kind] for line in lines if line.kind in _LINKS), None)
    if link == _LINKS[UNDELIVERED] and find_number(subject) == subject:
        link = (f"/notices?about={subject}&state=undelivered", link[1])
    shown = RUNG_LABELS.get(subject, subject)
    readers = "、".join(dict.fromkeys(names.get(line.read_by, line.read_by) for line in lines if line.read_by))
    ids = [line.id for line in lines]
    return Message(ids, said, shown, find_number(subject), recipients, lines[0].at, link, readers)


def _said(kind: str) -> str:
    if kind in set(Verb):
        return Verb(kind).label
    if kind in set(Standing):
        return Standing(kind).label
    return _SAID.get(kind, kind)


def _to(recipient: str) -> str:
    return {"role": "同岗位的同事", "unit": "本单位", "person": "您"}.get(recipient.partition(":")[0], "")
