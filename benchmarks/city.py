"""A year of a city's hotline in a database: tickets and their lives, entries, answers, messages, talks, accounts.

It is made on PostgreSQL, and copied row by row where it is wanted in SQLite, so that both hold the same.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Table, TextClause, delete, insert, select, text

from benchmarks.synthetic import Synthetic
from benchmarks.tickets import DISPATCHER, KEYRING, fill, live, prepare, stored_in
from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.store import EntryStore
from service.clock import china_date, now
from service.identity.roles import Actor, Role
from service.migrate import upgrade
from service.storage import Database, metadata
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.ticket import Draft, Kind

UNIT = "unit-20"
"""The unit of whoever works for one."""

TALK = 6
"""The number of a talk that the agent called agent has taken."""

_FILL = Path(__file__).with_name("city_fill.sql")
_AUTHOR = Actor("curator", frozenset({Role.CURATOR}))
_AGENT = Actor("agent", frozenset({Role.AGENT}))
_BATCH = 5000
_UNITS = 90


@dataclass(frozen=True, slots=True)
class City:
    """How much there is of it."""

    tickets: int
    entries: int
    answers: int

    @property
    def groups(self) -> int:
        """Groups of open questions; there are as many test questions, tasks and alarms."""
        return max(40, self.entries // 5)


async def build(url: str, city: City) -> None:
    """Fill an empty PostgreSQL database."""
    await prepare(url)
    await fill(url, 0, city.tickets)
    database = stored_in(url)
    lifecycle = Lifecycle.open(database, KEYRING)
    for _ in range(5):
        await live(lifecycle)
    for _ in range(5):
        await _dispatched(lifecycle)
    await _knowledge(database, city)
    sealed = KEYRING.cipher("conversations").encrypt_text("居住证签注要什么材料")
    values = {"answers": city.answers, "entries": city.entries, "tickets": city.tickets, "gaps": city.groups}
    for part in _FILL.read_text("utf-8").split(";\n"):
        if part.strip():
            statement = text(part)
            known = {name: value for name, value in (values | {"sealed": sealed}).items() if f":{name}" in part}
            await database.write(partial(_fill, statement=statement, values=known))
    await database.write(lambda connection: connection.execute(text("ANALYZE")))
    await database.close()


def _fill(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> None:
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(statement, values)


async def copy(url: str, to: str) -> None:
    """Copy everything from one database into another, which has nothing yet."""
    source, target = stored_in(url), Database(to)
    await upgrade(target)
    for table in metadata.sorted_tables:
        await target.write(partial(Connection.execute, statement=delete(table)))
        await asyncio.to_thread(_copy_table, source, target, table)
    await target.write(lambda connection: connection.execute(text("ANALYZE")))
    await source.close()
    await target.close()


def _copy_table(source: Database, target: Database, table: Table) -> None:
    with source._writer.begin() as connection, target._writer.begin() as writing:
        rows = connection.execution_options(yield_per=_BATCH).execute(select(table)).mappings()
        for some in rows.partitions(_BATCH):
            writing.execute(insert(table), [dict(row) for row in some])


async def _dispatched(lifecycle: Lifecycle) -> None:
    """A ticket that waits with `UNIT`, and one that waits for the dispatcher."""
    for unit in (UNIT, None):
        draft = Draft(
            id=f"{unit}-{now().timestamp()}",
            kind=Kind.COMPLAINT,
            channel="phone",
            conversation="",
            description="阳光小区3号楼电梯坏了半个月，老人上下楼很不方便，物业一直说在等配件。",
            place="阳光小区3号楼",
            name="王女士",
            phone="+8613800138000",
        )
        number = (await lifecycle.submit(_AGENT, draft)).number
        if unit:
            await lifecycle.perform(DISPATCHER, number, Verb.DISPATCH, Given(unit=unit))


async def _knowledge(database: Database, city: City) -> None:
    """Entries of all units, one in ten with a draft, some of them sent to review."""
    base, today = Synthetic(city.entries), china_date(now())
    entries = [
        entry.model_copy(
            update={"issuing_unit": f"第{number % _UNITS}单位", "review_by": None if number % 20 else today}
        )
        for number, entry in enumerate(base.entries())
    ]
    store = EntryStore(database)
    await EntryImports(database, store).put(entries)
    desk = EntryLifecycle(database, store)
    for number, entry in enumerate(entries[::10]):
        draft = await desk.save_draft(_AUTHOR, _changed(entry))
        if number % 3 == 0:
            await desk.submit(_AUTHOR, entry.slug, draft.number)


def _changed(entry: Entry) -> Entry:
    return entry.model_copy(update={"answer": f"自今天起，{entry.answer}"})


SECRET_KEY = base64.b64encode(bytes(range(32))).decode()
"""`KEYRING`'s master key as the settings have it."""
