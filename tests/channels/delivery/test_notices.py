"""Notices on the page: from a published answer or a ticket into the conversation of whoever waits, and nobody else."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest
from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient, TestServer
from conftest import METRICS_TOKEN
from hotline import DRAFT, REPLY
from published import publish as publish_untried
from sqlalchemy import select

from bot.tables import sessions
from channels.delivery.care import newest
from channels.widget.arrivals import Arrivals
from knowledge_base.coverage.gaps import Gaps
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.live import refresh_knowledge
from program import background
from program.app import build_app
from program.assembly import open_parts
from program.delivering import open_worker
from service.identity.roles import Actor, Role
from service.outbox import NoticeState
from service.settings import Settings
from tickets.given import Given
from tickets.moves import Verb

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))
AGENT = Actor("agent", frozenset({Role.AGENT}))
QUESTION = "怎么申请在阳台上架设业余无线电天线"


@pytest.fixture
def delivering():
    """Whether the process that serves delivers, too."""
    return False


@pytest.fixture
async def own_parts(tmp_path, model_dir, delivering):
    more = {"deliver_here": delivering, "metrics_token": METRICS_TOKEN}
    settings = Settings(data_dir=tmp_path, model_dir=model_dir, encoder=False, **more)
    async with open_parts(settings) as opened:
        yield opened


@pytest.fixture
async def client(own_parts):
    async with TestClient(TestServer(build_app(own_parts)), timeout=ClientTimeout(60)) as opened:
        yield opened


async def deliver(parts):
    """What a worker of its own does, once."""
    courier = open_worker(parts, Arrivals()).courier
    await courier.carry(*await courier.claim())


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


async def open_session(client):
    return (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]


async def say(client, session, **body):
    response = await client.post("/api/v1/widget/messages", json={"session": session, **body})
    assert response.status == 200
    return (await response.json())["replies"]


async def hear(events):
    """The next thing an open page hears."""
    async for line in events.content:
        if line.startswith(b"data:"):
            return json.loads(line.removeprefix(b"data:"))["reply"]
    return None


@pytest.mark.parametrize("delivering", [True])
async def test_an_open_page_and_a_returning_citizen_hear_of_the_answer_once(own_parts, client):
    session = await open_session(client)
    await say(client, session, text=QUESTION)
    last = (await say(client, session, payload="/tell_me", title="有答案了告诉我"))[-1]["id"]
    async with client.get("/api/v1/widget/events", params={"session": session, "after": str(last)}) as events:
        await publish_an_answer(own_parts)
        await asyncio.gather(*(deliver(own_parts) for _ in range(3)))
        heard = await hear(events)
    assert QUESTION in heard["text"]
    assert "现在有准确的答复了" in heard["text"]
    shown = await say(client, session, payload=heard["buttons"][0]["payload"], title="看看答复")
    assert shown[0]["text"] == "向区城管局申请。"
    await deliver(own_parts)
    history = await (await client.get("/api/v1/widget/history", params={"session": session})).json()
    told = [message for message in history["messages"] if "现在有准确的答复了" in str(message)]
    assert [message["reply"]["id"] for message in told] == [heard["id"]]


async def test_news_of_a_ticket_are_closed_by_the_page_that_shows_them(own_parts, client):
    session = await open_session(client)
    await say(client, session, text=QUESTION)
    (conversation,) = {each.conversation for each in await conversations(own_parts)}
    worker = open_worker(own_parts, Arrivals())
    worker.courier.rungs["sms"] = Unwilling()  # so that a receipt is waited for
    ticket = await own_parts.desk.submit(replace(DRAFT, channel="widget", conversation=conversation))
    await own_parts.desk.lifecycle.perform(AGENT, ticket.number, Verb.ANSWER, Given.of(text=REPLY))
    await worker.courier.carry(*await worker.courier.claim())
    assert await state(own_parts) is NoticeState.WAITING

    history = await (await client.get("/api/v1/widget/history", params={"session": session})).json()
    assert REPLY in str(history)
    assert await state(own_parts) is NoticeState.SENT


async def conversations(parts):
    return await parts.database.read(lambda connection: connection.execute(select(sessions)).all())


async def state(parts):
    return (await parts.database.read(newest(None, None, 1)))[0].state


class Unwilling:
    def reaches(self, recipient):
        return recipient.phone is not None

    async def send(self, parcel):
        raise AssertionError


async def test_metrics_tell_how_delivery_stands(client):
    text = await (await client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})).text()

    assert "ltb_notices_waiting 0.0" in text
    assert "ltb_notices_oldest_seconds 0.0" in text
