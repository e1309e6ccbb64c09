"""What staff are told of tickets (消息): lines of the inbox, until somebody has read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from channels.delivery.staff import UNDELIVERED, WAY_DOWN
from console.visit import Visit
from service.inbox import Line, read_within, unread
from tickets.deadlines.standing import Standing
from tickets.moves import Verb
from tickets.number import find_number
from tickets.recurrence import ALARM

_MOST = 100
_SAID = {ALARM: "有一条新预警", UNDELIVERED: "通知没有送到诉求人，请打电话", WAY_DOWN: "一种通知方式停了"}


@dataclass(frozen=True, slots=True)
class Message:
    """One line.

    Attributes:
        number: the ticket's it is about; None where it is about something else.
    """

    id: int
    said: str
    subject: str
    number: str | None
    recipient: str
    at: datetime


async def show_messages(visit: Visit) -> web.Response:
    """What nobody has read yet, the newest first."""
    lines = await visit.office.database.read(unread(visit.actor, _MOST))
    return visit.page("tickets/messages.html", messages=[_message(line) for line in lines], most=_MOST)


async def mark_read(visit: Visit) -> web.Response:
    """Some lines, or all that were shown, are read."""
    form = await visit.form()
    ids = list(_ids(form.several("picked") or form.several("shown")))
    at, actor = visit.now, visit.actor
    marked = await visit.office.database.write(lambda connection: read_within(connection, actor, ids, at))
    return visit.go("/messages", f"{marked} 条标为已读。")


def _ids(values: Iterable[str]) -> Iterable[int]:
    return (int(value) for value in values if value.isdecimal() and len(value) < 19)


def _message(line: Line) -> Message:
    number = find_number(line.subject)
    return Message(line.id, _said(line.kind), line.subject, number, _to(line.recipient), line.at)


def _said(kind: str) -> str:
    if kind in set(Verb):
        return Verb(kind).label
    if kind in set(Standing):
        return Standing(kind).label
    return _SAID.get(kind, kind)


def _to(recipient: str) -> str:
    return {"role": "同岗位的同事", "unit": "本单位", "person": "您"}.get(recipient.partition(":")[0], "")
