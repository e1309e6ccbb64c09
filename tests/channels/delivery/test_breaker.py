"""A way that is down is left alone, others go on, and what has waited is told in order once it is back."""

import asyncio
from datetime import timedelta

import pytest
from delivering import Killed, Remedy, World, refusal
from sqlalchemy import select

from channels.delivery.breaker import FAILURES, BreakerState, all_breakers, close
from channels.delivery.figures import read_figures
from channels.delivery.ladder import Step
from service.inbox import inbox

SMS = Step("sms", None, timedelta(days=3), 10)
DOWN = [refusal(Remedy.RETRY)] * 1000


@pytest.fixture
def world(database, clock):
    return World(database, clock, [SMS])


async def put_many(world, count, start=0):
    await world.put_each({f"ticket-{number}": f"{number}" for number in range(start, start + count)})


async def breaker(world):
    return (await world.database.read(all_breakers)).get("sms")


async def shut(world):
    """A way that has failed as often as it takes."""
    world.ways["sms"].script = list(DOWN)
    await put_many(world, FAILURES)
    await world.deliver()
    assert (await breaker(world)).state is BreakerState.OPEN


async def test_a_way_that_fails_again_and_again_is_left_alone(world, clock):
    await shut(world)
    calls = len(world.ways["sms"].calls)
    await put_many(world, 50, start=100)
    await world.deliver()
    clock.forward(seconds=14)
    await world.deliver()

    assert len(world.ways["sms"].calls) == calls
    figures = await world.database.read(read_figures(clock()))
    assert figures.shut == {"sms": 1.0}


async def test_one_notice_tries_it_and_if_it_fails_the_pause_grows(world, clock):
    await shut(world)
    calls = len(world.ways["sms"].calls)
    clock.forward(seconds=15)
    await put_many(world, 10, start=100)
    await world.deliver()
    assert len(world.ways["sms"].calls) == calls + 1

    assert (await breaker(world)).next_at - clock() == timedelta(seconds=30)


async def test_once_it_is_back_what_has_waited_is_told_in_order_at_the_allowed_rate(world, clock):
    await shut(world)
    await put_many(world, 40, start=100)
    await world.deliver()
    world.ways["sms"].script.clear()
    clock.forward(seconds=15)
    told = []
    for _ in range(60):
        before = len(world.seen("sms"))
        await world.deliver()
        told.append(len(world.seen("sms")) - before)
        clock.forward(seconds=0.1)

    assert len(world.seen("sms")) == 45
    assert max(told[1:]) <= 2
    late = [int(text) for text in world.seen("sms") if int(text) >= 100]
    assert late == sorted(late)


async def test_after_catching_up_nothing_is_held_back(world, clock):
    await shut(world)
    world.ways["sms"].script.clear()
    for _ in range(30):
        clock.forward(seconds=1)
        await world.deliver()
    clock.forward(seconds=10)
    await put_many(world, 30, start=100)
    await world.deliver()

    assert len(world.seen("sms")) == 35
    assert await breaker(world) is None


async def test_other_ways_go_on(database, clock, world):
    await shut(world)
    other = World(database, clock, [Step("wechat_template", None, timedelta(days=1), 10)])
    await other.put("hello", subject="elsewhere")
    while await other.round(other.courier):
        pass

    assert "hello" in other.seen("wechat_template")


async def test_a_way_that_is_shut_gives_place_to_the_next_when_patience_ends(database, clock):
    steps = [Step("wechat_template", None, timedelta(minutes=15), 10), SMS]
    world = World(database, clock, steps)
    world.ways["wechat_template"].script = [refusal(Remedy.ALARM)] * 100
    await world.put("hello")
    for _ in range(20):
        await world.deliver()
        clock.forward(minutes=1)

    assert world.seen("sms") == ["hello"]


async def test_an_alarm_shuts_a_way_at_once_and_tells_those_who_can_mend_it(world, clock):
    world.ways["sms"].script = [refusal(Remedy.ALARM)] * 100
    await put_many(world, 3)
    await world.deliver()
    clock.forward(seconds=15)
    await world.deliver()

    assert (await breaker(world)).state is BreakerState.OPEN
    lines = await world.database.read(lambda connection: connection.execute(select(inbox)).all())
    assert [(line.recipient, line.kind, line.subject) for line in lines] == [("role:administrator", "way_down", "sms")]


async def test_what_staff_have_mended_goes_at_once(world, clock):
    await shut(world)
    world.ways["sms"].script.clear()
    assert await world.database.write(close("sms"))
    clock.forward(seconds=20)
    await world.deliver()

    assert len(world.seen("sms")) == FAILURES


async def test_refusals_of_one_person_shut_nothing(world):
    world.ways["sms"].script = [refusal(Remedy.PERMANENT)] * 20
    await put_many(world, 20)
    await world.deliver()

    assert await breaker(world) is None


async def test_a_trial_whose_worker_was_killed_is_made_again(world, clock):
    await shut(world)
    clock.forward(seconds=20)
    world.ways["sms"].script = [Killed()]
    running = asyncio.all_tasks()
    with pytest.raises(Killed):
        await world.round(world.courier)
    await asyncio.gather(*(asyncio.all_tasks() - running))  # the killed one's others, which live on here
    assert (await breaker(world)).state is BreakerState.TRIAL

    clock.forward(minutes=3)
    for _ in range(10):
        await world.deliver()
        clock.forward(seconds=5)
    assert len(world.seen("sms")) == FAILURES
