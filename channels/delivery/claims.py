"""Who carries which notice: a claim holds it for a time, so that what a killed worker had is taken over by another.

Every later word about a notice names the claim. Who has lost it (the time was over, staff cancelled, a receipt came)
changes nothing any more.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from service.outbox import FAILURE_LIMIT, Kept, NoticeState, in_state, kept, outbox

_waiting = in_state(NoticeState.WAITING)


class ClaimLost(Exception):
    """The notice is another's by now, or has come to its end."""


def claim(holder: str, at: datetime, lease: timedelta, limit: int) -> Callable[[Connection], list[int]]:
    """A unit of work: take what is due, the longest waiting first; the ids.

    Of one ticket and one recipient only the first that is still waiting can be taken: that keeps their order.
    """
    before = outbox.alias()
    first = ~(
        select(before.c.id)
        .where(before.c.subject == outbox.c.subject, before.c.conversation == outbox.c.conversation)
        .where(in_state(NoticeState.WAITING, before), before.c.id < outbox.c.id)
        .exists()
    )
    due = (
        select(outbox.c.id)
        .where(_waiting, outbox.c.due_at <= at, first)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )

    def work(connection: Connection) -> list[int]:
        ids = list(connection.scalars(due))
        if ids:
            taken = update(outbox).where(outbox.c.id.in_(ids)).values(holder=holder, due_at=at + lease)
            connection.execute(taken)
        return ids

    return work


def held(at: datetime, lease: timedelta) -> Callable[[Connection], int]:
    """A unit of work: how many notices are claimed at the moment, by all workers."""
    out = outbox.c.holder.is_not(None) & (outbox.c.due_at > at) & (outbox.c.due_at <= at + lease)
    return lambda connection: connection.execute(
        select(func.count()).select_from(outbox).where(_waiting, out)
    ).scalar_one()


def claimed(holder: str, ids: Sequence[int], at: datetime) -> Callable[[Connection], list[Kept]]:
    """A unit of work: those of these notices that are still held by this claim, in the order of their making."""
    mine = outbox.c.id.in_(ids) & _waiting & (outbox.c.holder == holder) & (outbox.c.due_at > at)
    statement = select(outbox).where(mine).order_by(outbox.c.id)
    return lambda connection: [kept(row) for row in connection.execute(statement)]


def prolong_within(connection: Connection, notice: int, holder: str, until: datetime, **values: Any) -> None:
    """Hold a notice longer, and set columns of it.

    Raises:
        ClaimLost: see there.
    """
    _set(connection, notice, holder, {"due_at": until} | values)


def put_off_within(
    connection: Connection, notice: int, holder: str, until: datetime, failure: str | None, **values: Any
) -> None:
    """Give a notice back, to be looked at again later.

    Raises:
        ClaimLost: see there.
    """
    _set(connection, notice, holder, {"due_at": until, "holder": None, "failure": _short(failure)} | values)


def end_within(
    connection: Connection, notice: int, holder: str, state: NoticeState, failure: str | None, at: datetime
) -> None:
    """Nothing more is done about a notice.

    Raises:
        ClaimLost: see there.
    """
    values: dict[str, Any] = {"state": state.value, "holder": None, "failure": _short(failure), "slot_at": None}
    if state is NoticeState.SENT:
        values["sent_at"] = at
    _set(connection, notice, holder, values)


def _set(connection: Connection, notice: int, holder: str, values: dict[str, Any]) -> None:
    mine: ColumnElement[bool] = (outbox.c.id == notice) & _waiting & (outbox.c.holder == holder)
    if connection.execute(update(outbox).where(mine).values(values)).rowcount != 1:
        raise ClaimLost


def _short(failure: str | None) -> str | None:
    return failure and failure[:FAILURE_LIMIT]
