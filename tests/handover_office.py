"""A hotline with agents on duty, citizens who wait, and the watch over both."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest_asyncio
from hotline import AGENT

from bot.assistant import Assistant, Incoming, new_id
from bot.locks import LocalLocks
from bot.sessions import SqlSessions
from bot.transcript import Transcript
from channels.handover.desk import ChatDesk
from channels.handover.watch import HandoverWatch
from channels.widget.arrivals import Arrivals
from handover import queue
from handover.asking import HandoverRequests
from handover.talk import Why
from knowledge_base.answer_log import AnswerLog
from knowledge_base.entry import Entry
from service.identity.roles import Actor, Role
from service.settings import Settings
from tickets.lifecycle import Lifecycle

COLLEAGUE = Actor("colleague", frozenset({Role.AGENT}))
ENTRY = Entry(
    slug="id-card", question="身份证丢了怎么办", answer="带户口簿到派出所办理。", facets={"materials": "户口簿"}
)


@dataclass
class Handovers:
    """Agents, citizens and the watch in a test."""

    desk: ChatDesk
    watch: HandoverWatch
    clock: object

    async def waits(self, conversation="c-1", channel="widget", why=Why.ASKED):
        put = lambda connection: queue.put_within(connection, conversation, channel, why, self.clock())  # noqa: E731
        return await self.desk.database.write(put)

    async def talks(self, conversation="c-1", channel="widget"):
        number = await self.waits(conversation, channel)
        await self.desk.take(AGENT, number)
        return number

    async def clicks(self, payload, conversation="c-1"):
        incoming = Incoming(conversation, "widget", new_id(), payload=payload, title="…")
        return [message.body for message in (await self.desk.assistant.turn(incoming)).replies]

    async def heard(self, conversation="c-1"):
        """What was said to a citizen, by whom."""
        return [(m.sender, m.body["text"]) for m in await self.desk.assistant.transcript.history(conversation)]

    async def of(self, number):
        return await self.desk.database.read(lambda connection: queue.handover_within(connection, number))

    async def deeds(self, number):
        return [s.deed for s in await self.desk.database.read(lambda c: queue.steps_within(c, number))]

    async def after(self, **time):
        """Time passes, with the pages of agents open."""
        self.clock.forward(**time)
        for agent in (AGENT, COLLEAGUE):
            await self.desk.give_sign(agent)
        return await self.watch.run()


class Published:
    """A base with one entry, and one that was found and may not be told any longer."""

    async def candidates(self, _text, count):
        gone = ENTRY.model_copy(update={"slug": "gone"})
        return [SimpleNamespace(entry=entry) for entry in (gone, ENTRY)][:count]

    def entry(self, slug):
        return ENTRY if slug == ENTRY.slug else None


def chat_desk(database, keyring, clock, settings):
    """The agents' desk over a database, beside an assistant that has no model."""
    cipher = keyring.cipher("conversations")
    transcript = Transcript(database, cipher)
    opened = SimpleNamespace(
        answer_log=AnswerLog(cipher), handovers=HandoverRequests(database, clock), settings=settings, clock=clock
    )
    sessions = SqlSessions(database)
    assistant = Assistant(database, sessions, LocalLocks(), transcript, opened, cipher, timedelta(hours=1))
    lifecycle = Lifecycle.open(database, keyring, clock)
    return ChatDesk(database, assistant, Arrivals(), Published(), lifecycle, cipher, settings, clock)


def desk_of(parts):
    """The agents' desk of a whole installation."""
    cipher, lifecycle = parts.keyring.cipher("conversations"), parts.desk.lifecycle
    return ChatDesk(
        parts.database, parts.assistant, Arrivals(), parts.knowledge, lifecycle, cipher, parts.settings, parts.clock
    )


@pytest_asyncio.fixture
async def handovers(database, keyring, clock, tmp_path):
    desk = chat_desk(database, keyring, clock, Settings(data_dir=tmp_path))
    watch = HandoverWatch(database, desk.assistant, desk.arrivals, desk.cipher, desk.settings, clock)
    for agent in (AGENT, COLLEAGUE):
        await desk.come(agent)
    return Handovers(desk, watch, clock)
