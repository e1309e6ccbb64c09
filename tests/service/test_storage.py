import asyncio
import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from conftest import wait_until
from sqlalchemy import insert, select, text

from bot.tables import sessions
from knowledge_base.tables import answers, entries
from service.migrate import alembic_config, is_current, upgrade
from service.migrations.tables import metadata
from service.storage import Database


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


async def test_what_was_there_before_is_carried_over(database):
    from alembic import command

    await database.write(lambda connection: command.downgrade(alembic_config(connection), "0003"))
    entry = '{"slug": "bees", "review_by": "2027-01-31"}'

    def fill(connection):
        at = "2026-11-21 02:00:00+00:00"
        connection.execute(
            text(
                "INSERT INTO kb_entries (slug, version, revision, removed, content, changed_at)"
                " VALUES ('bees', 1, 1, false, :entry, :at), ('sheep', 1, 1, false, '{}', :at)"
            ),
            {"entry": entry, "at": at},
        )
        connection.execute(
            text(
                "INSERT INTO kb_answers (at, conversation, channel, verb, question, probability)"
                " VALUES (:at, 'one', 'widget', 'no_answer', :sealed, 0), (:at, 'one', 'widget', 'answer', NULL, 1),"
                " (:at, 'one', 'widget', 'helped', NULL, NULL)"
            ),
            {"at": at, "sealed": b"sealed"},
        )

    await database.write(fill)
    await upgrade(database)

    reviews = await database.read(lambda c: c.execute(select(entries.c.slug, entries.c.review_by)).all())
    assert dict(map(tuple, reviews)) == {"bees": date(2027, 1, 31), "sheep": None}
    asked = select(answers.c.verb, answers.c.clicked, answers.c.settles_at == answers.c.at).order_by(answers.c.id)
    rows = await database.read(lambda connection: [tuple(row) for row in connection.execute(asked)])
    assert [(verb, clicked, bool(settles)) for verb, clicked, settles in rows] == [
        ("no_answer", False, True),
        ("answer", True, False),
        ("helped", False, False),
    ]


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


async def test_units_that_wait_together_are_kept_or_undone_each_for_itself(database):
    """What waits while the writer is busy shares a transaction on SQLite; nobody notices."""
    table = sessions
    row = {"state": b"x", "updated_at": datetime(2026, 11, 21, tzinfo=UTC)}
    go_on = threading.Event()

    def put(name, *, fails=False):
        def work(connection):
            connection.execute(table.insert().values(row | {"conversation": name}))
            if fails:
                raise LookupError(name)
            return name

        return database.write(work)

    busy = asyncio.create_task(database.write(lambda _connection: go_on.wait(30)))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(put(str(number), fails=number % 3 == 0)) for number in range(6)]
    await asyncio.sleep(0)
    go_on.set()
    results = await asyncio.gather(busy, *waiting, return_exceptions=True)

    assert [result for result in results[1:] if isinstance(result, str)] == ["1", "2", "4", "5"]
    assert [str(result) for result in results if isinstance(result, LookupError)] == ["0", "3"]
    kept = await database.read(lambda c: c.scalars(select(table.c.conversation).order_by(table.c.conversation)).all())
    assert kept == ["1", "2", "4", "5"]


async def test_two_processes_on_one_file_take_turns_and_a_short_wait_stays_short(database, database_url, monkeypatch):
    """Two openings of a file are as two processes to its lock; SQLite's own waiting is switched off to see it."""
    monkeypatch.setattr("service.storage._BUSY_SECONDS", 0)
    neighbours = [Database(database_url) for _ in range(2)]
    moment = datetime(2026, 11, 21, tzinfo=UTC)

    def put(name):
        row = {"conversation": name, "state": b"x", "updated_at": moment}
        return lambda connection: connection.execute(sessions.insert().values(row))

    names = [f"{place}-{number}" for number in range(40) for place in (0, 1)]
    await asyncio.gather(*(neighbours[int(name[0])].write(put(name)) for name in names))
    for neighbour in neighbours:
        await neighbour.close()

    assert sorted(await database.read(lambda c: c.scalars(select(sessions.c.conversation)).all())) == sorted(names)
