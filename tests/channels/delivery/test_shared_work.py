"""The worker itself: in one process, and through a Redis that comes and goes."""

import asyncio
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import timedelta

import pytest
from delivering import World
from local_servers import redis_server

from channels.delivery.ladder import Step
from channels.delivery.receipts import Receipts
from channels.delivery.worker import Worker
from service.clock import now

SMS = Step("sms", None, timedelta(days=3), 100)


@pytest.fixture
def world(database):
    return World(database, now, [SMS])


@asynccontextmanager
async def working(world, redis_url=""):
    worker = Worker(world.worker(), Receipts(world.database, world.ways, now), redis_url)
    running = asyncio.create_task(worker.run())
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def until_told(world, *texts):
    async with asyncio.timeout(60):
        while not set(texts) <= set(world.seen("sms")):
            await asyncio.sleep(0.01)


async def test_one_process_delivers_by_itself(world):
    async with working(world):
        await world.put("first", "second")
        await until_told(world, "first", "second")

    assert world.seen("sms") == ["first", "second"]


async def test_workers_that_share_a_stream_tell_everything_once(world, redis_url):
    async with working(world, redis_url), working(world, redis_url):
        await world.put_each({f"ticket-{number}": f"{number}" for number in range(40)})
        await until_told(world, *map(str, range(40)))

    assert sorted(world.seen("sms"), key=int) == [f"{number}" for number in range(40)]


async def test_while_redis_is_away_notices_go_out_all_the_same(world, tmp_path):
    redis = ExitStack()
    async with working(world, redis.enter_context(redis_server(tmp_path))):
        await world.put("before")
        await until_told(world, "before")
        redis.close()
        await world.put("while it is away")
        await until_told(world, "while it is away")

    assert world.seen("sms") == ["before", "while it is away"]
