"""Notices: from a published answer into the conversation of whoever asked to be told, and nobody else."""

import asyncio
import json
from datetime import date

import pytest
from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient, TestServer
from published import publish as publish_untried
from sqlalchemy import select

from channels.delivery import DeliveryFailed, deliver_due
from channels.widget.arrivals import Arrivals
from knowledge_base.coverage.gaps import Gaps
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.live import refresh_knowledge
from service import background
from service.app import build_app
from service.assembly import open_parts
from service.identity.roles import Actor, Role
from service.outbox import Notice, forget_within, outbox, put_within
from service.settings import Settings

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))
QUESTION = "怎么申请在阳台上架设业余无线电天线"
NOTICE = Notice("answered:1", "answered", "bees", "one", "sms")


@pytest.fixture
async def own_parts(tmp_path, model_dir):
    settings = Settings(data_dir=tmp_path, model_dir=model_dir, encoder=False)
    async with open_parts(settings) as opened:
        yield opened


async def publish_an_answer(parts):
    """Group what was asked, write the entry and publish it."""
    await background.group_questions(parts)
    lifecycle = EntryLifecycle(parts.database, parts.entries, parts.clock)
    desk = Gaps(parts.database, parts.keyring.cipher("conversations"), lifecycle, parts.clock)
    gap = (await desk.most_asked())[0].id
    draft = await desk.draft(LI, gap, "区城管局", date(2999, 12, 1))
    slug = draft.entry.slug
    await lifecycle.save_draft(LI, draft.entry.model_copy(update={"answer": "向区城管局申请。"}))
    await lifecycle.submit(LI, slug, 1)
    await lifecycle.approve(WANG, slug, 1)
    await publish_untried(lifecycle, WANG, slug, 1)
    await refresh_knowledge(parts.entries, parts.knowledge)


async def test_an_open_page_and_a_returning_citizen_hear_of_the_answer_once(own_parts):
    async with TestClient(TestServer(build_app(own_parts)), timeout=ClientTimeout(20)) as client:
        session = (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]

        async def say(**body):
            response = await client.post("/api/v1/widget/messages", json={"session": session, **body})
            assert response.status == 200
            return (await response.json())["replies"]

        await say(text=QUESTION)
        last = (await say(payload="/tell_me", title="有答案了告诉我"))[-1]["id"]
        async with client.get("/api/v1/widget/events", params={"session": session, "after": str(last)}) as events:
            await publish_an_answer(own_parts)
            await asyncio.gather(*(background.deliver(own_parts, Arrivals()) for _ in range(3)))
            async for line in events.content:
                if line.startswith(b"data:"):
                    heard = json.loads(line.removeprefix(b"data:"))["reply"]
                    break
        assert QUESTION in heard["text"]
        assert "现在有准确的答复了" in heard["text"]
        shown = await say(payload=heard["buttons"][0]["payload"], title="看看答复")
        assert shown[0]["text"] == "向区城管局申请。"
        await background.deliver(own_parts, Arrivals())
        history = await (await client.get("/api/v1/widget/history", params={"session": session})).json()
        told = [message for message in history["messages"] if "现在有准确的答复了" in str(message)]
        assert [message["reply"]["id"] for message in told] == [heard["id"]]


class Outside:
    """A channel that sends into the world."""

    def __init__(self, database):
        self.database = database
        self.sent = []
        self.fails = False

    async def deliver(self, waiting, reply, settle):
        if self.fails:
            raise DeliveryFailed("对方没有应答")
        self.sent.append((waiting.notice.conversation, reply["text"]))
        await self.database.write(settle)

    def reply(self, waiting):
        return {"text": waiting.notice.subject}


@pytest.fixture
def outside(database):
    return Outside(database)


async def deliver(database, outside, clock):
    return await deliver_due(database, {"sms": outside}, outside, clock)


async def test_a_notice_put_twice_is_delivered_once(database, outside, clock):
    for _ in range(2):
        await database.write(lambda connection: put_within(connection, [NOTICE], clock()))

    assert [await deliver(database, outside, clock) for _ in range(2)] == [1, 0]
    assert outside.sent == [("one", "bees")]


async def test_a_failed_delivery_is_tried_again_ever_more_slowly(database, outside, clock):
    await database.write(lambda connection: put_within(connection, [NOTICE], clock()))
    outside.fails = True
    assert await deliver(database, outside, clock) == 0
    kept = await database.read(lambda connection: connection.execute(select(outbox)).one())
    assert (kept.attempts, kept.failure, kept.sent_at) == (1, "对方没有应答", None)
    assert await deliver(database, outside, clock) == 0  # not due yet

    clock.forward(minutes=1)
    await deliver(database, outside, clock)
    outside.fails = False
    clock.forward(minutes=1)
    assert await deliver(database, outside, clock) == 0
    clock.forward(minutes=1)
    assert await deliver(database, outside, clock) == 1


async def test_a_crash_before_the_notice_is_marked_delivers_it_again(database, outside, clock, monkeypatch):
    await database.write(lambda connection: put_within(connection, [NOTICE], clock()))

    async def crash(_work):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(outside.database, "write", crash)
        with pytest.raises(RuntimeError):
            await deliver(database, outside, clock)
    await deliver(database, outside, clock)

    assert outside.sent == [("one", "bees")] * 2


async def test_a_notice_waits_until_it_is_true_and_for_a_channel_that_is_there(database, outside, clock):
    later = Notice("answered:2", "answered", "sheep", "two", "sms", not_before=clock())
    elsewhere = Notice("answered:3", "answered", "sheep", "three", "wechat")
    clock.forward(hours=-1)
    await database.write(lambda connection: put_within(connection, [later, elsewhere], clock()))
    assert await deliver(database, outside, clock) == 0

    clock.forward(hours=1)
    assert await deliver(database, outside, clock) == 1
    assert await database.write(lambda connection: forget_within(connection, clock())) == 2
