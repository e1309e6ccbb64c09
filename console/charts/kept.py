"""Figures that were worked out a short while ago: a long period takes seconds, and several people look at once."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from console.charts.chart import Chart
from console.charts.figures import Scope
from service.clock import Clock
from tickets.indicators.measure import Rates
from tickets.indicators.period import Period

_KEPT = timedelta(minutes=5)
_MOST = 50

Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class WorkedOut(Generic[Found]):
    """Figures, and the moment they tell of."""

    figures: Found
    at: datetime


Work = Callable[[datetime], Coroutine[Any, Any, WorkedOut[Found]]]
"""Works figures out as of a moment."""


@dataclass(slots=True)
class Kept(Generic[Key, Found]):
    """Figures by what they are of; each is worked out once, however many ask meanwhile."""

    clock: Clock
    _kept: dict[Key, tuple[datetime, asyncio.Task[WorkedOut[Found]]]] = field(default_factory=dict)

    async def get(self, key: Key, work: Work[Found]) -> WorkedOut[Found]:
        """The figures, once they are there."""
        task = self._task(key, work)
        await asyncio.wait({task})
        return task.result()

    async def within(self, seconds: float, key: Key, work: Work[Found]) -> WorkedOut[Found] | None:
        """The figures; None while they are still worked out after so many seconds."""
        task = self._task(key, work)
        await asyncio.wait({task}, timeout=seconds)
        return task.result() if task.done() else None

    def _task(self, key: Key, work: Work[Found]) -> asyncio.Task[WorkedOut[Found]]:
        at = self.clock()
        begun, task = self._kept.get(key, (at, None))
        if task is None or at - begun >= _KEPT or (task.done() and task.exception() is not None):
            task = asyncio.create_task(work(at))
            self._kept.pop(key, None)
            self._kept[key] = at, task
            if len(self._kept) > _MOST:
                self._kept.pop(next(iter(self._kept)))
        return task


class KeptCharts:
    """Charts by whose they are.

    Attributes:
        rates: of all units, by period: to work out one unit's takes as long, and every head of a unit looks.
    """

    def __init__(self, clock: Clock) -> None:
        self.charts: Kept[Scope, list[Chart]] = Kept(clock)
        self.rates: Kept[Period, dict[str | None, Rates]] = Kept(clock)
