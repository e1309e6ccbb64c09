"""Several workers, killed ones among them: nobody is told twice, nothing is lost, a ticket's news come in order."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from delivering import Killed, Remedy, World, refusal

from channels.delivery.care import cancel, newest
from channels.delivery.claims import ClaimLost, end_within
from channels.delivery.ladder import Step
from service.outbox import NoticeState

SMS = Step("sms", None, timedelta(days=3), 100)


@pytest.fixture
def world(database, clock):
    return World(database, clock, [SMS])


async def test_a_notice_put_twice_is_told_once(world):
    await world.put("hello")
    await world.put("hello")
    await world.deliver()

    assert world.seen("sms") == ["hello"]


async def test_two_workers_at_once_tell_everything_once(world):
    await world.put_each({f"ticket-{number}": f"{number}" for number in range(60)})
    await asyncio.gather(*(world.deliver(world.worker()) for _ in range(4)))

    assert sorted(world.seen("sms"), key=int) == [f"{number}" for number in range(60)]


async def test_what_a_killed_worker_had_sent_is_asked_about_by_the_next(world, clock):
    world.ways["sms"].script = [Killed()]
    await world.put("hello")
    with pytest.raises(Killed):
        await world.deliver()
    await world.deliver(world.worker())
    assert len(world.ways["sms"].calls) == 1  # its claim still holds

    clock.forward(minutes=2)
    await world.deliver(world.worker())
    assert world.seen("sms") == ["hello"]
    assert [verb for verb, _ in world.ways["sms"].calls] == ["send", "ask"]


async def test_what_a_killed_worker_had_only_claimed_is_told_by_the_next(world, clock):
    await world.put("hello")
    await world.courier.claim()
    clock.forward(minutes=2)
    await world.deliver(world.worker())

    assert world.seen("sms") == ["hello"]


async def test_a_worker_that_slept_too_long_tells_nothing_any_more(world, clock):
    await world.put("hello")
    holder, ids = await world.courier.claim()
    clock.forward(minutes=2)
    await world.deliver(world.worker())
    await world.courier.carry(holder, ids)

    assert world.seen("sms") == ["hello"]
    with pytest.raises(ClaimLost):
        await world.database.write(
            lambda connection: end_within(connection, ids[0], holder, NoticeState.CANCELLED, None, clock())
        )


async def test_news_of_one_ticket_come_in_order_and_others_do_not_wait(world, clock):
    await world.put("first", "second", "third")
    world.ways["sms"].script = [refusal(Remedy.RETRY)]
    await world.deliver()
    await world.put("other", subject="20261121-00002-9")
    await world.deliver()
    assert world.seen("sms") == ["other"]

    clock.forward(seconds=20)
    await world.deliver()
    assert world.seen("sms") == ["other", "first", "second", "third"]


async def test_news_go_on_after_one_that_could_not_be_told(world):
    await world.put("first", "second")
    world.ways["sms"].script = [refusal(Remedy.PERMANENT)]
    await world.deliver()

    assert world.seen("sms") == ["second"]


async def test_one_ticket_told_to_two_people_keeps_nobody_waiting(world):
    await world.put("to one", conversation="one")
    await world.put("to another", conversation="another")
    world.ways["sms"].script = [refusal(Remedy.RETRY)]
    await world.deliver()

    assert len(world.seen("sms")) == 1


async def test_what_staff_call_off_is_not_told(world):
    await world.put("hello")
    (waiting,) = await world.database.read(newest(NoticeState.WAITING, None, 10))
    assert await world.database.write(cancel(waiting.id, "诉求人说不用了", world.clock(), "li"))
    await world.deliver()

    assert world.seen("sms") == []


async def test_a_mistake_in_one_notice_keeps_no_other_from_being_told(world, clock, monkeypatch):
    await world.put("bad", subject="one")
    await world.put("good", subject="two")
    letter = world.courier.wording.letter
    monkeypatch.setattr(world.courier.wording, "letter", lambda n: 1 / 0 if n.key == "bad" else letter(n))
    for _ in range(400):
        await world.deliver()
        clock.forward(minutes=30)

    assert world.seen("sms") == ["good"]
    (given_up,) = await world.database.read(newest(NoticeState.UNDELIVERED, None, 10))
    assert given_up.failure == "程序出错：ZeroDivisionError"


async def test_a_way_that_breaks_keeps_no_other_notice_from_being_told(world):
    await world.put("bad", subject="one")
    await world.put("good", subject="two")
    world.ways["sms"].script = [ZeroDivisionError("a mistake of ours")]
    with contextlib.suppress(ZeroDivisionError):
        await world.deliver()

    assert "good" in world.seen("sms")
