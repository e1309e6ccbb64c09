"""SQLite: units of work that wait at the same moment share one transaction, and so one wait for the disk.

SQLite has one writer at a time, and a commit takes as long as the disk needs to confirm it, which is longer than most
units compute. Each unit is kept or undone for itself (a savepoint), and nobody is told of a result before all is
confirmed.

Processes take turns by a lock on a file beside the database: SQLite itself lets who waits for another process sleep
and look again, so a busy neighbour could be waited for a second and longer. Whoever dies gives the lock back.
"""

import fcntl
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

Unit = tuple[Callable[[Connection], Any], "Future[Any]"]

_AT_MOST = 32  # units; the first of them wait for the last


class GroupCommit:
    """The one writing thread of a process."""

    def __init__(self, engine: Engine, turns: Path | None) -> None:
        """With the engine to write with.

        Args:
            turns: the file processes take turns by; None: no other process has this database.
        """
        self._engine = engine
        self._turns = None if turns is None else turns.open("ab")
        self._waiting: deque[Unit] = deque()
        self._thread = ThreadPoolExecutor(1, "database-write")

    def submit(self, work: Callable[[Connection], Any]) -> "Future[Any]":
        """Have a unit of work carried out; its result, once that is on the disk."""
        future: Future[Any] = Future()
        self._waiting.append((work, future))
        self._thread.submit(self._write)
        return future

    def close(self) -> None:
        """Let what waits come to its end."""
        self._thread.shutdown()
        if self._turns is not None:
            self._turns.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        fcntl.flock(self._turns, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turns, fcntl.LOCK_UN)

    def _write(self) -> None:
        """Carry out what waits; nothing is left where the call before this one took it along."""
        units = self._taken(_AT_MOST)
        if not units:
            return
        try:
            with self._turn():
                units += self._taken(_AT_MOST - len(units))  # what came while another process wrote
                with self._engine.begin() as connection:
                    results = [work(connection) for work, _ in units] if len(units) == 1 else _each(connection, units)
        except BaseException as error:  # noqa: BLE001  # each caller gets it
            for _, future in units:
                future.set_exception(error)
            return
        for (_, future), result in zip(units, results, strict=True):
            if isinstance(result, _Failed):
                future.set_exception(result.error)
            else:
                future.set_result(result)

    def _taken(self, at_most: int) -> list[Unit]:
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), at_most))]
        return [unit for unit in taken if unit[1].set_running_or_notify_cancel()]


class _Failed:
    """A unit that raised: nothing of it is kept."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _each(connection: Connection, units: list[Unit]) -> list[Any]:
    results: list[Any] = []
    for work, _ in units:
        try:
            with connection.begin_nested():
                results.append(work(connection))
        except Exception as error:  # noqa: BLE001  # its caller gets it
            results.append(_Failed(error))
    return results
