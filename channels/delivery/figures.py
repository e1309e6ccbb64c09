"""Figures of delivery for Prometheus, read from the database: they are those of all workers together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Gauge
from sqlalchemy import Connection, func, select

from channels.delivery.attempts import attempts
from channels.delivery.breaker import BreakerState, all_breakers
from service.outbox import NoticeState, in_state, outbox

_RECENT = timedelta(hours=1)

_waiting = Gauge("ltb_notices_waiting", "Notices that are due and not delivered yet")
_oldest = Gauge("ltb_notices_oldest_seconds", "How long the oldest of them has been kept")
_recent = Gauge("ltb_delivery_attempts_last_hour", "Attempts begun within the last hour", ["way", "state"])
_shut = Gauge("ltb_delivery_way_shut", "1 while a way is left alone, 0.5 while it is tried or caught up with", ["way"])
_SHUT = {BreakerState.CLOSED: 0.0, BreakerState.OPEN: 1.0, BreakerState.TRIAL: 0.5, BreakerState.CATCHING_UP: 0.5}


@dataclass(frozen=True, slots=True)
class Figures:
    """How delivery stands.

    Attributes:
        recent: attempts of the last hour by way and state.
        shut: by way, see `_SHUT`.
    """

    waiting: int
    oldest: timedelta
    recent: dict[tuple[str, str], int]
    shut: dict[str, float]


def read_figures(at: datetime) -> Callable[[Connection], Figures]:
    """A unit of work: how delivery stands."""
    waits = in_state(NoticeState.WAITING) & (outbox.c.due_at <= at)
    late = select(func.count(), func.min(outbox.c.created_at)).where(waits)
    grouped = (
        select(attempts.c.rung, attempts.c.state, func.count())
        .where(attempts.c.started_at > at - _RECENT)
        .group_by(attempts.c.rung, attempts.c.state)
    )

    def read(connection: Connection) -> Figures:
        waiting, first = connection.execute(late).one()
        recent = {(rung, state): count for rung, state, count in connection.execute(grouped)}
        shut = {rung: _SHUT[breaker.state] for rung, breaker in all_breakers(connection).items()}
        return Figures(waiting, timedelta() if first is None else at - first, recent, shut)

    return read


def show(figures: Figures) -> None:
    """Put them where `/metrics` reads."""
    _waiting.set(figures.waiting)
    _oldest.set(figures.oldest.total_seconds())
    _recent.clear()
    _shut.clear()
    for (rung, state), count in figures.recent.items():
        _recent.labels(rung, state).set(count)
    for rung, value in figures.shut.items():
        _shut.labels(rung).set(value)
