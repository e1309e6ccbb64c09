"""Long work that somebody waits for: an import, an export. It runs in this process, its progress is read from any.

A job is told by a row, so a page that polls finds it behind every process. A process that dies takes its jobs along;
whoever waits sees that no sign of life comes any more. What a job does must be safe against that by itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, String, Table, delete, insert, select, update

from service.clock import Clock
from service.storage import Database, Moment, metadata

_log = logging.getLogger(__name__)

jobs = Table(
    "jobs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("owner", String(64), nullable=False),
    Column("title", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("share", Float, nullable=False),
    Column("message", String(500), nullable=False),
    Column("link", String(300), nullable=False),  # where the result is, below /console
    Column("started_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False, index=True),  # the last sign of life
)

Tell = Callable[[float], None]
"""Given the share that is done, from 0 to 1; from any thread, as often as one likes."""

_TOLD_EVERY = 1.0  # seconds
_SILENT_AFTER = timedelta(seconds=60)
_KEPT = timedelta(days=7)
_BROKEN = "中途断了（服务重启过），没有做完，请重新来一次。"
_FAILED = "这边出了点问题，没有做完，请再试一次；还不行，请把时间告诉系统管理员。"


class State(StrEnum):
    """What has become of a job."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended well.

    Attributes:
        link: where to look at it, below /console; empty: nowhere.
    """

    message: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as whoever waits for it sees it."""

    id: int
    title: str
    state: State
    share: float
    message: str
    link: str
    started_at: datetime


class JobRefused(Exception):
    """The job cannot be done; the message says why, in Chinese."""


class Jobs:
    """Starts jobs and tells of them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, owner: str, title: str, work: Callable[[Tell], Awaitable[Outcome]]) -> int:
        """Begin a job and leave it running; its number."""
        at = self._clock()
        row = {"owner": owner, "title": title, "state": State.RUNNING, "share": 0.0, "message": "", "link": ""}
        beginning = insert(jobs).values(**row, started_at=at, told_at=at).returning(jobs.c.id)
        number: int = await self._database.write(lambda connection: connection.execute(beginning).scalar_one())
        task = asyncio.create_task(self._run(number, title, work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return number

    async def of(self, owner: str, number: int) -> Job | None:
        """A job of somebody; nobody sees another's."""
        statement = select(jobs).where(jobs.c.id == number, jobs.c.owner == owner)
        row = await self._database.read(lambda connection: connection.execute(statement).one_or_none())
        if row is None:
            return None
        state, message = State(row.state), row.message
        if state is State.RUNNING and self._clock() - row.told_at > _SILENT_AFTER:
            state, message = State.FAILED, _BROKEN
        return Job(row.id, row.title, state, row.share, message, row.link, row.started_at)

    async def close(self) -> None:
        """End what still runs; whoever waits is told."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, number: int, title: str, work: Callable[[Tell], Awaitable[Outcome]]) -> None:
        share = 0.0

        def tell(done: float) -> None:
            nonlocal share
            share = min(max(done, 0.0), 1.0)

        async def report() -> None:
            while True:
                await asyncio.sleep(_TOLD_EVERY)
                await self._note(number, share=share)

        reporting = asyncio.create_task(report())
        ended: dict[str, object] = {"state": State.FAILED, "message": _BROKEN}
        try:
            outcome = await work(tell)
            told = {"share": 1.0, "message": outcome.message[:500], "link": outcome.link}
            ended = {"state": State.DONE, **told}
        except JobRefused as refused:
            ended["message"] = str(refused)[:500]
        except Exception:  # noqa: BLE001  # whoever waits has to be told
            _log.exception("the job %r failed", title)
            ended["message"] = _FAILED
        finally:
            reporting.cancel()
            with suppress(asyncio.CancelledError):
                await reporting
            await self._note(number, **ended)

    async def _note(self, number: int, **values: object) -> None:
        noting = update(jobs).where(jobs.c.id == number).values(told_at=self._clock(), **values)
        await self._database.write(lambda connection: connection.execute(noting))


def forget_within(connection: Connection, at: datetime) -> int:
    """Delete what is told of jobs that ended a week ago; how many."""
    return connection.execute(delete(jobs).where(jobs.c.told_at < at - _KEPT)).rowcount
