"""Where tickets go without a dispatcher, and where they do not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from hotline import DISPATCHER, DRAFT, clerk_of, head_of

from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.moves import Verb
from tickets.refusal import MoveNotAllowed
from tickets.routing import Routing
from tickets.states import State
from tickets.ticket import Kind

LIFTS = Rule(key="7", lead="示例区住房和城乡建设局", assisting=("示例区水务局",), keywords=("电梯",))


@pytest_asyncio.fixture
async def routing(hotline, keyring):
    return await Routing.open(hotline.lifecycle, keyring, None)


@pytest.fixture
def rules(database, clock):
    return RuleStore(database, clock)


async def standing(hotline):
    return (await hotline.desk.of_conversation("conversation-1"))[0]


async def test_what_the_list_names_goes_its_way_at_once(hotline, routing, rules):
    await rules.put(DISPATCHER, LIFTS)
    ticket = await hotline.submitted()

    assert await routing.dispatch_sure() == 1

    sent = await standing(hotline)
    assert (sent.state, sent.lead, sent.called) == (State.DISPATCHED, "zj", "zj")
    line = (await hotline.desk.timeline(ticket))[-1]
    assert (line.actor, line.details["assisting"]) == ("system", ["sw"])
    assert "派单目录 7" in line.note


async def test_what_nobody_is_sure_of_waits_for_a_dispatcher_with_a_reason(hotline, routing):
    ticket = await hotline.submitted()

    assert await routing.dispatch_sure() == 0
    assert (await standing(hotline)).state is State.SUBMITTED
    assert (await routing.suggest(ticket)).reasons == ("还没有历史工单可以参考，派单目录里也没有相应的规则。",)


async def test_a_new_rule_counts_for_what_is_waiting(hotline, routing, rules):
    await hotline.submitted()
    assert await routing.dispatch_sure() == 0
    await rules.put(DISPATCHER, LIFTS)

    assert await routing.dispatch_sure() == 1


async def test_a_report_is_read_by_somebody_before_it_leaves(hotline, routing, rules):
    await rules.put(DISPATCHER, LIFTS)
    await hotline.submitted(replace(DRAFT, kind=Kind.REPORT))

    assert await routing.dispatch_sure() == 0


async def test_what_a_unit_gave_back_is_not_sent_by_itself_again(hotline, routing, rules):
    ticket = await hotline.dispatched("zj")
    await hotline.do(head_of("zj"), ticket, Verb.REQUEST_RETURN, reason="点位在区城管局管养范围", unit="cg")
    await hotline.do(DISPATCHER, ticket, Verb.GRANT_RETURN)
    await rules.put(DISPATCHER, LIFTS)

    assert await routing.dispatch_sure() == 0


async def test_a_unit_that_is_not_kept_is_never_dispatched_to(hotline, routing, rules):
    await rules.put(DISPATCHER, replace(LIFTS, lead="没有的单位"))
    await hotline.submitted()

    assert await routing.dispatch_sure() == 0


async def test_a_ruling_is_kept_as_a_rule_in_the_transaction_of_the_ruling(hotline, rules):
    ticket = await hotline.submitted(replace(DRAFT, category="住房/电梯", street="和平街道"))
    await hotline.do(DISPATCHER, ticket, Verb.INVESTIGATE, units=("cg", "zj"))
    await hotline.do(DISPATCHER, ticket, Verb.RULE, unit="zj", reason="电梯维保归住建局监管", keep_as_rule=True)

    kept = {rule.key: rule for rule in await rules.all()}[f"裁定-{ticket.number}"]
    assert (kept.lead, kept.category, kept.place) == ("示例区住房和城乡建设局", "住房/电梯", "和平街道")
    assert (kept.decided_by, str(kept.decided_on)) == ("dispatcher", "2026-11-21")


async def test_a_ruling_on_nothing_in_particular_cannot_be_kept_as_a_rule(hotline, rules):
    ticket = await hotline.submitted()
    await hotline.do(DISPATCHER, ticket, Verb.INVESTIGATE, units=("cg", "zj"))

    with pytest.raises(MoveNotAllowed, match="先给工单选好类别"):
        await hotline.do(DISPATCHER, ticket, Verb.RULE, unit="zj", reason="电梯归住建", keep_as_rule=True)
    assert (await standing(hotline)).state is State.JOINT_INVESTIGATION


async def test_the_history_to_learn_from_names_who_solved_it_and_who_was_wrong(hotline, routing, desk, database):
    ticket = await hotline.dispatched("cg")
    await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason="点位在区住建局管养范围", unit="zj")
    await hotline.do(DISPATCHER, ticket, Verb.GRANT_RETURN)
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="zj")
    ticket = await hotline.replied("zj", ticket)
    await desk.solved(ticket)

    (closed,) = await database.read(routing.history)
    assert (closed.unit, closed.refused_by, closed.number) == (
        "示例区住房和城乡建设局",
        ("示例区城市管理局",),
        ticket.number,
    )
    assert clerk_of("cg").name not in closed.request.told


async def test_history_is_not_read_before_much_of_it_is_new(hotline, routing, clock, monkeypatch):
    clock.moment = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # 02:30 in China
    await hotline.desk.solved(await hotline.called_back())
    read = []
    monkeypatch.setattr(Routing, "history", lambda _self, _connection: read.append(1) or [])

    assert await routing.learn() is None
    assert read == []
    monkeypatch.setattr("tickets.routing.FEWEST", 1)
    assert await routing.learn() is None
    assert read == [1]
