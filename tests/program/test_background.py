import pytest
from sqlalchemy import func, select

from bot.assistant import Incoming, new_id
from bot.tables import messages, sessions
from knowledge_base.tables import answers
from program.assembly import open_parts
from program.forgetting import forget
from service.identity.roles import Actor, Role
from service.inbox import inbox, put_within, read_within, unread
from service.settings import Settings


@pytest.fixture
async def own_parts(tmp_path, model_dir, clock):
    settings = Settings(data_dir=tmp_path, model_dir=model_dir, encoder=False, conversation_days=30, session_minutes=60)
    async with open_parts(settings, clock) as opened:
        yield opened


async def test_what_is_old_is_forgotten_and_what_was_answered_stays_counted(own_parts, clock):
    async def count(*columns):
        return [
            await own_parts.database.read(lambda c, column=column: c.scalar(select(func.count(column))))
            for column in columns
        ]

    async def ask():
        await own_parts.assistant.turn(Incoming(new_id(), "widget", new_id(), "身份证过期了在外地能换吗"))

    await ask()
    clock.forward(days=29)
    await ask()
    await forget(own_parts)
    kept = (sessions.c.conversation, messages.c.id, answers.c.question, answers.c.entry)
    assert await count(*kept) == [1, 4, 2, 2]

    clock.forward(days=2)
    await forget(own_parts)
    assert await count(*kept) == [0, 2, 1, 2]


async def test_what_staff_have_read_is_forgotten_after_its_days_and_nothing_unread_is(own_parts, clock):
    agent, database = Actor("li", frozenset({Role.AGENT})), own_parts.database
    await database.write(lambda c: put_within(c, ["person:li"], "submit", "read", clock()))
    (line,) = await database.read(unread(agent))
    await database.write(lambda c: read_within(c, agent, [line.id], clock()))
    await database.write(lambda c: put_within(c, ["person:li"], "submit", "unread", clock()))
    clock.forward(days=91)
    await forget(own_parts)

    assert await database.read(lambda c: list(c.scalars(select(inbox.c.subject)))) == ["unread"]
