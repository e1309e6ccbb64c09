"""Alarms (预警): who takes care, and what was done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import Connection, select

from console.addresses import id_of
from console.forms import Form
from console.refusal import changed_meanwhile
from console.visit import Visit
from tickets.alarms.alarm import Grade
from tickets.alarms.store import (
    AlarmRefused,
    ClosedAlarm,
    OpenAlarm,
    acknowledge_within,
    close_within,
    closed_alarms,
    open_alarms,
)
from tickets.tables import tickets

_GRADES = {Grade.NOTICE: "plain", Grade.WARNING: "warn", Grade.URGENT: "bad"}
"""The badge of a grade."""

_OUTCOME_LIMIT = 500
_PAGE = 50
_SHOWN = 8  # numbers of tickets behind an alarm


@dataclass(frozen=True, slots=True)
class Shown:
    """An alarm with the numbers of the newest tickets behind it."""

    alarm: OpenAlarm | ClosedAlarm
    numbers: list[str]
    more: int


async def show_alarms(visit: Visit) -> web.Response:
    """The alarms told to somebody, the gravest first; or those that were closed, the newest first."""
    return await (_closed_page(visit) if "closed" in visit.query else _page(visit, Form()))


async def acknowledge(visit: Visit) -> web.Response:
    """Somebody takes care."""
    number, at = _number_in(visit), visit.now
    await _do(visit, lambda connection: acknowledge_within(connection, visit.actor, number, at))
    return visit.go("/alarms", "已记下由您处理；处理完请写一句怎么处理的，再关闭。")


async def close(visit: Visit) -> web.Response:
    """It has been dealt with."""
    number, at, form = _number_in(visit), visit.now, await visit.form()
    outcome = form.text("outcome", missing="请写一句怎么处理的，再关闭预警。", limit=_OUTCOME_LIMIT)
    if not form.ok:
        return await _page(visit, form, number, status=422)
    cipher = visit.office.desk.lifecycle.cipher
    await _do(visit, lambda connection: close_within(connection, cipher, visit.actor, number, outcome, at))
    return visit.go("/alarms", "预警已关闭，处理情况记下了。")


async def _page(visit: Visit, form: Form, closing: int = 0, status: int = 200) -> web.Response:
    closing = closing or id_of(visit.query.get("close", "")) or 0
    found = open_alarms(visit.actor)
    shown = await visit.office.database.read(lambda connection: _with_numbers(connection, found(connection)))
    return visit.page("tickets/alarms.html", status=status, form=form, alarms=shown, closing=closing, grades=_GRADES)


async def _closed_page(visit: Visit) -> web.Response:
    before = id_of(visit.query.get("after", ""))
    found = closed_alarms(visit.actor, visit.office.desk.lifecycle.cipher, limit=_PAGE + 1, before=before)
    every = await visit.office.database.read(lambda connection: _with_numbers(connection, found(connection)))
    shown, later = visit.paged(every, _PAGE, lambda each: each.alarm.id)
    return visit.page("tickets/closed_alarms.html", alarms=shown, later=later, grades=_GRADES)


def _with_numbers(connection: Connection, found: Sequence[OpenAlarm | ClosedAlarm]) -> list[Shown]:
    newest = {alarm.id: sorted(alarm.tickets)[-_SHOWN:] for alarm in found}
    behind = {ticket for some in newest.values() for ticket in some}
    statement = select(tickets.c.id, tickets.c.number).where(tickets.c.id.in_(behind))
    numbers = {row.id: row.number for row in connection.execute(statement)}
    return [
        Shown(alarm, [numbers[each] for each in reversed(newest[alarm.id])], max(0, len(alarm.tickets) - _SHOWN))
        for alarm in found
    ]


def _number_in(visit: Visit) -> int:
    return id_of(visit.match["alarm"]) or 0


async def _do(visit: Visit, deed: Callable[[Connection], None]) -> None:
    try:
        await visit.office.database.write(deed)
    except AlarmRefused as refused:
        raise changed_meanwhile(str(refused)) from refused
