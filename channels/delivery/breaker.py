"""A breaker for each way: a service that is down is left alone, tried again now and then, and caught up with slowly.

It is one row in the database, so all workers leave the same service alone and one of them tries it:

    closed ──(failures in a row, or an alarm)──► open ──(its pause is over)──► trial: one notice goes
      ▲                                            ▲                             │        │
      └── catching up, at the allowed rate ◄───────┼──────── it was taken ◄──────┘        │
                                                   └──────── it was refused ◄─────────────┘
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, delete, insert, select, update

from service.outbox import FAILURE_LIMIT, NoticeState, in_state, outbox
from service.storage import Moment, hold, metadata

breakers = Table(
    "delivery_breakers",
    metadata,
    Column("rung", String(20), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("openings", Integer, nullable=False),  # in a row
    Column("changed_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),  # when the next notice may go
    Column("reason", Text),
)

FAILURES = 5
"""So many in a row open a breaker; an alarm opens it at once."""

_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=5)
_TRIAL = timedelta(minutes=1)  # a trial nobody hears of is over then: its worker was killed
_CAUGHT_UP = timedelta(seconds=5)  # nobody has waited for so long


class BreakerState(StrEnum):
    """How a breaker stands; one without a row is closed."""

    CLOSED = "closed"
    OPEN = "open"
    TRIAL = "trial"
    CATCHING_UP = "catching_up"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    BreakerState.CLOSED: "正常",
    BreakerState.OPEN: "暂停",
    BreakerState.TRIAL: "正在试",
    BreakerState.CATCHING_UP: "恢复了，正在补发",
}


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a way stands.

    Attributes:
        next_at: when the next notice may go.
        reason: why it was opened, for staff.
    """

    rung: str
    state: BreakerState
    failures: int
    openings: int
    changed_at: datetime
    next_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a notice may go now.

    Attributes:
        until: when to ask again; None: now.
        slot: whether that moment is kept for it.
        reason: why not, for staff.
    """

    until: datetime | None = None
    slot: bool = False
    reason: str = ""


PASS = Gate()


def all_breakers(connection: Connection) -> dict[str, Breaker]:
    """A unit of work: the ways that are or lately were in trouble."""
    return {row.rung: _breaker(row) for row in connection.execute(select(breakers))}


def ask(rung: str, slot_at: datetime | None, per_second: float, at: datetime) -> Callable[[Connection], Gate]:
    """A unit of work: whether a notice may go by this way now.

    Args:
        slot_at: the moment that was kept for the notice.
        per_second: how many may go while what has waited is caught up with.
    """

    def work(connection: Connection) -> Gate:
        hold(connection, f"breaker {rung}")
        row = connection.execute(select(breakers).where(breakers.c.rung == rung)).one_or_none()
        return PASS if row is None else _ask(connection, _breaker(row), slot_at, per_second, at)

    return work


def _ask(connection: Connection, breaker: Breaker, slot_at: datetime | None, per_second: float, at: datetime) -> Gate:
    if breaker.state in (BreakerState.OPEN, BreakerState.TRIAL):
        if at < breaker.next_at:
            return Gate(breaker.next_at, reason=breaker.reason or "")
        _set(connection, breaker.rung, state=BreakerState.TRIAL, next_at=at + _TRIAL)
        return PASS
    if breaker.state is BreakerState.CATCHING_UP:
        if slot_at is not None and slot_at <= at:
            return PASS
        if at - breaker.next_at > _CAUGHT_UP:
            connection.execute(delete(breakers).where(breakers.c.rung == breaker.rung))
            return PASS
        turn = max(breaker.next_at, at)
        _set(connection, breaker.rung, next_at=turn + timedelta(seconds=1 / per_second))
        return PASS if turn == at else Gate(turn, slot=True, reason="服务恢复了，正按顺序补发")
    return PASS


def succeeded_within(connection: Connection, rung: str, at: datetime) -> None:
    """A notice was taken."""
    hold(connection, f"breaker {rung}")
    row = connection.execute(select(breakers).where(breakers.c.rung == rung)).one_or_none()
    if row is None:
        return
    if row.state == BreakerState.CLOSED:
        connection.execute(delete(breakers).where(breakers.c.rung == rung))
    elif row.state in (BreakerState.OPEN, BreakerState.TRIAL):
        _set(connection, rung, state=BreakerState.CATCHING_UP, failures=0, changed_at=at, next_at=at)
        _wake(connection, rung, at, row.next_at)
    elif row.failures or row.openings:
        _set(connection, rung, failures=0, openings=0)


def failed_within(connection: Connection, rung: str, reason: str, at: datetime, *, alarm: bool) -> bool:
    """A notice was not taken, through no fault of its own; whether that has shut a way that was open.

    Args:
        alarm: the account or its settings: nothing will be taken until somebody mends it.
    """
    hold(connection, f"breaker {rung}")
    row = connection.execute(select(breakers).where(breakers.c.rung == rung)).one_or_none()
    if row is None:
        first = {"rung": rung, "state": BreakerState.CLOSED.value, "failures": 0, "openings": 0}
        connection.execute(insert(breakers).values(first | {"changed_at": at, "next_at": at}))
    failures = (0 if row is None else row.failures) + 1
    openings = 0 if row is None else row.openings
    on_trial = row is not None and row.state == BreakerState.TRIAL
    values: dict[str, Any] = {"failures": failures, "reason": reason[:FAILURE_LIMIT]}
    opens = (alarm or on_trial or failures >= FAILURES) and (row is None or row.state != BreakerState.OPEN)
    if opens:
        pause = min(_FIRST_PAUSE * 2 ** min(openings, 10), _LONGEST_PAUSE)
        values |= {"state": BreakerState.OPEN, "openings": openings + 1, "changed_at": at, "next_at": at + pause}
    _set(connection, rung, **values)
    return opens and not on_trial


def _wake(connection: Connection, rung: str, at: datetime, until: datetime) -> None:
    """Have those that were told to wait for the trial's end looked at now, in the order of their making."""
    waits = in_state(NoticeState.WAITING) & (outbox.c.rung == rung) & outbox.c.holder.is_(None)
    soon = (outbox.c.due_at > at) & (outbox.c.due_at <= until)
    connection.execute(update(outbox).where(waits, soon).values(due_at=at))


def close(rung: str) -> Callable[[Connection], bool]:
    """A unit of work: staff have mended it, notices may go at once; False when it was not open."""
    return lambda connection: connection.execute(delete(breakers).where(breakers.c.rung == rung)).rowcount == 1


def _set(connection: Connection, rung: str, **values: Any) -> None:
    connection.execute(update(breakers).where(breakers.c.rung == rung).values(values))


def _breaker(row: Row[Any]) -> Breaker:
    held = dict(row._mapping)
    return Breaker(**(held | {"state": BreakerState(held["state"])}))
