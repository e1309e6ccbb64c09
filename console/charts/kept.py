"""Charts that were worked out a short while ago: a long period takes seconds, and several people look at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.charts.chart import Chart
from console.charts.figures import Scope
from service.clock import Clock

_KEPT = timedelta(minutes=5)
_MOST = 50


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """Charts, and the moment they tell of."""

    charts: list[Chart]
    at: datetime


@dataclass(slots=True)
class KeptCharts:
    """Charts by scope; each is worked out once, however many ask meanwhile."""

    clock: Clock
    _kept: dict[Scope, tuple[datetime, asyncio.Task[WorkedOut]]] = field(default_factory=dict)

    async def get(
        self, scope: Scope, work: Callable[[datetime], Awaitable[list[Chart]]], patience: float
    ) -> WorkedOut | None:
        """The charts of a scope; None while they are still worked out.

        Args:
            work: works them out as of a moment.
            patience: seconds to wait.
        """
        at = self.clock()
        begun, task = self._kept.get(scope, (at, None))
        if task is None or at - begun >= _KEPT or (task.done() and task.exception() is not None):
            task = asyncio.create_task(self._work_out(work, at))
            self._kept.pop(scope, None)
            self._kept[scope] = at, task
            if len(self._kept) > _MOST:
                self._kept.pop(next(iter(self._kept)))
        await asyncio.wait({task}, timeout=patience)
        return task.result() if task.done() else None

    @staticmethod
    async def _work_out(work: Callable[[datetime], Awaitable[list[Chart]]], at: datetime) -> WorkedOut:
        return WorkedOut(await work(at), at)
