"""The queue: who is next, who wins, what is kept."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from handover import queue
from handover.asking import HandoverRequests, standing_within
from handover.figures import waiting_figures
from handover.presence import GONE_AFTER, come_within, leave_within, sign_within, there
from handover.tables import handovers
from handover.talk import Deed, Ending, State, Told, Why


@pytest.fixture
def ask(database, clock):
    async def put(conversation, why=Why.ASKED, channel="widget"):
        number = await database.write(
            lambda connection: queue.put_within(connection, conversation, channel, why, clock())
        )
        clock.forward(seconds=1)
        return await database.read(lambda connection: queue.handover_within(connection, number))

    return put


@pytest.fixture
def do(database):
    """Run a unit of work of the queue."""

    async def run(work, *arguments, **named):
        return await database.write(lambda connection: work(connection, *arguments, **named))

    return run


async def test_who_asked_first_is_next_but_danger_goes_before(do, ask):
    first, second = await ask("one"), await ask("two")
    urgent = await ask("three", Why.EMERGENCY)

    assert [talk.id for talk in await do(queue.waiting_within)] == [urgent.id, first.id, second.id]
    ahead = {each: (await do(standing_within, each)).ahead for each in ("one", "two", "three")}
    assert ahead == {"one": 1, "two": 2, "three": 0}


async def test_a_conversation_waits_once(ask):
    await ask("one")
    with pytest.raises(IntegrityError):
        await ask("one")


async def test_of_two_agents_one_gets_the_citizen(do, ask, clock):
    seen = await ask("one")
    won = await asyncio.gather(*(do(queue.take_within, seen, agent, clock()) for agent in ("a", "b", "c", "d")))

    assert sorted(won) == [False, False, False, True]
    steps = await do(queue.steps_within, seen.id)
    assert [step.deed for step in steps] == [Deed.ASK, Deed.TAKE]
    assert steps[1].actor == ("a", "b", "c", "d")[won.index(True)]


async def test_given_back_it_stands_at_its_old_place(do, ask, clock):
    first = await ask("one")
    await do(queue.take_within, first, "a", clock())
    await ask("two")
    taken = await do(queue.handover_within, first.id)
    assert await do(queue.release_within, taken, clock(), "a")

    waiting = await do(queue.waiting_within)
    assert [talk.conversation for talk in waiting] == ["one", "two"]
    assert waiting[0].queued_at == clock()
    assert await do(queue.of_agent("a", clock())) == []
    assert not await do(queue.release_within, taken, clock(), "a")


async def test_the_clock_of_an_answer_begins_with_the_first_words_that_have_none(do, ask, clock):
    seen = await ask("one")
    await do(queue.take_within, seen, "a", clock())
    talk = await do(queue.handover_within, seen.id)
    assert talk.awaits_answer
    await do(queue.answered_within, talk, clock(), "a")
    talk = await do(queue.handover_within, seen.id)
    assert not talk.awaits_answer
    clock.forward(minutes=1)
    asked_at = clock()
    for _ in range(2):
        talk = await do(queue.handover_within, seen.id)
        await do(queue.heard_within, talk, clock())
        clock.forward(minutes=1)

    talk = await do(queue.handover_within, seen.id)
    assert talk.awaits_answer
    assert talk.citizen_at == asked_at


async def test_what_ended_is_over_for_everybody_and_can_be_asked_again(do, ask, clock):
    seen = await ask("one")
    assert await do(queue.end_within, seen, Ending.CITIZEN, clock(), queue.CITIZEN)
    assert not await do(queue.take_within, seen, "a", clock())
    assert not await do(queue.told_within, seen, Told.PATIENCE, clock())
    assert await do(standing_within, "one") is None

    assert (await ask("one")).id != seen.id


async def test_an_agent_is_there_by_word_and_by_sign(do, database, clock):
    async def numbers():
        return [agent.number for agent in await database.read(there(clock()))]

    for name in ("a", "b"):
        await do(come_within, name, clock())
    assert await numbers() == [1, 2]
    await do(leave_within, "b", clock())
    assert await numbers() == [1]
    await do(come_within, "b", clock())
    clock.forward(seconds=GONE_AFTER.seconds - 1)
    await do(sign_within, "b", clock())
    clock.forward(seconds=1)
    assert await numbers() == [2]


async def test_asking_where_nobody_is_ends_at_once_and_counts(database, do, clock):
    requests = HandoverRequests(database, clock)
    standing = await requests.ask("one", "widget", Why.ASKED)
    asked = requests.take("one")
    await database.write(lambda connection: asked.write(connection, clock()))

    assert standing.state is State.ENDED
    assert await do(standing_within, "one") is None
    kept = await database.read(lambda connection: connection.execute(select(handovers)).one())
    assert kept.ending == Ending.NOBODY


async def test_nobody_waits_where_no_person_could_speak(database, do, clock):
    await do(come_within, "a", clock())
    requests = HandoverRequests(database, clock)

    assert (await requests.ask("one", "shell", Why.ASKED)).state is State.ENDED
    assert requests.take("one") is None


async def test_ended_ones_forget_their_conversation_and_keep_their_figures(do, ask, clock, database):
    seen = await ask("one")
    await do(queue.end_within, seen, Ending.CITIZEN, clock(), queue.CITIZEN)
    waiting = await ask("two")
    clock.forward(days=31)

    assert await do(queue.forget_within, clock() - timedelta(days=30)) == 1
    assert (await do(queue.handover_within, seen.id)).conversation is None
    assert (await do(queue.handover_within, waiting.id)).conversation == "two"


async def test_the_promise_is_kept_only_for_those_who_heard_a_person_in_time(do, ask, clock, database):
    since = clock()
    for minutes in (1, 2, 4):
        seen = await ask(f"answered after {minutes}")
        clock.forward(minutes=minutes, seconds=-1)
        await do(queue.take_within, seen, "a", clock())
        await do(queue.answered_within, await do(queue.handover_within, seen.id), clock(), "a")
    gone = await ask("gone", channel="wechat")
    await do(queue.end_within, gone, Ending.CITIZEN, clock(), queue.CITIZEN)
    figures = await database.read(waiting_figures(since, clock(), timedelta(minutes=3)))

    assert (figures.asked, figures.answered, figures.within_promise, figures.promise_kept) == (4, 3, 2, 0.5)
    assert figures.endings == {Ending.CITIZEN: 1}
    assert figures.channels == {"widget": 3, "wechat": 1}
    assert [figures.median, figures.ninetieth, figures.longest] == [timedelta(minutes=each) for each in (2, 4, 4)]


async def test_without_anybody_asking_there_are_no_figures(database, clock):
    figures = await database.read(waiting_figures(clock() - timedelta(days=1), clock(), timedelta(minutes=3)))

    assert (figures.asked, figures.promise_kept, figures.median) == (0, None, None)
