"""The database: SQLite or PostgreSQL behind one door.

A unit of work is a plain function of a connection. `Database.write(work)` runs it as one durable
transaction, `Database.read(work)` on what is committed; both in a thread, which costs one switch a
unit, where an asynchronous driver pays several a statement. As the function cannot await, no
transaction stays open while something outside is waited for.
Tables are declared beside the code they belong to, on the one `metadata` here.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, DateTime, Engine, MetaData, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from service.group_commit import GroupCommit
from service.liveness import check_doubtful

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Result = TypeVar("Result")

_BUSY_SECONDS = 15
_STATEMENT_SECONDS = 30
_THREADS = 8
_LAST = "before_commit"


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite forgets the zone; this gives it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: their meaning depends on the machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a stored moment needs a time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The stored moment, in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Database:
    """Connections to the one database of this installation."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        # What a statement is given may be somebody's words or phone: an error must not carry it into a log.
        options: dict[str, Any] = {"pool_size": _THREADS, "max_overflow": 0, "hide_parameters": True}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": _BUSY_SECONDS}
        else:
            timeout = f"-c statement_timeout={_STATEMENT_SECONDS}s"
            options["connect_args"] = {"connect_timeout": 10, "options": timeout}
        self._writer = create_engine(url, **options)
        # What only reads needs no transaction, hence nothing to begin and to roll back.
        self._reader = create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
        if self.is_sqlite:
            event.listen(self._writer, "connect", _prepare_sqlite)
            event.listen(self._writer, "begin", _begin_immediate)
        else:
            check_doubtful(self._writer)
            check_doubtful(self._reader)
        # SQLite has one writer at a time: one thread makes the others queue instead of sleeping on its lock.
        self._together = GroupCommit(self._writer, _beside(self._writer)) if self.is_sqlite else None
        self._writing = ThreadPoolExecutor(_THREADS, "database-write")
        self._reading = ThreadPoolExecutor(_THREADS, "database-read")

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run a unit of work as one transaction: committed when it returns, rolled back when it raises.

        It goes on to its end when the caller is cancelled.
        """

        def unit(connection: Connection) -> Result:
            last: list[Callable[[Connection], None]] = []
            connection.info[_LAST] = last
            result = work(connection)
            for step in last:
                step(connection)
            return result

        def transaction() -> Result:
            with self._writer.begin() as connection:
                return unit(connection)

        if self._together is not None:
            written: Result = await asyncio.wrap_future(self._together.submit(unit))
            return written
        return await asyncio.get_running_loop().run_in_executor(self._writing, transaction)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run questions; each statement sees the newest committed state."""

        def unit() -> Result:
            with self._reader.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._reading, unit)

    async def close(self) -> None:
        """Let what runs come to its end, and give all connections back."""
        if self._together is not None:
            await asyncio.to_thread(self._together.close)
        for executor, engine in ((self._writing, self._writer), (self._reading, self._reader)):
            await asyncio.to_thread(executor.shutdown)
            engine.dispose()


INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By the dialect's name: inserts that may say what becomes of a row that is there already, which no standard has."""


def storable(text: str) -> str:
    """A text without NUL and halves of surrogate pairs: sent by mistake at most, and no database keeps them."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def insert_into(connection: Connection, table: Table) -> Any:
    """An insert that may say what becomes of a row that is there already (`on_conflict_do_nothing`, `…_update`)."""
    return INSERTS[connection.dialect.name](table)


def before_commit(connection: Connection, step: Callable[[Connection], None]) -> None:
    """Do something as the last of a transaction of `Database.write`.

    For what every transaction waits for every other with: done last, the wait is short, and two transactions that
    also wait for each other's rows cannot stand still.
    """
    connection.info[_LAST].append(step)


def hold(connection: Connection, name: str) -> None:
    """Keep others who hold the same name waiting until this transaction ends.

    For what is decided by looking at rows that may not be there yet, which no row lock covers.
    SQLite's transactions take turns anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _beside(engine: Engine) -> Path | None:
    """The file by which processes that write to one SQLite database take turns; None for one in memory."""
    file = engine.url.database
    return Path(f"{file}-turns") if file and file != ":memory:" else None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy, not the driver, says when a transaction begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a confirmed ticket survives a power cut, too
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # Taking the write lock at once turns SQLite's "database is locked" deadlocks into waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
