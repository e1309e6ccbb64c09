"""Several processes answer one account: WeChat's deliveries reach any of them, also at the same moment."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from conftest import empty
from pushed_wechat import KEY, TOKEN, Mode, Via, served, settings_of, shown
from redis.asyncio import Redis
from sqlalchemy import func, select

from bot.tables import messages
from channels.wechat.arriving import webhook
from channels.wechat.tables import followers
from program.assembly import open_parts
from service.settings import Settings
from simulators.wechat.account import Account
from simulators.wechat.pushing import Pusher, Server


class Client:
    """WeChat's API, for every process."""

    media = calls = None

    def __init__(self, account):
        self.account = account

    async def send_text(self, openid, text):
        await asyncio.sleep(0)
        self.account.arrive(openid, Via.CUSTOM, {"msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid, menu, text):
        await self.send_text(openid, text)


@pytest.fixture(params=["postgresql with Redis", "sqlite"])
def shared(request, tmp_path, model_dir):
    """What two processes share."""
    common = {"data_dir": tmp_path, "model_dir": model_dir, "encoder": False, "secret_key": "A" * 43 + "="}
    if request.param == "sqlite":
        return Settings(**common)
    urls = {"database_url": request.getfixturevalue("postgres_url"), "redis_url": request.getfixturevalue("redis_url")}
    return Settings(**common, **urls)


@pytest_asyncio.fixture
async def two(shared):
    """Two addresses of one account, and the platform's view of both."""
    account = Account()
    client = Client(account)
    if shared.redis_url:
        redis = Redis.from_url(shared.redis_url)
        await redis.flushall()
        await redis.aclose()
    async with AsyncExitStack() as stack:
        pushers = []
        http = await stack.enter_async_context(ClientSession())
        parts = await stack.enter_async_context(open_parts(shared))
        for _ in range(2):
            if shared.redis_url:  # without it there is one process, and so one assistant
                parts = await stack.enter_async_context(open_parts(shared))
            chosen = replace(parts, settings=settings_of(parts, account, wechat_mode="compatible"), wechat=client)
            address = await stack.enter_async_context(served(chosen))
            pushers.append(Pusher(account, Server(f"{address}/wechat", TOKEN, KEY, Mode.SAFE), http))
        yield parts, pushers
        if not parts.database.is_sqlite:
            await parts.database.write(empty)


async def count(parts, table, *conditions):
    statement = select(func.count()).select_from(table).where(*conditions)
    return await parts.database.read(lambda connection: connection.scalar(statement))


async def test_overlapping_deliveries_to_two_processes_run_each_turn_once(two, monkeypatch):
    monkeypatch.setattr(webhook, "PASSIVE_SECONDS", 0.3)  # so that some are answered at once and some later
    parts, pushers = two
    account = pushers[0].account
    people = [account.follow().openid for _ in range(12)]
    question = {"MsgType": "text", "MsgId": "7", "Content": "身份证过期了在外地能换吗"}
    sent = [pushers[0].xml(person, question) for person in people]

    async def deliver(person, xml):
        answers = await asyncio.gather(*(pusher.deliver(person, xml) for pusher in pushers * 2))
        return {pushers[0]._read(answer)[0] for answer in answers}

    said = await asyncio.gather(*(deliver(person, xml) for person, xml in zip(people, sent, strict=True)))
    async with asyncio.timeout(60):
        while not all(shown(account, person) or any(heard) for person, heard in zip(people, said, strict=True)):
            await asyncio.sleep(0.02)

    assert await count(parts, followers) == len(people)
    assert await count(parts, messages, messages.c.sender == "citizen") == len(people)
    for person, heard in zip(people, said, strict=True):
        passive = {text for text in heard if text}
        assert len(passive) + len(shown(account, person)) == 1  # in a reply, perhaps in each of them, or by a message
        assert "来源：" in (passive or shown(account, person)).pop()


async def test_a_signature_seen_by_one_process_is_known_to_the_other(two):
    _, (here, there) = two
    here.server = replace(here.server, mode=Mode.PLAIN)
    params, body = here.sealed("o1", here.xml("o1", {"MsgType": "text", "MsgId": "1", "Content": "你好"}))

    async def status(pusher, sent):
        async with here._http.post(pusher.server.url, params=params, data=sent.encode()) as response:
            return response.status

    forged = body.replace("<MsgId>1", "<MsgId>2")
    assert [await status(here, body), await status(there, body), await status(there, forged)] == [200, 200, 403]
