"""Requests grouped anew at night: once, by one of several processes, and every process follows."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hotline import DRAFT
from sqlalchemy import select

from service.nightly import begin_within, last_done
from tickets.recurrence import Recurrence
from tickets.similar.regrouping import JOB, Grouped, Regrouping, regrouped
from tickets.similar.signature import Wording, sign
from tickets.similar.store import PURPOSE, regroup_within, signatures

LIFT = "阳光小区3号楼的电梯坏了半个月，老人上下楼不方便，物业一直不修。"
NOISE = "丽景花园旁边工地夜里打桩到两三点，孩子没法睡，打桩声音太大。"
NIGHT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # 02:30 in China


def grouped(*wordings, topics):
    signed = sign([Wording("", text, "") for text in wordings])
    return [
        Grouped(number, topic, one) for number, (topic, one) in enumerate(zip(topics, signed, strict=True), start=100)
    ]


@pytest.fixture
def regrouping(database, keyring, clock):
    clock.moment = NIGHT
    return Regrouping(database, keyring.cipher(PURPOSE), clock)


async def topics_of(database):
    statement = select(signatures.c.topic).order_by(signatures.c.ticket_id)
    return await database.read(lambda connection: list(connection.scalars(statement)))


async def opened(hotline, recurrence):
    """Two requests about a lift and one about noise, each under a topic of its own."""
    texts = (LIFT, NOISE, LIFT + "请尽快。")
    made = [await hotline.submitted(replace(DRAFT, id=f"d{n}", description=text)) for n, text in enumerate(texts)]
    ids = [ticket.id for ticket in made]
    await recurrence.look()
    await recurrence.database.write(lambda connection: regroup_within(connection, {n: n for n in ids}))
    return ids


def test_a_topic_is_named_by_its_first_request():
    assert regrouped(grouped(LIFT, NOISE, LIFT, topics=(100, 101, 102))) == {102: 100}


def test_what_went_on_from_before_keeps_its_name_and_only_one_group_has_it():
    assert regrouped(grouped(LIFT, NOISE, LIFT, topics=(7, 7, 102))) == {101: 101, 102: 7}


def test_nothing_to_group_is_nothing_to_change():
    assert regrouped([]) == {}


async def test_requests_that_belong_together_are_brought_together_once_a_night(
    hotline, regrouping, database, keyring, clock
):
    recurrence = Recurrence.open(database, keyring, clock)
    first, noise, _ = await opened(hotline, recurrence)
    processes = [regrouping, Regrouping(database, keyring.cipher(PURPOSE), clock)]

    done = await asyncio.gather(*(process.run() for process in processes))

    assert sorted(done, key=str) == [1, None]
    assert await topics_of(database) == [first, noise, first]
    assert await regrouping.run() is None
    clock.forward(days=1)
    assert await regrouping.run() == 0


async def test_by_day_nothing_is_regrouped(regrouping, clock):
    clock.forward(hours=8)

    assert await regrouping.run() is None


async def test_what_a_process_died_over_another_takes_up(regrouping, database, clock):
    assert await database.write(lambda connection: begin_within(connection, JOB, clock()))
    assert await regrouping.run() is None
    clock.forward(minutes=31)

    assert await regrouping.run() == 0
    assert await database.read(lambda connection: last_done(connection, JOB)) == clock()


async def test_every_process_follows_in_what_it_holds_in_memory(hotline, regrouping, database, keyring, clock):
    recurrence = Recurrence.open(database, keyring, clock)
    first, _, third = await opened(hotline, recurrence)
    other = Recurrence.open(database, keyring, clock)
    await other.follow()
    assert other._index._group_of(third) == third

    await regrouping.run()
    await other.follow()
    assert other._index._group_of(third) == first
