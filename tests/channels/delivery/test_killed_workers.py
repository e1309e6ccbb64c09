"""Workers are killed for real while a gateway fails and loses answers; nobody is told twice, nothing is lost."""

import asyncio
import os
import random
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from outside import Gateway
from sqlalchemy import func, select

from channels.delivery.breaker import close
from service.clock import now
from service.outbox import Notice, NoticeState, outbox, put_within

TICKETS, NEWS = 30, 3
_HERE = Path(__file__).resolve()
_PATH = os.pathsep.join(map(str, (_HERE.parent, _HERE.parents[3])))


async def put(database):
    notices = [
        Notice(f"{ticket}-{news}", "ticket", f"ticket-{ticket}", "one", "phone")
        for news in range(NEWS)
        for ticket in range(TICKETS)
    ]
    await database.write(lambda connection: put_within(connection, notices, now()))


def start(database, port, redis_url):
    url = database._writer.url.render_as_string(hide_password=False)
    command = [sys.executable, _HERE.with_name("killed_worker.py"), url, str(port), redis_url]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": _PATH}, stderr=subprocess.DEVNULL)


async def waiting(database):
    statement = select(func.count()).where(outbox.c.state == NoticeState.WAITING.value)
    return await database.read(lambda connection: connection.scalar(statement))


@asynccontextmanager
async def workers(database, port, redis_url):
    processes = [start(database, port, redis_url) for _ in range(2)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait(10)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "redis"])
async def test_nobody_is_told_twice_and_nothing_is_lost(database, shared, request):
    redis_url = request.getfixturevalue("redis_url") if shared else ""
    gateway, chance = Gateway(failures=0.2), random.Random(3)
    await put(database)
    async with gateway.open() as port, workers(database, port, redis_url) as processes:
        for place, told in ((0, 10), (1, 40)):
            while len(gateway.order) < told:
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.random() / 20)  # the kill falls anywhere
            processes[place].kill()
            processes[place].wait(10)
            processes.append(start(database, port, redis_url))
        while await waiting(database):
            await database.write(close("sms"))  # no test waits for a gateway to be tried again
            await asyncio.sleep(0.2)

    assert len(gateway.seen) == TICKETS * NEWS
    assert set(gateway.seen.values()) == {1}
    rows = await database.read(lambda connection: connection.execute(select(outbox).order_by(outbox.c.id)).all())
    told = {message: place for place, message in enumerate(gateway.order)}
    for ticket in range(TICKETS):
        own = [told[f"notice-{row.id}"] for row in rows if row.subject == f"ticket-{ticket}"]
        assert own == sorted(own)
