"""Watches over the time of open tickets: warnings, supervision, pauses at their limit. No ticket is left alone.

A ticket's row says when it has to be looked at next (`check_at`), so a look costs what is due and not what is open.
Whoever looks holds the row; two processes never say the same twice, and what a crash interrupts is looked at again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from service.identity.roles import Role
from service.inbox import put_within as tell_staff
from service.inbox import to_person, to_role, to_unit
from tickets.deadlines.standing import Standing
from tickets.deadlines.terms import Term
from tickets.deadlines.timetable import Timetable
from tickets.deadlines.watch import ClockTurned, PauseOver, RungDue, due_now, next_check
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.parties import PROGRAM
from tickets.records import ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.states import OPEN, State
from tickets.tables import tickets
from tickets.ticket import Ticket
from tickets.watching import watched

_log = logging.getLogger(__name__)

_AT_ONCE = 40  # a transaction: whoever writes meanwhile waits for it in SQLite
_TOLD = 20  # keys kept of what was said: more than the clocks of a ticket can say before they change
_LOOK_AGAIN = timedelta(days=1)
_LOOK_AGAIN_AFTER_FAILURE = timedelta(hours=1)

_KEEP = update(tickets).where(tickets.c.id == bindparam("looked_at"), tickets.c.state.in_(sorted(OPEN)))
"""What a look found, of a ticket that is still open; made once, as making it costs as much as running it."""

_HOTLINE_STEPS = {
    Term.DISPATCH: Role.DISPATCHER,
    Term.DECIDE: Role.DISPATCHER,
    Term.INVESTIGATE: Role.DISPATCHER,
    Term.CHECK: Role.AGENT,
    Term.CALLBACK: Role.AGENT,
}
"""Steps the hotline itself has to do, and whose they are."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at the tickets whose time has come."""

    lifecycle: Lifecycle

    async def run(self) -> int:
        """Look at all that is due; how many tickets were looked at."""
        looked = 0
        while found := await self.lifecycle.database.write(self._look_at_some):
            looked += found
            if found < _AT_ONCE:
                break
        return looked

    def _look_at_some(self, connection: Connection) -> int:
        at = self.lifecycle.clock()
        timetable = self.lifecycle.time.timetable_within(connection, at)
        due = tickets.c.state.in_(sorted(OPEN)) & (tickets.c.check_at <= at)
        statement = select(tickets).where(due).order_by(tickets.c.check_at).limit(_AT_ONCE)
        rows = connection.execute(statement.with_for_update(skip_locked=True)).all()
        for row in rows:
            self._look_at(connection, row, timetable, at)
        return len(rows)

    def _look_at(self, connection: Connection, row: Row[Any], timetable: Timetable, at: datetime) -> None:
        """Look at one ticket; what goes wrong with it is told to operators and holds up no other."""
        try:
            with connection.begin_nested():
                self._look(connection, row, timetable, at)
        except Exception:  # noqa: BLE001  # it is logged, and looked at again
            _log.exception("ticket %s could not be looked at; again in %s", row.number, _LOOK_AGAIN_AFTER_FAILURE)
            later = {"check_at": at + _LOOK_AGAIN_AFTER_FAILURE}
            connection.execute(update(tickets).where(tickets.c.id == row.id).values(later))

    def _look(self, connection: Connection, row: Row[Any], timetable: Timetable, at: datetime) -> None:
        ticket = ticket_of(row, self.lifecycle.cipher)
        kept = row.watch or {}
        look = watched(ticket, kept)
        told, rungs = list(kept.get("told", ())), list(kept.get("rungs", ()))
        moved = False
        for due in list(due_now([look], at, timetable)):
            if isinstance(due, ClockTurned):
                if due.key not in told:
                    tell_staff(connection, _recipients(due, ticket), due.standing, ticket.number, at)
                    told.append(due.key)
                moved |= self._lapse(connection, ticket, due)
            elif isinstance(due, PauseOver):
                moved = moved or self._resume(connection, ticket)  # all its clocks at once
            elif not moved:
                self._supervise(connection, ticket, due)
                rungs.append([due.rung.key, at.isoformat()])
                look = watched(ticket, {"rungs": rungs})
        # What was moved is looked at once more, as it stands then.
        again = at if moved else next_check(look, at, timetable) or at + _LOOK_AGAIN
        values = {"watch": {"told": told[-_TOLD:], "rungs": rungs}, "check_at": again}
        connection.execute(_KEEP, values | {"looked_at": ticket.id})

    def _resume(self, connection: Connection, ticket: Ticket) -> bool:
        if ticket.state is not State.SUSPENDED:
            return False
        self.lifecycle.unit_of_work(PROGRAM, ticket.number, Verb.RESUME, Given())(connection)
        return True

    def _lapse(self, connection: Connection, ticket: Ticket, due: ClockTurned) -> bool:
        """Nobody answered when asked whether it is solved, and the time to ask is over."""
        if ticket.state is not State.CALLBACK or due.term is not Term.CALLBACK or not due.standing.is_overdue:
            return False
        try:
            self.lifecycle.unit_of_work(PROGRAM, ticket.number, Verb.LAPSE, Given())(connection)
        except MoveNotAllowed:  # somebody has to call first
            return False
        return True

    def _supervise(self, connection: Connection, ticket: Ticket, due: RungDue) -> None:
        why = "连续多日没有动静" if due.silent else "已超过期限"
        given = Given(level=due.rung.key, reason=f"{why}，{due.rung.name}")
        self.lifecycle.unit_of_work(PROGRAM, ticket.number, Verb.SUPERVISE, given)(connection)


def _recipients(due: ClockTurned, ticket: Ticket) -> Iterable[str]:
    role = _HOTLINE_STEPS.get(due.term)
    unit = ticket.called or ticket.lead
    if role is not None:
        yield to_role(role)
    elif unit is not None:
        yield to_unit(unit)
        if ticket.handler:
            yield to_person(ticket.handler)
    else:
        yield to_role(Role.DISPATCHER)
    if due.standing.is_overdue or (due.standing is Standing.RED and due.term is Term.PROMISE):
        yield to_role(Role.SUPERVISOR)
