"""The audit: nothing done unrecorded, nothing recorded changed unseen."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from alembic import command
from hypothesis import example, given
from hypothesis.strategies import binary
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DatabaseError

from service.audit import (
    BEGINNING,
    Break,
    Deed,
    Line,
    Recorded,
    Search,
    audit,
    found,
    last_line,
    record_within,
    recorded_of,
    verify,
)
from service.audit_notes import AuditNotes, sayable, whole
from service.migrate import alembic_config, upgrade
from service.privacy import mask_personal_data


def deed_of(clock, subject="20261121-00001-7", **more):
    return Recorded(clock(), "admin", Deed.LOOK, subject, "核实地址", {"address": "127.0.0.1"} | more)


async def recorded(database, clock, count):
    for number in range(count):
        done = deed_of(clock, f"ticket-{number}", n=number)
        await database.write(lambda connection, done=done: record_within(connection, done))
        clock.forward(seconds=1)


def tamper(*statements):
    """What somebody could do who switches the database's own guard off."""

    def work(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for deed in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_is_not_{deed}d"))
        for statement in statements:
            connection.execute(statement)

    return work


async def test_a_line_says_what_was_done_and_its_hash_can_be_computed_by_anybody(database, clock):
    await recorded(database, clock, 1)

    (line,) = await database.read(found(Search(), 10))
    assert await database.read(recorded_of("ticket-0")) == [line.done]
    text_of_line = (
        f'["{BEGINNING}",1,"2026-11-21T02:00:00.000000+00:00","admin","look","ticket-0","核实地址",'
        '{"address":"127.0.0.1","n":0}]'
    )
    assert json.loads(text_of_line)
    assert line.hash == sha256(text_of_line.encode()).hexdigest()


async def test_nothing_is_recorded_of_what_did_not_happen(database, clock):
    def fail(connection):
        record_within(connection, deed_of(clock))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)
    await recorded(database, clock, 1)

    assert [line.number for line in await database.read(found(Search(), 10))] == [1]


async def test_many_at_once_make_one_chain_without_gaps(database, clock):
    def work(connection):
        record_within(connection, deed_of(clock))
        record_within(connection, deed_of(clock))

    await asyncio.gather(*(database.write(work) for _ in range(40)))

    verified = await database.read(verify)
    assert (verified.lines, verified.broken) == (80, None)


async def test_lines_are_not_changed_or_deleted_by_normal_means(database, clock):
    await recorded(database, clock, 1)
    statements = [update(audit).values(actor="nobody"), delete(audit)]
    if not database.is_sqlite:
        statements.append(text("TRUNCATE audit"))

    for statement in statements:
        with pytest.raises(DatabaseError, match="audit lines are never changed or deleted"):
            await database.write(lambda connection, statement=statement: connection.execute(statement))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (update(audit).where(audit.c.id == 3).values(actor="somebody"), 3),
        (update(audit).where(audit.c.id == 3).values(details={}), 3),
        (update(audit).where(audit.c.id == 3).values(at=audit.c.at), None),
        (delete(audit).where(audit.c.id == 3), 4),
        (delete(audit).where(audit.c.id == 1), 2),
        (update(audit).where(audit.c.id == 5).values(id=6), 6),
    ],
)
async def test_a_change_is_found_where_it_is(database, clock, statement, broken):
    await recorded(database, clock, 5)

    await database.write(tamper(statement))

    verified = await database.read(verify)
    assert (verified.broken.number if verified.broken else None) == broken


async def test_an_inserted_line_breaks_the_chain(database, clock):
    await recorded(database, clock, 2)
    line = (await database.read(found(Search(), 1)))[0]
    values = {"at": clock(), "actor": "a", "deed": "look", "subject": "s", "reason": "", "hash": line.hash}

    await database.write(lambda connection: connection.execute(insert(audit).values(values | {"id": 3})))

    assert (await database.read(verify)).broken.number == 3


async def test_an_end_that_was_cut_off_is_found_by_a_hash_noted_before(database, clock):
    await recorded(database, clock, 5)
    noted = {5: (await database.read(verify)).head}
    assert (await database.read(lambda connection: verify(connection, noted))).broken is None

    await database.write(tamper(delete(audit).where(audit.c.id > 3)))

    assert (await database.read(verify)).broken is None
    cut = await database.read(lambda connection: verify(connection, noted))
    assert cut.broken == Break(5, "记下过这一行，现在没有了：末尾被删过。")


async def test_a_chain_that_was_computed_anew_is_found_by_a_hash_noted_before(database, clock):
    await recorded(database, clock, 2)
    noted = {2: (await database.read(verify)).head}
    await database.write(tamper(delete(audit)))
    clock.forward(days=1)
    await recorded(database, clock, 2)

    assert (await database.read(verify)).broken is None
    assert (await database.read(lambda connection: verify(connection, noted))).broken.number == 2


async def test_lines_are_found_by_who_what_when_and_in_pages(database, clock):
    begin = clock()
    await recorded(database, clock, 5)
    other = Recorded(clock(), "shen", Deed.EXPORT, "ticket-1")
    await database.write(lambda connection: record_within(connection, other))

    async def numbers(*arguments, **search):
        return [line.number for line in await database.read(found(Search(**search), *arguments))]

    assert await numbers(3) == [6, 5, 4]
    assert await numbers(3, 4) == [3, 2, 1]
    assert await numbers(9, actor="shen") == [6]
    assert await numbers(9, deed=Deed.LOOK) == [5, 4, 3, 2, 1]
    assert await numbers(9, subject="ticket-1") == [6, 2]
    assert await numbers(9, since=begin + timedelta(seconds=1), until=begin + timedelta(seconds=3)) == [3, 2]


async def test_lines_from_before_the_chain_begin_it(database, clock):
    await database.write(lambda connection: command.downgrade(alembic_config(connection), "0014"))
    row = {"at": "2026-11-20 02:00:00+00:00", "details": '{"personal": true}'}
    filled = text(
        "INSERT INTO audit (id, at, actor, deed, subject, reason, details)"
        " VALUES (7, :at, 'admin', 'export', 'file', '', :details), (9, :at, 'admin', 'look', 'one', 'why', NULL)"
    )
    await database.write(lambda connection: connection.execute(filled, row))

    await upgrade(database)
    await recorded(database, clock, 1)

    verified = await database.read(verify)
    assert (verified.lines, verified.broken) == (3, None)
    assert (await database.read(recorded_of("file")))[0].details == {"personal": True}


@pytest.mark.parametrize(
    "value", [{"deed": "nothing we do"}, {"at": "yesterday"}, {"details": "{"}], ids=lambda value: next(iter(value))
)
async def test_a_line_nobody_can_read_is_told_of_and_keeps_no_check_from_its_end(database, clock, value):
    await recorded(database, clock, 5)
    if not database.is_sqlite and "deed" not in value:
        pytest.skip("PostgreSQL takes no such value")
    (name,) = value

    await database.write(tamper(text(f"UPDATE audit SET {name} = :value WHERE id = 3").bindparams(value=value[name])))

    assert (await database.read(verify)).broken.number == 3


async def test_what_is_noted_beside_the_database_shows_an_end_that_was_cut_off(database, clock, tmp_path):
    notes = AuditNotes.of(tmp_path)
    assert notes.read() == {}
    await recorded(database, clock, 3)
    notes.add(await database.read(last_line))
    notes.add(await database.read(last_line))
    await recorded(database, clock, 2)
    notes.add(await database.read(last_line))
    with notes.path.open("a") as file:
        file.write("\n6:0123")  # the machine stopped here
    assert list(notes.read()) == [5, 3]

    await database.write(tamper(delete(audit).where(audit.c.id > 3)))

    assert (await database.read(lambda connection: verify(connection, notes.read()))).broken.number == 5


async def test_a_first_note_of_a_line_stays(database, clock, tmp_path):
    notes = AuditNotes.of(tmp_path)
    await recorded(database, clock, 1)
    first = await database.read(last_line)
    notes.add(first)
    notes.add(Line(1, first.done, "0" * 64))

    assert notes.read() == {1: first.hash}


@given(binary(min_size=32, max_size=32))
@example(bytes.fromhex("3064340da8b6480a27aa07ea86cc5472687272480624c5abd7ea3b3420eefd0d"))
@example(bytes.fromhex("ab13812345678" + "c" * 51))
def test_a_hash_comes_whole_through_a_log_that_masks_numbers(raw):
    told = mask_personal_data(f"the audit's line 12 has the hash {sayable(raw.hex())}")
    assert whole(told.rpartition(" ")[2]) == raw.hex()
