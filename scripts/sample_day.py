"""A made-up day of a hotline: staff of every role, requests in every state, questions that found no answer.

For pictures and for looking at pages: nobody in it exists. Everything is done by the verbs of the product, at moments
that a clock is set to, so it looks the same each time.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, update

from bot.assistant import Incoming
from program.assembly import Parts, open_parts
from program.background import group_questions, recognise_tickets, watch_tickets
from service.clock import CHINA
from service.identity.roles import Actor, Role
from service.identity.sessions import Place, begin_within
from service.identity.staff import actor_of, add_staff
from service.identity.tables import staff
from service.settings import Settings
from tickets.given import Given
from tickets.moves import Verb
from tickets.ticket import Draft, Kind, Satisfaction, Ticket

NOW = datetime(2026, 11, 24, 10, 20, tzinfo=CHINA)
"""A Tuesday."""

_TOLD = Path(__file__).with_suffix(".yml")

STAFF = {
    "zhang": ("张敏", Role.ADMINISTRATOR, ()),
    "wang": ("王丽", Role.AGENT, ()),
    "zhao": ("赵晓芸", Role.AGENT, ()),
    "li": ("李华", Role.CURATOR, ()),
    "fang": ("方芳", Role.REVIEWER, ()),
    "liu": ("刘洋", Role.DISPATCHER, ()),
    "chen": ("陈晨", Role.UNIT_CLERK, ("cg",)),
    "he": ("何主任", Role.UNIT_HEAD, ("cg",)),
    "zhou": ("周科长", Role.UNIT_HEAD, ("zj",)),
    "sun": ("孙督办", Role.SUPERVISOR, ()),
    "xu": ("许审计", Role.AUDITOR, ()),
}

REPLY = "您好，您反映的问题我们{day}到现场看过：{done} 还有不清楚的，可以打 0000-0000（示例信息）找经办人。"


@dataclass(frozen=True, slots=True)
class Story:
    """A request and how far it has come.

    Attributes:
        days, hour: how many days ago, and at what hour.
        way: what was done with it, in order; see `_do`.
    """

    days: int
    hour: int
    kind: str
    channel: str
    words: str
    place: str
    street: str
    name: str
    category: str
    unit: str
    way: Sequence[str]
    done: str = "坏的部件已经换好，试用正常。"


@dataclass(slots=True)
class SampleClock:
    """Stands where the story has come to."""

    moment: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        """The moment."""
        return self.moment


@dataclass(frozen=True, slots=True)
class SampleDay:
    """The open parts, and who works there."""

    parts: Parts
    actors: dict[str, Actor]
    tickets: Sequence[Ticket]

    async def token(self, username: str) -> str:
        """What the cookie of somebody who has signed in holds."""

        def begin(connection: Connection) -> str:
            until = self.parts.clock() + timedelta(hours=12)
            return begin_within(connection, username, Place("127.0.0.1", "示例"), NOW, until, code_given=True)

        return await self.parts.database.write(begin)


@asynccontextmanager
async def sample_day(data_dir: Path, model_dir: Path) -> AsyncIterator[SampleDay]:
    """The hotline in the middle of its day.

    Args:
        data_dir: an empty folder.
    """
    clock = SampleClock(NOW - timedelta(days=21))
    settings = Settings(data_dir=data_dir, model_dir=model_dir, encoder=False)
    async with open_parts(settings, clock) as parts:
        actors = {}
        for username, (name, role, units) in STAFF.items():
            await add_staff(parts.database, username, [role], "示例密码", units=units, name=name, clock=clock)
            actors[username] = await actor_of(parts.database, username)
        set_up = {"must_change_password": False, "password_changed_at": NOW, "second_factor_due_at": NOW + timedelta(7)}
        await parts.database.write(lambda connection: connection.execute(update(staff).values(set_up)))
        told = yaml.safe_load(_TOLD.read_text("utf-8"))
        stories = [Story(**each) for each in told["requests"]]
        tickets = [await _live(parts, actors, clock, number, story) for number, story in enumerate(stories)]
        for number, (words, times) in enumerate(told["asked"].items()):
            for time in range(times):
                clock.moment = NOW - timedelta(days=2 * number, hours=1 + time)
                turn = f"asked-{number}-{time}"
                await parts.assistant.turn(Incoming(turn, "widget", turn, words))
        clock.moment = NOW
        await recognise_tickets(parts)
        await watch_tickets(parts)
        await group_questions(parts)
        yield SampleDay(parts, actors, tickets)


async def _live(parts: Parts, actors: dict[str, Actor], clock: SampleClock, number: int, story: Story) -> Ticket:
    """Register a request and have done with it what its story says."""
    begun = NOW.replace(hour=story.hour, minute=number % 20) - timedelta(days=story.days)
    clock.moment = begun
    draft = Draft(
        id=f"sample-{number}",
        kind=Kind(story.kind),
        channel=story.channel,
        conversation=f"sample-{number}",
        description=story.words,
        place=story.place,
        name=story.name,
        phone=f"+86138000{number:05}",
        category=story.category,
        street=story.street,
    )
    ticket = await parts.desk.lifecycle.submit(actors["wang"], draft)
    for step, deed in enumerate(story.way):
        clock.moment = min(begun + timedelta(hours=1 + 5 * step), NOW - timedelta(minutes=5))
        ticket = await _do(parts, actors, clock, ticket, story, deed)
    return ticket


async def _do(
    parts: Parts, actors: dict[str, Actor], clock: SampleClock, ticket: Ticket, story: Story, deed: str
) -> Ticket:
    clerk = Actor(f"{story.unit}-clerk", frozenset({Role.UNIT_CLERK}), frozenset({story.unit}))
    head = Actor(f"{story.unit}-head", frozenset({Role.UNIT_HEAD}), frozenset({story.unit}))
    clerk, head = (actors["chen"], actors["he"]) if story.unit == "cg" else (clerk, head)
    day = f"{clock.moment.month}月{clock.moment.day}日"
    moves: dict[str, tuple[Actor, Verb, dict[str, Any]]] = {
        "answer": (actors["wang"], Verb.ANSWER, {"text": "带老人的身份证和户口簿到社区办，当月受理，次月发放。"}),
        "dispatch": (actors["liu"], Verb.DISPATCH, {"unit": story.unit}),
        "accept": (clerk, Verb.ACCEPT, {}),
        "reply": (clerk, Verb.REPLY, {"text": REPLY.format(day=day, done=story.done)}),
        "approve": (actors["wang"], Verb.APPROVE, {}),
        "return": (head, Verb.REQUEST_RETURN, {"reason": "夜间施工噪声由生态环境部门监管。", "unit": "hb"}),
        "extension": (head, Verb.REQUEST_EXTENSION, {"reason": "要等公安分局一起上门。", "span": "3个工作日"}),
    }
    if deed == "solved":
        return await parts.desk.solved(ticket, Satisfaction.SATISFIED)
    if deed == "unsolved":
        return await parts.desk.unsolved(ticket, "地锁还在，只是贴了张通知。", Satisfaction.DISSATISFIED)
    actor, verb, given = moves[deed]
    return await parts.desk.lifecycle.perform(actor, ticket.number, verb, Given.of(**given))
