"""The process is killed for real in the middle of moves; no ticket is lost, doubled or half moved."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from conftest import wait_until
from hotline import UNITS
from sqlalchemy import select

from service.inbox import inbox
from service.outbox import outbox
from tickets.moves import MOVES, Verb
from tickets.parties import Party
from tickets.tables import ticket_units, tickets, timeline
from tickets.units import put_within

KILLS = 3
_PATH = os.pathsep.join(str(Path(__file__).resolve().parents[up]) for up in (2, 1))
LEADING = Path(__file__).with_name("leading_lives.py")


def lead_and_kill(url, name, said, chance):
    before = said.stat().st_size
    with said.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, LEADING, url, name], stdout=output, env=os.environ | {"PYTHONPATH": _PATH}
        )
        try:
            wait_until(lambda: said.stat().st_size > before + 3000, "no ticket was moved")
            time.sleep(chance.random() / 5)  # the kill falls anywhere within a move
        finally:
            process.kill()
            process.wait(10)


async def test_whatever_was_said_to_be_done_is_done_and_nothing_is_half_done(database, clock, tmp_path):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    url = database._writer.url.render_as_string(hide_password=False)
    said, chance = tmp_path / "said.txt", random.Random(5)
    said.touch()
    for kill in range(KILLS):
        lead_and_kill(url, f"life-{kill}", said, chance)

    promised = {}
    for line in said.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            number, revision = line.split()
            promised[number] = max(int(revision), promised.get(number, 0))
    stored = await rows(database, select(tickets))
    assert len({row.draft for row in stored}) == len(stored) >= len(promised) > 10
    by_number = {row.number: row for row in stored}
    for number, revision in promised.items():
        assert by_number[number].revision >= revision, "what was said to be done was not"

    lines = await rows(database, select(timeline).order_by(timeline.c.id))
    told = {(row.subject, row.kind) for row in await rows(database, select(inbox))}
    notices = {row.key for row in await rows(database, select(outbox))}
    assisting = {row.ticket_id for row in await rows(database, select(ticket_units)) if row.part == "assisting"}
    for row in stored:
        own = [line for line in lines if line.ticket_id == row.id]
        assert len(own) == row.revision + 1
        assert own[-1].target == row.state
        for line in own:
            tells = MOVES[Verb(line.verb)].tells
            if tells - {Party.REQUESTER}:
                assert (row.number, line.verb) in told
            if Party.REQUESTER in tells:
                assert f"ticket {row.id} {line.id}" in notices
        called = [line.details["assisting"] for line in own if line.verb == Verb.DISPATCH]
        assert (row.id in assisting) == bool(called and called[-1])


async def rows(database, statement):
    return await database.read(lambda connection: connection.execute(statement).all())
