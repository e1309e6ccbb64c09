"""What comes again is recognised, and too much of it is told to those who can act."""

import asyncio
from dataclasses import replace

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, SUPERVISOR, clerk_of
from sqlalchemy import func, select

from service.identity.roles import Actor, Role
from service.inbox import unread
from tickets.alarms.alarm import Grade, Kind
from tickets.alarms.store import open_alarms
from tickets.recurrence import ALARM, Recurrence
from tickets.similar.store import signatures

BOSS = Actor("boss", frozenset({Role.ADMINISTRATOR}))
LIFT = "阳光小区3号楼的电梯坏了半个月，老人上下楼不方便，物业一直不修。"


@pytest.fixture
def recurrence(database, keyring, clock):
    return Recurrence.open(database, keyring, clock)


def about(number, text=LIFT, **changes):
    return replace(DRAFT, id=f"draft-{number}", description=text, conversation=f"conversation-{number}", **changes)


async def alarms(database):
    return [(alarm.kind, alarm.grade) for alarm in await database.read(open_alarms(BOSS))]


async def test_a_request_that_is_there_already_is_known_with_why(hotline, recurrence):
    first = await hotline.submitted(about(1))
    await hotline.submitted(about(2, "和平街道昨天停水，到现在没有来水。", place="和平街道", phone="+8613900139000"))
    await recurrence.look()

    known = await recurrence.known("阳光小区3号楼电梯又坏了，半个月没人修", "阳光小区3号楼", DRAFT.phone)

    assert [each.ticket.number for each in known] == [first.number]
    assert known[0].own
    assert known[0].why.startswith("同一个人")
    assert not (await recurrence.known(LIFT, "阳光小区3号楼", "+8613700137000"))[0].own


async def test_what_is_closed_is_not_offered(hotline, recurrence, desk):
    await desk.withdraw(await hotline.submitted(about(1)))
    await recurrence.look()

    assert await recurrence.known(LIFT, "阳光小区3号楼", DRAFT.phone) == []


async def test_another_process_knows_what_this_one_looked_at(hotline, recurrence, database, keyring, clock):
    first = await hotline.submitted(about(1))
    await recurrence.look()
    another = Recurrence.open(database, keyring, clock)
    assert await another.look() == 0

    assert [each.ticket.number for each in await another.known(LIFT, "", None)] == [first.number]


async def test_each_ticket_is_looked_at_once_by_however_many_processes(hotline, database, keyring, clock):
    for number in range(5):
        await hotline.submitted(about(number))
    processes = [Recurrence.open(database, keyring, clock) for _ in range(3)]

    assert sum(await asyncio.gather(*(process.look() for process in processes))) == 5
    assert await database.read(lambda connection: connection.scalar(select(func.count()).select_from(signatures))) == 5


async def test_words_of_danger_are_told_at_once_to_those_who_can_act(hotline, recurrence, database):
    await hotline.submitted(about(1, "再不解决我就从楼上跳楼，真的活不下去了"))
    await recurrence.look()
    await recurrence.look()

    assert await alarms(database) == [(Kind.WORDS, Grade.URGENT)]
    for somebody in (DISPATCHER, SUPERVISOR, AGENT):
        assert [line.kind for line in await database.read(unread(somebody))].count(ALARM) == 1


async def test_many_about_the_same_raise_an_alarm_once(hotline, recurrence, database):
    for number in range(7):
        await hotline.submitted(about(number, phone=f"+861380013800{number}"))
        await recurrence.look()

    assert await alarms(database) == [(Kind.SURGE, Grade.NOTICE)]


async def test_who_has_to_ask_a_third_time_is_told_to_the_supervisor(hotline, recurrence, database, clock):
    for number in range(3):
        await hotline.submitted(about(number))
        clock.forward(days=20)
        await recurrence.look()

    assert (Kind.UNSOLVED_AGAIN, Grade.WARNING) in await alarms(database)
    assert ALARM in [line.kind for line in await database.read(unread(SUPERVISOR))]


async def test_a_unit_learns_nothing_of_alarms(hotline, recurrence, database):
    await hotline.submitted(about(1, "再不解决我就从楼上跳楼"))
    await recurrence.look()

    assert await database.read(unread(clerk_of("cg"))) == []
