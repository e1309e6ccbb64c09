from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select

from bot.tables import sessions
from service.migrate import alembic_config, is_current, upgrade
from service.migrations.tables import metadata


async def test_the_migrations_give_the_tables_that_the_code_declares(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrading_again_changes_nothing(database):
    await upgrade(database)

    assert await is_current(database)


async def test_the_schema_can_be_taken_back_and_made_again(database):
    from alembic import command

    async with database.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
    assert not await is_current(database)

    await upgrade(database)
    assert await is_current(database)


async def test_moments_come_back_aware_and_equal(database):
    moment = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    async with database.write() as connection:
        await connection.execute(insert(sessions).values(conversation="c", state=b"", updated_at=moment))
    async with database.read() as connection:
        stored = await connection.scalar(select(sessions.c.updated_at))

    assert stored == moment
    assert stored.tzinfo is UTC


async def test_naive_moments_are_refused(database):
    with pytest.raises(Exception, match="time zone"):
        async with database.write() as connection:
            naive = datetime(2026, 1, 1)  # noqa: DTZ001
            await connection.execute(insert(sessions).values(conversation="c", state=b"", updated_at=naive))


async def test_a_transaction_that_raises_leaves_nothing(database, clock):
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await connection.execute(insert(sessions).values(conversation="c", state=b"", updated_at=clock()))
            raise RuntimeError

    async with database.read() as connection:
        assert (await connection.execute(select(sessions))).all() == []
