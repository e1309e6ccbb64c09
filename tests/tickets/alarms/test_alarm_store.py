from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from hotline import DISPATCHER, DRAFT, clerk_of

from service.identity.roles import Actor, Role
from tickets.alarms.alarm import Alarm, Grade, Kind
from tickets.alarms.store import (
    AlarmGone,
    AlarmRefused,
    Put,
    acknowledge_within,
    close_within,
    open_alarm,
    open_alarms,
    put_within,
)
from tickets.desk import TicketDesk

SURGE = Alarm(
    Kind.SURGE, Grade.NOTICE, "surge:77", "7 天内同一件事有 5 件诉求", frozenset({"dispatcher"}), (), timedelta(days=7)
)


EVERYBODY = Actor("li", frozenset({Role.ADMINISTRATOR}))


@pytest_asyncio.fixture
async def tickets(database, keyring, clock):
    desk = TicketDesk.open(database, keyring, clock)
    return [(await desk.submit(replace(DRAFT, id=f"draft-{number}"))).id for number in range(3)]


@pytest.fixture
def put(database, clock):
    return lambda alarm: database.write(lambda connection: put_within(connection, alarm, clock()))


@pytest.fixture
def opened(database):
    return lambda actor=EVERYBODY: database.read(open_alarms(actor))


@pytest.fixture
def close(database, keyring, clock):
    cipher = keyring.cipher("tickets")
    return lambda alarm_id, outcome="已派人到现场", by=EVERYBODY: database.write(
        lambda connection: close_within(connection, cipher, by, alarm_id, outcome, clock())
    )


async def test_the_same_is_told_once_with_all_tickets_behind_it(put, opened, tickets):
    first = await put(replace(SURGE, tickets=tickets[:2]))
    again = await put(replace(SURGE, tickets=tickets[1:]))

    assert (first, again) == (Put.NEW, Put.KNOWN)
    (alarm,) = await opened()
    assert alarm.tickets == tuple(tickets)


async def test_a_higher_grade_is_told_anew_and_a_lower_one_is_not(put, opened, database, clock):
    await put(SURGE)
    (seen,) = await opened()
    await database.write(lambda connection: acknowledge_within(connection, DISPATCHER, seen.id, clock()))

    raised = await put(replace(SURGE, grade=Grade.URGENT, roles=frozenset({"supervisor"})))
    lower = await put(SURGE)

    assert (raised, lower) == (Put.RAISED, Put.KNOWN)
    (alarm,) = await opened()
    assert (alarm.id, alarm.grade, alarm.acknowledged_by) == (seen.id, Grade.URGENT, None)


async def test_the_first_who_takes_care_stays_named(put, opened, database, clock):
    await put(SURGE)
    (alarm,) = await opened()
    for by in (DISPATCHER, EVERYBODY):
        await database.write(lambda connection, by=by: acknowledge_within(connection, by, alarm.id, clock()))

    assert [alarm.acknowledged_by for alarm in await opened()] == ["dispatcher"]


async def test_what_was_closed_is_told_again_only_after_its_time_or_if_graver(put, opened, close, clock):
    await put(SURGE)
    (alarm,) = await opened()
    await close(alarm.id)

    assert await put(SURGE) is Put.KNOWN
    assert await opened() == []
    clock.forward(days=7)
    assert await put(SURGE) is Put.NEW
    (again,) = await opened()
    await close(again.id)
    assert await put(replace(SURGE, grade=Grade.WARNING)) is Put.NEW


async def test_words_that_were_dealt_with_are_never_told_again(put, opened, close, clock):
    words = replace(SURGE, kind=Kind.WORDS, key="words:1", again_after=None)
    await put(words)
    (alarm,) = await opened()
    await close(alarm.id)
    clock.forward(days=400)

    assert await put(words) is Put.KNOWN


async def test_closing_needs_a_word_and_happens_once(put, opened, close):
    await put(SURGE)
    (alarm,) = await opened()
    with pytest.raises(AlarmRefused, match="怎么处理的"):
        await close(alarm.id, "  ")
    await close(alarm.id)
    with pytest.raises(AlarmGone, match="可能已经被关闭"):
        await close(alarm.id)


async def test_everybody_sees_what_is_told_to_them_the_gravest_first(put, opened):
    await put(SURGE)
    await put(replace(SURGE, key="words:3", grade=Grade.URGENT, roles=frozenset({"supervisor"})))

    assert [alarm.grade for alarm in await opened()] == [Grade.URGENT, Grade.NOTICE]
    assert [alarm.grade for alarm in await opened(DISPATCHER)] == [Grade.NOTICE]


async def test_who_is_not_told_of_an_alarm_can_neither_see_nor_close_it(put, opened, close, database, clock):
    await put(SURGE)
    (alarm,) = await opened(DISPATCHER)
    clerk = clerk_of("cg")

    assert await opened(clerk) == []
    for work in (
        lambda connection: open_alarm(connection, clerk, alarm.id),
        lambda connection: acknowledge_within(connection, clerk, alarm.id, clock()),
    ):
        with pytest.raises(AlarmGone):
            await database.write(work)
    with pytest.raises(AlarmGone):
        await close(alarm.id, by=clerk)
    assert await database.read(lambda connection: open_alarm(connection, DISPATCHER, alarm.id)) == alarm
