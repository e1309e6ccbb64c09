import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from conftest import wait_until
from sqlalchemy import insert, select

from bot.tables import sessions
from service.migrate import alembic_config, is_current, upgrade
from service.migrations.tables import metadata


def keep(moment):
    """A unit of work that stores something at a moment."""
    statement = insert(sessions).values(conversation="c", state=b"", updated_at=moment)
    return lambda connection: connection.execute(statement)


async def test_the_migrations_give_the_tables_that_the_code_declares(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    assert await database.read(differences) == []


async def test_upgrading_again_changes_nothing(database):
    await upgrade(database)

    assert await is_current(database)


async def test_the_schema_can_be_taken_back_and_made_again(database):
    from alembic import command

    await database.write(lambda connection: command.downgrade(alembic_config(connection), "base"))
    assert not await is_current(database)

    await upgrade(database)
    assert await is_current(database)


async def test_moments_come_back_aware_and_equal(database):
    moment = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    await database.write(keep(moment))
    stored = await database.read(lambda connection: connection.scalar(select(sessions.c.updated_at)))

    assert stored == moment
    assert stored.tzinfo is UTC


async def test_naive_moments_are_refused(database):
    with pytest.raises(Exception, match="time zone"):
        await database.write(keep(datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_a_transaction_that_raises_leaves_nothing(database, clock):
    def fail(connection):
        keep(clock())(connection)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)

    assert await database.read(lambda connection: connection.execute(select(sessions)).all()) == []


async def test_a_transaction_goes_on_to_its_end_when_its_caller_is_cancelled(database, clock):
    entered, go_on = threading.Event(), threading.Event()

    def slow(connection):
        entered.set()
        assert go_on.wait(10)
        keep(clock())(connection)

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(entered.wait, 10)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    await database.write(lambda connection: None)  # on SQLite it queues behind the one before
    assert await asyncio.to_thread(wait_until, lambda: kept(database), "it was not committed", 10)


def kept(database):
    return asyncio.run(database.read(lambda connection: connection.execute(select(sessions)).all()))
