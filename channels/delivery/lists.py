"""Notices as staff look for them: by what became of them, by way, by day, by ticket. Nothing personal is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from service.clock import china_moment
from service.outbox import Kept, NoticeState, in_state, kept, outbox

COUNTED = 1000
"""Nothing is counted beyond this."""

FEW = frozenset({NoticeState.WAITING, NoticeState.UNDELIVERED})
"""States with an index of their own; all others are looked for within a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices.

    Attributes:
        rung: the way they were tried by last.
        day: in China, on which they were made. Without it, all days are looked through: see `FEW`.
        subject: a ticket's number.
    """

    state: NoticeState | None = None
    rung: str | None = None
    day: date | None = None
    subject: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the rows fulfil."""
        found: list[ColumnElement[bool]] = []
        if self.state is not None:
            found.append(in_state(self.state))
        if self.rung is not None:
            found.append(outbox.c.rung == self.rung)
        if self.subject is not None:
            found.append(outbox.c.subject == self.subject)
        if self.day is not None:
            found.append(outbox.c.created_at >= china_moment(self.day))
            found.append(outbox.c.created_at < china_moment(self.day + timedelta(days=1)))
        return found


def listed(wanted: Wanted, limit: int, before: int | None = None) -> Callable[[Connection], list[Kept]]:
    """A unit of work: notices, the newest first.

    Args:
        before: only those made before the one with this id: how a list goes on.
    """
    statement = select(outbox).where(*wanted.conditions()).order_by(outbox.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(outbox.c.id < before)
    return lambda connection: [kept(row) for row in connection.execute(statement)]


def count(state: NoticeState) -> Callable[[Connection], int]:
    """A unit of work: how many are in one of the states of `FEW`, up to `COUNTED`."""
    some = select(outbox.c.id).where(in_state(state)).limit(COUNTED).subquery()
    return lambda connection: connection.scalar(select(func.count()).select_from(some)) or 0
