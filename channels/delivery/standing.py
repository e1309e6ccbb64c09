"""How each way to citizens stands: open or shut, what waits for it, what came of today's attempts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from channels.delivery.attempts import AttemptState, attempts
from channels.delivery.breaker import Breaker, all_breakers
from channels.delivery.ladder import RUNG_LABELS
from service.clock import china_date, china_moment
from service.outbox import NoticeState, in_state, outbox


@dataclass(frozen=True, slots=True)
class Way:
    """How one way stands.

    Attributes:
        is_set_up: whether this installation has it.
        breaker: of one that is or lately was in trouble.
        waiting: notices that have come to it and are not through.
        today: attempts since midnight in China, by what came of them.
    """

    rung: str
    label: str
    is_set_up: bool
    breaker: Breaker | None
    waiting: int
    today: Mapping[AttemptState, int]


def ways(at: datetime, set_up: Collection[str]) -> Callable[[Connection], list[Way]]:
    """A unit of work: every way, in the order of the ladders.

    Args:
        set_up: the ways this installation has.
    """
    waits = select(outbox.c.rung, func.count()).where(in_state(NoticeState.WAITING)).group_by(outbox.c.rung)
    tried = (
        select(attempts.c.rung, attempts.c.state, func.count())
        .where(attempts.c.started_at >= china_moment(china_date(at)))
        .group_by(attempts.c.rung, attempts.c.state)
    )

    def read(connection: Connection) -> list[Way]:
        waiting: dict[str | None, int] = dict(connection.execute(waits).tuples().all())
        today: dict[str, dict[AttemptState, int]] = {}
        for rung, state, number in connection.execute(tried):
            today.setdefault(rung, {})[AttemptState(state)] = number
        shut = all_breakers(connection)
        return [
            Way(rung, label, rung in set_up, shut.get(rung), waiting.get(rung, 0), today.get(rung, {}))
            for rung, label in RUNG_LABELS.items()
        ]

    return read
