"""Keys are changed while everything is in use, and nothing is lost, however often the change is killed."""

import asyncio
import json
import os
import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from test_encryption import first_version
from typer.testing import CliRunner

from channels.widget.session import SessionInvalid, WidgetSessions
from service.encryption import FileKeyring, Keyring, Undecipherable, head_of, open_keyring
from service.keys.change import StillWriting, begin, forget_previous, move_all, standing
from service.keys.file import AlreadyRotating, KeyFile
from service.keys.rotation import Mover
from service.storage import Database
from tickets.desk import TicketDesk
from tickets.recurrence import Recurrence
from tickets.tables import tickets
from tickets.ticket import Draft, Kind

AT_ONCE = timedelta(0)
PHONE = "+8613800138000"
ROTATING = Path(__file__).with_name("rotating.py")


def draft(number):
    return Draft(
        f"draft-{number}", Kind.HELP, "widget", "c-1", f"第{number}件：电梯坏了", "阳光小区3号楼", "王女士", PHONE
    )


@pytest.fixture
def ring(tmp_path, clock):
    return FileKeyring(KeyFile.open(tmp_path / "keys"), clock)


def another_process(ring):
    """What a second server has open: its own look at the same file."""
    return FileKeyring(KeyFile.open(ring.file.path.parent), ring.clock)


async def fill(database, ring, clock, count=7):
    desk = TicketDesk.open(database, ring, clock)
    for number in range(count):
        await desk.add_note(await desk.submit(draft(number)), f"补充{number}")
    return desk


async def rotate(database, ring, batch=3, told=lambda done: None):
    begin(ring.file)
    stuck = await move_all(Mover(database, ring, batch), None, told, AT_ONCE)
    if not stuck:
        forget_previous(ring, ring.clock() + timedelta(days=30))
    return stuck


async def check_all(database, keyring, count):
    """Every ticket opens with these keys and is found by its phone."""
    desk = TicketDesk.open(database, keyring)
    for number in range(count):
        ticket = await desk.submit(draft(number))  # the same draft gives the same ticket
        assert ticket.description == f"第{number}件：电梯坏了"
        assert [item.note for item in await desk.timeline(ticket)] == [None, f"补充{number}"]
    same = select(func.count()).where(tickets.c.requester_phone_hash.in_(desk.lifecycle.cipher.keyed_hashes(PHONE)))
    assert await database.read(lambda connection: connection.scalar(same)) == count


async def test_all_fields_and_hashes_come_under_the_new_key_and_the_old_one_goes(database, ring, clock):
    await fill(database, ring, clock)
    old = ring.keys().current

    assert await rotate(database, ring) == []

    new = ring.keys().current
    assert new != old
    assert old not in ring.keys().readable
    await check_all(database, Keyring(new.secret), 7)


async def test_fields_of_the_first_version_are_moved_too(database, ring, clock):
    await fill(database, ring, clock, 1)
    sealed = first_version(ring.keys().current.secret, "tickets", "第0件：电梯坏了".encode())
    await database.write(lambda connection: connection.execute(update(tickets).values(description=sealed)))
    assert (await standing(Mover(database, ring), ring.keys())).unmarked == 1

    await rotate(database, ring)

    await check_all(database, Keyring(ring.keys().current.secret), 1)


async def test_a_second_server_reads_and_writes_throughout_without_a_restart(database, ring, clock):
    await fill(database, ring, clock)
    server = TicketDesk.open(database, another_process(ring), clock)
    written = []

    async def serve():
        for number in range(7, 20):
            await server.add_note(await server.submit(draft(number)), f"补充{number}")
            written.append(await server.find((await server.submit(draft(number % 7))).number, phone=PHONE))

    serving = asyncio.create_task(serve())
    await rotate(database, ring)
    await serving
    await rotate(database, ring)  # while it served, a field may have been written a moment before the first ended

    assert None not in written
    await check_all(database, Keyring(ring.keys().current.secret), 20)


async def test_rows_under_either_key_are_found_by_their_hash_meanwhile(database, ring, clock):
    desk = await fill(database, ring, clock, 2)
    begin(ring.file)
    await desk.submit(draft(2))

    either = select(func.count()).where(tickets.c.requester_phone_hash.in_(desk.lifecycle.cipher.keyed_hashes(PHONE)))
    assert await database.read(lambda connection: connection.scalar(either)) == 3


async def test_a_hash_that_stayed_behind_its_field_is_made_anew(database, ring, clock):
    desk = await fill(database, ring, clock, 1)
    late = desk.lifecycle.cipher.keyed_hash(PHONE)
    begin(ring.file)
    await Mover(database, ring).move_fields(lambda done: None)
    await database.write(lambda connection: connection.execute(update(tickets).values(requester_phone_hash=late)))

    await rotate(database, ring)

    await check_all(database, Keyring(ring.keys().current.secret), 1)


async def test_a_damaged_field_is_named_and_keeps_the_old_key(database, ring, clock):
    await fill(database, ring, clock, 3)
    old = ring.keys().current
    damaged = head_of(old) + b"damaged bytes that nothing opens"
    second = tickets.c.draft == "draft-1"
    await database.write(lambda connection: connection.execute(update(tickets).where(second).values(place=damaged)))

    stuck = await rotate(database, ring)

    assert [(place.table, place.column) for place in stuck] == [("tickets", "place")]
    assert ring.keys().previous == (old,)
    kept = select(tickets.c.place).where(second)
    assert await database.read(lambda connection: connection.scalar(kept)) == damaged


async def test_a_server_that_does_not_know_the_new_key_keeps_the_old_one(database, ring, clock):
    await fill(database, ring, clock, 1)
    old = ring.keys().current
    unaware = Keyring(old.secret).cipher("tickets")

    def write_again(_done):
        with database._writer.begin() as connection:
            connection.execute(update(tickets).values(place=unaware.encrypt(b"elsewhere")))

    with pytest.raises(StillWriting):
        await rotate(database, ring, told=write_again)

    assert ring.keys().previous == (old,)


async def test_a_row_that_somebody_holds_is_moved_after_all(database, ring, clock):
    if database.is_sqlite:
        pytest.skip("SQLite's transactions take turns")
    await fill(database, ring, clock, 2)
    begin(ring.file)
    with database._writer.begin() as connection:
        connection.execute(select(tickets).with_for_update()).all()
        mover = Mover(database, ring)
        await mover.move_fields(lambda done: None)
        assert (await standing(mover, ring.keys())).to_move == 8  # both tickets, four fields each

    await rotate(database, ring)

    await check_all(database, Keyring(ring.keys().current.secret), 2)


async def test_tokens_handed_out_before_are_good_until_they_expire_and_open_nothing(database, ring, clock):
    sealed = ring.cipher("widget").encrypt(b"secret")
    before = WidgetSessions(ring.cipher("widget"), timedelta(days=30), clock)
    token, _ = before.issue()
    await rotate(database, ring)
    after = WidgetSessions(another_process(ring).cipher("widget"), timedelta(days=60), clock)

    assert after.conversation(token) == before.conversation(token)
    with pytest.raises(Undecipherable):
        another_process(ring).cipher("widget").decrypt(sealed)
    clock.forward(days=31)
    with pytest.raises(SessionInvalid):
        after.conversation(token)


async def test_after_a_leak_older_tokens_lapse_at_once(database, ring, clock):
    sessions = WidgetSessions(ring.cipher("widget"), timedelta(days=30), clock)
    token, _ = sessions.issue()
    begin(ring.file)
    forget_previous(ring, None)

    with pytest.raises(SessionInvalid):
        sessions.conversation(token)


async def test_dialogues_in_redis_go_on_and_keep_their_end(database, ring, redis_url):
    from redis.asyncio import Redis

    redis = Redis.from_url(redis_url)
    await redis.set("ltb:session:c-1", ring.cipher("conversations").encrypt(b"here"), ex=600)
    begin(ring.file)
    mover = Mover(database, ring)

    assert await mover.move_snapshots(redis) == 1
    assert await mover.move_snapshots(redis) == 0
    moved = await redis.get("ltb:session:c-1")
    assert Keyring(ring.keys().current.secret).cipher("conversations").decrypt(moved) == b"here"
    assert 0 < await redis.ttl("ltb:session:c-1") <= 600
    await redis.delete("ltb:session:c-1")
    await redis.aclose()


async def test_a_killed_change_is_taken_up_again_and_loses_nothing(database, ring, clock):
    await fill(database, ring, clock, 12)
    old = ring.keys().current
    url = database._writer.url.render_as_string(hide_password=False)
    command = await asyncio.create_subprocess_exec(sys.executable, ROTATING, url, ring.file.path.parent)

    async def moved():
        return (await Mover(database, ring).count())[head_of(ring.keys().current)]

    while ring.keys().current == old or await moved() < 12:
        assert command.returncode is None
        await asyncio.sleep(0.005)
    command.kill()
    await command.wait()

    assert old in ring.keys().readable  # not all was moved
    await check_all(database, another_process(ring), 12)
    await rotate(database, ring)
    assert len(ring.keys().readable) == 1
    await check_all(database, Keyring(ring.keys().current.secret), 12)


def test_a_change_killed_before_its_key_was_used_goes_on_with_that_key(ring):
    from dataclasses import replace

    from service.keys.master import MasterKey

    coming = MasterKey.new()
    ring.file.write(replace(ring.keys(), coming=coming))

    assert begin(ring.file) == coming
    assert begin(ring.file) == coming  # still the same change


def test_the_key_file_stays_private_and_whole(ring):
    begin(ring.file)

    assert stat.S_IMODE(os.stat(ring.file.path).st_mode) == 0o600
    assert another_process(ring).keys() == ring.keys()
    ring.file.path.write_text('{"current": ')
    with pytest.raises(ValueError, match="备份"):
        another_process(ring).keys()


def test_only_one_command_changes_the_keys(ring):
    with ring.file.changing(), pytest.raises(AlreadyRotating), KeyFile(ring.file.path).changing():
        pass


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """Runs commands on an installation of its own; what they print as JSON."""
    from program.cli import app
    from service.settings import load_settings

    def run(*arguments, code=0, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LTB_DATA_DIR", str(tmp_path))
        load_settings.cache_clear()
        outcome = CliRunner().invoke(app, ["keys", *arguments])
        load_settings.cache_clear()
        assert outcome.exit_code == code, outcome.output
        return outcome

    return run


def one_ticket(folder, keyring):
    database = Database(f"sqlite:///{folder / 'liaotianban.db'}")

    async def put():
        from service.migrate import upgrade

        await upgrade(database)
        await TicketDesk.open(database, keyring).submit(draft(0))
        await database.close()

    asyncio.run(put())


def test_the_commands_tell_and_change_a_key_in_the_file(installation, tmp_path):
    one_ticket(tmp_path, open_keyring("", tmp_path))
    before = json.loads(installation("status", "--json").stdout)
    assert [(key["role"], key["fields"]) for key in before["keys"]] == [("current", 4)]

    done = json.loads(installation("rotate", "--settling-seconds", "0", "--json").stdout)

    after = json.loads(installation("status", "--json").stdout)
    assert done == {"key": after["keys"][0]["id"], "moved": 4, "stuck": 0, "forgotten": True}
    assert after["keys"][0]["id"] != before["keys"][0]["id"]
    assert [token["purpose"] for token in after["tokens"]] == ["known browsers", "widget"]


def test_the_commands_lead_through_a_change_of_keys_in_the_settings(installation, tmp_path):
    old, new = (installation("new").stdout.strip() for _ in range(2))
    one_ticket(tmp_path, open_keyring(old, tmp_path))

    refused = installation("rotate", code=1, LTB_SECRET_KEY=old)
    assert "LTB_PREVIOUS_SECRET_KEYS" in refused.stderr
    lost = json.loads(installation("status", "--json", LTB_SECRET_KEY=new).stdout)
    assert [item["fields"] for item in lost["unknown"]] == [4]
    both = {"LTB_SECRET_KEY": new, "LTB_PREVIOUS_SECRET_KEYS": old}
    installation("rotate", "--settling-seconds", "0", **both)

    left = json.loads(installation("status", "--json").stdout)
    assert [(key["role"], key["fields"]) for key in left["keys"]] == [("current", 4), ("previous", 0)]
    assert not (tmp_path / "secret.key").exists()


async def test_who_asked_before_is_known_again_while_the_keys_change_and_afterwards(database, ring, clock):
    await fill(database, ring, clock, 1)
    before = Recurrence.open(database, ring, clock)
    await before.look()
    said = ("第0件：电梯坏了，一直没人修", "", PHONE)

    begin(ring.file)  # what is there has hashes of the key before
    assert [known.own for known in await before.known(*said)] == [True]
    assert not await move_all(Mover(database, ring, 3), None, lambda done: None, AT_ONCE)
    forget_previous(ring, ring.clock() + timedelta(days=30))
    after = Recurrence.open(database, another_process(ring), clock)
    await after.follow()

    assert [known.own for known in await after.known(*said)] == [True]
