from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from bot.locks import LocalLocks, RedisLocks
from bot.sessions import RedisSessions, SqlSessions


@pytest.fixture
async def redis(redis_url):
    client = Redis.from_url(redis_url)
    yield client
    await client.flushdb()
    await client.aclose()


async def test_a_snapshot_survives_in_the_database_and_is_forgotten_after_its_time(database, clock):
    sessions = SqlSessions(database)
    for state in (b"one", b"two"):
        await database.write(lambda connection, state=state: sessions.save_within(connection, "c1", state, clock()))

    async def kept(conversation):
        since = clock() - timedelta(hours=1)
        return await database.read(
            lambda connection: connection.scalar(
                select(SqlSessions(database).left), {"conversation": conversation, "not_before": since}
            )
        )

    assert await kept("c1") == b"two"
    assert await kept("c2") is None

    clock.forward(hours=2)
    assert await kept("c1") is None
    assert await sessions.forget(clock()) == 1


async def test_a_snapshot_survives_in_redis_and_expires_by_itself(redis):
    sessions = RedisSessions(redis, timedelta(hours=1))
    await sessions.save_after("c1", b"one")

    assert await sessions.load_elsewhere("c1") == b"one"
    assert 3590 < await redis.ttl("ltb:session:c1") <= 3600


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_one_turn_at_a_time(kind, redis):
    import asyncio

    locks = LocalLocks() if kind == "local" else RedisLocks(redis)
    inside = 0
    most = 0

    async def turn():
        nonlocal inside, most
        async with locks.hold("c1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    await asyncio.gather(*(turn() for _ in range(10)))
    assert most == 1


async def test_two_processes_share_the_lock_through_redis(redis):
    import asyncio

    order = []

    async def turn(name, locks):
        async with locks.hold("c1"):
            order.append(f"{name} in")
            await asyncio.sleep(0.02)
            order.append(f"{name} out")

    await asyncio.gather(turn("a", RedisLocks(redis)), turn("b", RedisLocks(redis)))
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
