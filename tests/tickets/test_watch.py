"""Time is watched over: nobody can say that they did not know, and no ticket is left alone."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, SUPERVISOR, clerk_of
from sqlalchemy import func, select, update

from service.clock import CHINA
from service.inbox import unread
from service.outbox import outbox
from tickets.lists import Filter, count
from tickets.moves import Verb
from tickets.states import State
from tickets.tables import tickets
from tickets.ticket import Outcome
from tickets.watch import Watch


@pytest.fixture
def watch(lifecycle):
    return Watch(lifecycle)


async def seen_by(actor, database):
    return [line.kind for line in await database.read(unread(actor))][::-1]


async def pass_time(watch, clock, until, hours=4):
    """Let time go by as it does, with a look every few hours."""
    while clock.moment < until:
        clock.moment = min(until, clock.moment + timedelta(hours=hours))
        await watch.run()


async def test_a_unit_is_warned_before_its_time_is_over_and_the_supervisor_learns_when_it_is(
    hotline, watch, database, clock
):
    ticket = await hotline.accepted()
    handle = ticket.clocks.handle.due_at
    await pass_time(watch, clock, handle - timedelta(minutes=1))

    assert [kind for kind in await seen_by(clerk_of("cg"), database) if kind in ("yellow", "red")] == ["yellow", "red"]
    assert "overdue" not in await seen_by(SUPERVISOR, database)

    clock.moment = handle + timedelta(minutes=1)
    await watch.run()
    assert "overdue" in await seen_by(SUPERVISOR, database)
    assert "overdue" in await seen_by(clerk_of("cg"), database)


async def test_a_warning_is_given_once_by_however_many_processes(hotline, watch, database, clock):
    ticket = await hotline.accepted()
    clock.moment = ticket.clocks.handle.due_at + timedelta(minutes=1)

    await asyncio.gather(*(watch.run() for _ in range(4)))
    await watch.run()

    assert (await seen_by(clerk_of("cg"), database)).count("overdue") == 1


async def test_who_does_not_dispatch_is_told_as_well(hotline, watch, database, clock):
    ticket = await hotline.submitted()
    clock.moment = ticket.step_due + timedelta(minutes=1)
    await watch.run()

    assert "overdue" in await seen_by(DISPATCHER, database)
    assert "overdue" not in await seen_by(AGENT, database)


async def test_an_overdue_ticket_climbs_the_ladder_until_somebody_acts(hotline, watch, desk, clock):
    ticket = await hotline.accepted()
    await pass_time(watch, clock, ticket.promised_at + timedelta(days=25), hours=12)

    rungs = [item for item in await desk.timeline(ticket) if item.verb == Verb.SUPERVISE]
    assert [item.details["level"] for item in rungs][:5] == ["reminder", "system", "document", "inspector", "leader"]
    assert all(item.details["until"] > item.at.isoformat() for item in rungs)
    assert rungs[0].actor == "system"


async def test_a_ticket_nobody_touches_is_supervised_before_it_is_overdue(hotline, watch, desk, clock):
    ticket = await hotline.accepted()
    await pass_time(watch, clock, datetime(2026, 11, 27, 12, 0, tzinfo=CHINA))

    rungs = [item for item in await desk.timeline(ticket) if item.verb == Verb.SUPERVISE]
    assert clock.moment < ticket.promised_at
    assert "没有动静" in rungs[0].note


async def test_a_ticket_waiting_for_its_citizen_goes_on_by_itself_at_the_limit(hotline, watch, desk, database, clock):
    ticket = await hotline.accepted()
    suspended = await hotline.do(clerk_of("cg"), ticket, Verb.SUSPEND, reason="请告诉我们是几单元。")
    limit = suspended.clocks.promise.paused_until
    await pass_time(watch, clock, limit - timedelta(minutes=1), hours=24)
    assert not any(item.verb == Verb.SUPERVISE for item in await desk.timeline(ticket))

    clock.moment = limit + timedelta(hours=3)
    await watch.run()

    resumed = (await desk.of_conversation("conversation-1"))[0]
    assert resumed.state is State.IN_PROGRESS
    assert resumed.promised_at > ticket.promised_at
    assert not resumed.clocks.promise.is_paused


async def test_who_was_asked_by_message_and_says_nothing_is_taken_as_silent(hotline, watch, desk, database, clock):
    ticket = await hotline.called_back()
    sent = update(outbox).values(state="sent", sent_at=clock())
    await database.write(lambda connection: connection.execute(sent))
    await pass_time(watch, clock, ticket.step_due + timedelta(hours=1))

    closed = (await desk.of_conversation("conversation-1"))[0]
    assert (closed.state, closed.outcome) == (State.RESOLVED, Outcome.NO_FEEDBACK)


async def test_who_no_message_has_reached_is_called_and_not_taken_as_silent(hotline, watch, desk, clock):
    ticket = await hotline.called_back(draft=replace(DRAFT, channel="open311", conversation="open311:portal"))
    await pass_time(watch, clock, ticket.step_due + timedelta(days=2))

    assert (await desk.of_conversation("open311:portal"))[0].state is State.CALLBACK


async def test_who_said_that_it_is_not_solved_is_never_taken_as_silent(hotline, watch, desk, clock):
    ticket = await desk.unsolved(await hotline.called_back(), "还是坏的")
    await pass_time(watch, clock, ticket.step_due + timedelta(days=2))

    assert (await desk.of_conversation("conversation-1"))[0].state is State.DISPUTED


async def test_a_ticket_that_cannot_be_read_holds_up_no_other(hotline, watch, database, clock):
    broken = await hotline.accepted(draft=replace(DRAFT, id="broken"))
    await hotline.accepted(draft=replace(DRAFT, id="sound"))
    damage = update(tickets).where(tickets.c.id == broken.id).values(clocks={"promise": {}}, check_at=clock())
    await database.write(lambda connection: connection.execute(damage))
    clock.moment = broken.clocks.handle.due_at + timedelta(minutes=1)

    await watch.run()

    assert "overdue" in await seen_by(clerk_of("cg"), database)


async def test_a_closed_ticket_is_left_in_peace(hotline, watch, desk, database, clock):
    ticket = await desk.withdraw(await hotline.submitted())
    before = await desk.timeline(ticket)
    clock.forward(days=60)

    assert await watch.run() == 0
    assert await desk.timeline(ticket) == before


async def test_no_open_ticket_is_without_a_next_look(hotline, watch, database, clock):
    for name in ("submitted", "dispatched", "accepted", "called_back"):
        await getattr(hotline, name)(draft=replace(DRAFT, id=name))
    await pass_time(watch, clock, clock() + timedelta(days=3), hours=12)
    unwatched = select(func.count()).where(tickets.c.check_at.is_(None))
    assert await database.read(lambda connection: connection.scalar(unwatched)) == 0
    assert await database.read(count(Filter(is_open=True))) == 4


async def test_what_is_set_anew_about_supervision_counts_for_open_tickets_within_the_hour(
    hotline, lifecycle, watch, database, clock
):
    await lifecycle.time.seed()
    await hotline.accepted()
    kept = await lifecycle.time.content("supervision")
    sooner = kept | {"warnings": kept["warnings"] | {"yellow_percent": 100}}
    monday = clock() + timedelta(days=2)
    await lifecycle.time.change(SUPERVISOR, "supervision", sooner, note="更早提醒", effective_from=monday)

    await pass_time(watch, clock, monday - timedelta(minutes=1), hours=1)
    assert "yellow" not in await seen_by(clerk_of("cg"), database)
    await pass_time(watch, clock, monday + timedelta(hours=1), hours=1)
    assert "yellow" in await seen_by(clerk_of("cg"), database)


async def test_a_change_has_open_tickets_looked_at_a_few_at_a_time(hotline, lifecycle, watch, database, clock):
    await lifecycle.time.seed()
    for number in range(4):
        await hotline.accepted(draft=replace(DRAFT, id=f"draft-{number}"))
    await watch.run()
    kept = await lifecycle.time.content("supervision")
    await lifecycle.time.change(SUPERVISOR, "supervision", kept | {"silent_after": "4个工作日"}, note="放宽")

    statement = select(tickets.c.check_at).order_by(tickets.c.check_at)
    looks = list(await database.read(lambda connection: connection.scalars(statement).all()))
    assert len(set(looks)) == 4
    assert clock() <= looks[0] < looks[-1] < clock() + timedelta(hours=1)
