"""The service as a process: starting, stopping, restarting, several at once, a new model while it runs."""

import asyncio
import os
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest
from conftest import empty, wait_until
from forked import Command
from local_servers import free_port
from served import ForkedServer, Server

from bot.assistant import Incoming, new_id
from bot.model import model_path
from channels.widget.arrivals import Arrivals
from program import background
from program.delivering import open_worker
from service.settings import Settings
from service.storage import Database

STORY = "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修"


@pytest.fixture
async def emptied(postgres_url):
    """PostgreSQL's address; its tables are empty again afterwards."""
    yield postgres_url
    database = Database(Settings(database_url=postgres_url).sqlalchemy_url)
    await database.write(empty)
    await database.close()


def test_a_port_in_use_is_told_in_plain_words(tmp_path, model_dir):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {"LTB_PORT": str(taken.getsockname()[1]), "LTB_DATA_DIR": str(tmp_path)}
        done = Command(tmp_path, ("serve",), environment | {"LTB_MODEL_DIR": str(model_dir)})

        assert done.wait(60) == 1
    told = (tmp_path / "stderr").read_text("utf-8")
    assert "LTB_PORT=8081 make run" in told
    assert "Traceback" not in told


def test_a_form_half_filled_goes_on_after_a_restart(tmp_path, model_dir):
    server = ForkedServer(tmp_path, model_dir)
    server.start()
    session = server.open()
    assert "电话" in server.say(session, STORY)[-1]["text"]
    assert server.stop() == 0

    server.start()
    assert "称呼" in server.say(session, "13800138000")[-1]["text"]
    server.kill()

    server.start()
    assert "同意" in str(server.say(session, "王女士")[-1]["buttons"])
    assert server.stop() == 0


def test_the_administrators_password_is_shown_once(tmp_path, model_dir):
    server = ForkedServer(tmp_path, model_dir)
    server.start()
    first = server.said
    server.stop()
    server.start()
    server.stop()

    assert "admin" in first
    assert "admin" not in server.said


async def test_several_processes_share_conversations(tmp_path, model_dir, emptied, redis_url):
    def talk():
        port = str(free_port())
        server = Server(tmp_path, model_dir, emptied, "--workers", "2", LTB_REDIS_URL=redis_url, LTB_PORT=port)
        server.start()
        sessions = [server.open() for _ in range(6)]
        for said in (STORY, "13800138000", "王女士"):
            for session in sessions:
                replies = server.say(session, said)
        assert "同意" in str(replies[-1]["buttons"])
        for session in sessions:
            server.say(session, payload="/affirm")
        numbers = [server.say(session, payload="/affirm")[0]["ticket"]["number"] for session in sessions]
        same = [server.say(session, id="again", payload="/ask_ticket_status") for session in sessions[:1] * 8]
        return server.stop(), numbers, same

    code, numbers, same = await asyncio.to_thread(talk)

    assert code == 0
    assert len(set(numbers)) == 6
    assert all(replies == same[0] for replies in same), "one id, one turn, whichever process took it"


def following(parts):
    """The jobs of a running process."""
    arrivals = Arrivals()
    return asyncio.create_task(background.run(parts, arrivals, open_worker(parts, arrivals)))


async def test_a_new_model_takes_over_without_a_lost_turn(tmp_path, model_dir):
    from program.assembly import open_parts

    folder = tmp_path / "models"
    folder.mkdir()
    first = folder / "liaotianban-of-other-data.tar.gz"
    shutil.copy2(model_path(model_dir), first)
    settings = Settings(data_dir=tmp_path / "var", model_dir=folder, encoder=False)
    async with open_parts(settings) as parts:
        follower = following(parts)
        kinds, stop = [], asyncio.Event()

        async def ask():
            while not stop.is_set():
                outcome = await parts.assistant.turn(Incoming(new_id(), "widget", new_id(), "身份证过期了在外地能换吗"))
                kinds.append([reply.body["kind"] for reply in outcome.replies])

        citizens = [asyncio.create_task(ask()) for _ in range(3)]
        newer = model_path(folder)
        shutil.copy(first, folder / "new.part")
        os.utime(folder / "new.part", (time.time() + 5, time.time() + 5))
        (folder / "new.part").rename(newer)
        await asyncio.to_thread(wait_until, lambda: parts.assistant.model == newer, "the new model was not taken")
        before = len(kinds)
        await asyncio.to_thread(wait_until, lambda: len(kinds) > before + 5, "no turn with the new model")
        stop.set()
        await asyncio.gather(*citizens)
        follower.cancel()

    assert all(kind == ["answer"] for kind in kinds)


async def test_a_model_that_does_not_fit_is_not_taken_however_new(tmp_path, model_dir):
    from program.assembly import open_parts

    folder = tmp_path / "models"
    folder.mkdir()
    fitting = Path(shutil.copy2(model_path(model_dir), model_path(folder)))
    async with open_parts(Settings(data_dir=tmp_path / "var", model_dir=folder, encoder=False)) as parts:
        newer = Path(shutil.copy(fitting, folder / "liaotianban-of-other-data.tar.gz"))
        os.utime(newer, (time.time() + 5, time.time() + 5))
        await background.follow_model(parts)

        assert parts.assistant.model == fitting


async def test_a_citizen_who_hangs_up_does_not_stop_the_turn(parts):
    conversation, message = new_id(), new_id()
    asked = Incoming(conversation, "widget", message, "身份证过期了在外地能换吗")
    waiting = asyncio.create_task(parts.assistant.turn(asked))
    await asyncio.sleep(0)
    waiting.cancel()
    await parts.assistant.drain()

    kept = await parts.transcript.of_turn(conversation, message)
    assert [said.sender.value for said in kept] == ["citizen", "assistant"]


def test_citizens_are_answered_while_a_stranger_sends_half_a_request(tmp_path, model_dir):
    server = ForkedServer(tmp_path, model_dir)
    server.start()
    host, port = server.address.removeprefix("http://").split(":")
    stuck = [socket.create_connection((host, int(port))) for _ in range(20)]
    for connection in stuck:
        connection.sendall(b"POST /api/v1/widget/messages HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    answered = []
    citizen = threading.Thread(target=lambda: answered.extend(server.say(server.open(), "身份证过期了在外地能换吗")))
    citizen.start()
    citizen.join(10)
    for connection in stuck:
        connection.close()

    assert [reply["kind"] for reply in answered] == ["answer"]
    assert server.stop() == 0
