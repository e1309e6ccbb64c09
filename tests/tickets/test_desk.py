from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, clerk_of
from sqlalchemy import text

from service.clock import CHINA
from tickets.moves import Verb
from tickets.refusal import MoveNotAllowed
from tickets.states import State
from tickets.ticket import Outcome, Satisfaction


async def test_a_draft_becomes_a_ticket_with_number_promise_and_timeline(desk):
    ticket = await desk.submit(DRAFT)

    assert ticket.number == "20261121-00001-0"
    assert ticket.state is State.SUBMITTED
    assert ticket.promised_by == date(2026, 12, 4)  # ten working days after a Saturday
    assert [(item.actor, item.verb) for item in await desk.timeline(ticket)] == [("citizen", "submit")]


async def test_sending_a_draft_twice_gives_the_same_ticket(desk):
    first = await desk.submit(DRAFT)

    assert await desk.submit(DRAFT) == first
    assert (await desk.submit(replace(DRAFT, id="draft-2"))).number == "20261121-00002-8"


async def test_the_day_is_counted_in_china(desk, clock):
    clock.forward(hours=14)  # 16:00 UTC is midnight in China

    assert (await desk.submit(DRAFT)).number.startswith("20261122-00001-")


async def test_personal_data_is_not_readable_in_the_database(desk, database):
    await desk.submit(DRAFT)

    row = await database.read(lambda connection: connection.execute(text("SELECT * FROM tickets")).one())
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in ("13800138000", "王女士", "阳光小区", "电梯"):
        assert secret.encode() not in stored


async def test_a_ticket_is_shown_to_its_conversation_or_its_phone_only(desk):
    ticket = await desk.submit(DRAFT)

    assert await desk.find(ticket.number, conversation="conversation-1") == ticket
    assert await desk.find(ticket.number, phone="138 0013 8000") == ticket
    assert await desk.find(ticket.number, conversation="conversation-2") is None
    assert await desk.find(ticket.number, phone="13900139000") is None
    assert await desk.find(ticket.number) is None


async def test_a_ticket_is_urged_once_a_day(desk, clock):
    ticket = await desk.submit(DRAFT)
    await desk.urge(ticket)

    with pytest.raises(MoveNotAllowed, match="今天已经替您催过一次"):
        await desk.urge(ticket)

    clock.forward(days=1)
    await desk.urge(ticket)
    assert [item.verb for item in await desk.timeline(ticket)] == ["submit", "urge", "urge"]


async def test_what_is_added_stands_in_the_timeline(desk):
    ticket = await desk.submit(DRAFT)
    await desk.add_note(ticket, "2号楼也坏了")

    assert [item.note for item in await desk.timeline(ticket)] == [None, "2号楼也坏了"]


async def test_a_withdrawn_ticket_takes_no_more_moves(desk):
    ticket = await desk.withdraw(await desk.submit(DRAFT))

    assert ticket.state is State.WITHDRAWN
    for move in (desk.urge(ticket), desk.withdraw(ticket), desk.add_note(ticket, "还有")):
        with pytest.raises(MoveNotAllowed, match="现在是“已撤销”"):
            await move


async def test_a_ticket_that_has_changed_meanwhile_is_not_withdrawn_unseen(hotline, desk):
    seen = await desk.submit(DRAFT)
    await hotline.do(DISPATCHER, seen, Verb.DISPATCH, unit="cg")

    with pytest.raises(MoveNotAllowed, match="刚刚有了变化"):
        await desk.withdraw(seen)
    assert [item.verb for item in await desk.timeline(seen)] == ["submit", "dispatch"]


async def test_what_a_suspended_ticket_waits_for_sets_it_going_again(hotline, desk, clock):
    ticket = await hotline.accepted()
    until = clock() + timedelta(days=3)
    await hotline.do(clerk_of("cg"), ticket, Verb.SUSPEND, reason="请告诉我们是几单元。", until=until)
    clock.forward(days=2)

    resumed = await desk.add_note(ticket, "是二单元")

    assert resumed.state is State.IN_PROGRESS
    assert resumed.promised_at == datetime(2026, 12, 7, 10, 0, tzinfo=CHINA)  # from Saturday to Monday 10:00: one hour
    assert [item.verb for item in await desk.timeline(ticket)][-2:] == ["add", "resume"]


async def test_who_says_it_is_not_solved_is_heard(hotline, desk):
    ticket = await hotline.called_back()
    disputed = await desk.unsolved(ticket, "昨天又停了")

    assert disputed.state is State.DISPUTED
    assert Verb.DISPUTE not in desk.possible(disputed)
    added = await desk.unsolved(disputed, "刚才又停了")
    assert (added.state, (await desk.timeline(added))[-1].verb) == (State.DISPUTED, "add")
    reworked = await hotline.do(AGENT, disputed, Verb.REWORK, reason="确实又停了，请更换部件")
    assert (reworked.state, reworked.reworks) == (State.IN_PROGRESS, 1)
    assert reworked.promised_at < ticket.promised_at


async def test_who_says_it_is_solved_closes_the_ticket(hotline, desk):
    ticket = await desk.solved(await hotline.called_back(), Satisfaction.SATISFIED)

    assert (ticket.state, ticket.outcome) == (State.RESOLVED, Outcome.SOLVED)
    assert desk.possible(ticket) == [Verb.RATE, Verb.DISPUTE]
