"""The process is killed for real; what was confirmed to the citizen is still there."""

import random
import threading
import time

import pytest
from conftest import empty, wait_until
from served import ForkedServer

from service.encryption import open_keyring
from service.storage import Database
from tickets.desk import TicketDesk

KILLS = 3


def open_tickets(server, confirmed, stop):
    """A citizen who registers one request after another; numbers are noted only when told."""
    while not stop.is_set():
        try:
            session = server.post("/api/v1/widget/sessions", {})["session"]
            for said in (
                {"text": "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修"},
                {"text": "13800138000"},
                {"text": "王女士"},
                {"payload": "/affirm"},
                {"payload": "/affirm"},
            ):
                replies = server.post("/api/v1/widget/messages", {"session": session} | said)["replies"]
            confirmed.extend(reply["ticket"]["number"] for reply in replies if reply["ticket"])
        except OSError:
            return


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_confirmed_ticket_is_lost(kind, tmp_path, model_dir, request):
    url = "" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    server = ForkedServer(tmp_path, model_dir, url)
    confirmed: list[str] = []
    chance = random.Random(7)
    for _ in range(KILLS):
        before = len(confirmed)
        server.start()
        stop = threading.Event()
        citizens = [threading.Thread(target=open_tickets, args=(server, confirmed, stop)) for _ in range(3)]
        for citizen in citizens:
            citizen.start()
        wait_until(lambda before=before: len(confirmed) > before + 2, "no ticket was confirmed")
        time.sleep(chance.random() / 5)  # the kill falls anywhere within a turn
        server.kill()
        stop.set()
        for citizen in citizens:
            citizen.join(30)

    from service.settings import Settings

    database = Database(Settings(data_dir=tmp_path, database_url=url).sqlalchemy_url)
    desk = TicketDesk.open(database, open_keyring("", tmp_path))
    for number in confirmed:
        ticket = await desk.find(number, phone="13800138000")
        assert ticket is not None, number
        assert [item.verb for item in await desk.timeline(ticket)] == ["submit"]
    assert len(set(confirmed)) == len(confirmed)
    if kind == "postgresql":
        await database.write(empty)
    await database.close()
