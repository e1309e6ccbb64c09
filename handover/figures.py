"""How long citizens waited for a person: the figures of a bulletin."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, select

from handover.tables import handovers
from handover.talk import Ending


@dataclass(frozen=True, slots=True)
class WaitingFigures:
    """Hand-overs asked for within a time.

    Attributes:
        asked: how many.
        answered: how many a person spoke to.
        within_promise: how many of those in time, from asking to the person's first words.
        endings: how many ended how; those still open are missing.
        median, longest, ninetieth: of the waiting times of those who were answered; None if nobody was.
    """

    asked: int
    answered: int
    within_promise: int
    endings: Mapping[Ending, int]
    channels: Mapping[str, int]
    median: timedelta | None
    ninetieth: timedelta | None
    longest: timedelta | None

    @property
    def promise_kept(self) -> float | None:
        """Share of all who asked that heard a person in time; who gave up or found nobody did not."""
        return self.within_promise / self.asked if self.asked else None


def waiting_figures(since: datetime, until: datetime, promise: timedelta) -> Callable[[Connection], WaitingFigures]:
    """A unit of work: the figures of hand-overs asked for from `since` until before `until`."""
    columns = (handovers.c.channel, handovers.c.asked_at, handovers.c.first_answer_at, handovers.c.ending)
    statement = select(*columns).where(handovers.c.asked_at >= since, handovers.c.asked_at < until)

    def work(connection: Connection) -> WaitingFigures:
        rows = connection.execute(statement).all()
        waits = sorted(row.first_answer_at - row.asked_at for row in rows if row.first_answer_at)
        return WaitingFigures(
            asked=len(rows),
            answered=len(waits),
            within_promise=sum(wait <= promise for wait in waits),
            endings=Counter(Ending(row.ending) for row in rows if row.ending),
            channels=Counter(row.channel for row in rows),
            median=_rank(waits, 0.5),
            ninetieth=_rank(waits, 0.9),
            longest=waits[-1] if waits else None,
        )

    return work


def _rank(waits: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest wait that at least this share did not exceed."""
    return waits[ceil(share * len(waits)) - 1] if waits else None
