from dataclasses import replace
from datetime import timedelta

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, SUPERVISOR, clerk_of, head_of
from questions import questions_to_databases

from service.identity.roles import Actor, Role
from tickets.lists import Filter, ListRefused, Order, count, counts, page
from tickets.masking import WITHHELD, seen_by
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Kind
from tickets.views import VIEWS, filter_for


def draft(number, **changes):
    return replace(DRAFT, id=f"draft-{number}", **changes)


async def listed(hotline, database, wanted, **options):
    found = await database.read(page(wanted, hotline.lifecycle.cipher, **options))
    return [ticket.number for ticket in found.tickets], found.next


async def test_all_pages_together_hold_every_ticket_once(hotline, database, clock):
    numbers = []
    for each in range(7):
        clock.forward(minutes=each % 2)  # some at the same moment
        numbers.append((await hotline.submitted(draft(each))).number)

    for order, expected in ((Order.NEWEST, numbers[::-1]), (Order.STEP, numbers), (Order.PROMISE, numbers)):
        found, after = await listed(hotline, database, Filter(), order=order, limit=3)
        while after:
            more, after = await listed(hotline, database, Filter(), order=order, limit=3, after=after)
            found += more
        assert found == expected


async def test_filters_leave_out_what_was_not_asked_for(hotline, database, clock):
    complaint = await hotline.submitted(draft(1, street="和平街道"))
    question = await hotline.submitted(draft(2, kind=Kind.CONSULTATION, channel="phone"))
    given = await hotline.do(DISPATCHER, await hotline.submitted(draft(3)), Verb.DISPATCH, unit="zj")

    assert (await listed(hotline, database, Filter(kind=Kind.CONSULTATION)))[0] == [question.number]
    assert (await listed(hotline, database, Filter(street="和平街道")))[0] == [complaint.number]
    assert (await listed(hotline, database, Filter(units=frozenset({"zj"}))))[0] == [given.number]
    assert (await listed(hotline, database, Filter(states=frozenset({State.DISPATCHED}))))[0] == [given.number]
    assert (await listed(hotline, database, Filter(channel="phone", units=frozenset({"zj"}))))[0] == []
    assert await database.read(count(Filter(created_from=clock()))) == 3


async def test_overdue_tickets_are_seen_by_those_who_must_act(hotline, database, clock):
    open_ticket = await hotline.accepted("cg", draft(1))
    closed = await hotline.submitted(draft(2))
    await hotline.desk.withdraw(closed)
    clock.moment = open_ticket.promised_at + timedelta(days=30, minutes=1)

    for name in ("overdue", "long_overdue", "step_overdue"):
        wanted = filter_for(clerk_of("cg"), VIEWS[name].wanted(clock()))
        assert (await listed(hotline, database, wanted, order=VIEWS[name].order))[0] == [open_ticket.number]


async def test_units_page_through_what_they_lead_and_what_they_are_asked_to_accept(hotline, database):
    theirs = [await hotline.dispatched("cg" if each % 2 else "zj", draft(each)) for each in range(3)]
    theirs += [await hotline.accepted("cg" if each % 2 else "zj", draft(each)) for each in range(3, 5)]
    numbers = [ticket.number for ticket in theirs]
    await hotline.submitted(draft(6))

    both = Filter(units=frozenset({"cg", "zj"}))
    for wanted in (both, replace(both, is_open=True)):
        found, after = await listed(hotline, database, wanted, limit=2)
        while after:
            more, after = await listed(hotline, database, wanted, limit=2, after=after)
            found += more
        assert found == numbers[::-1]


@pytest.mark.parametrize("actor", [SUPERVISOR, clerk_of("cg")], ids=["hotline", "unit"])
async def test_counted_together_or_one_by_one_it_is_the_same(actor, hotline, database, clock):
    await hotline.submitted(draft(1))
    await hotline.dispatched("cg", draft(2))
    await hotline.accepted("zj", draft(3))
    clock.forward(days=60)
    await hotline.accepted("cg", draft(4))

    wanted = [view.filter(actor, clock()) for view in VIEWS.values() if not actor.roles.isdisjoint(view.roles)]
    with questions_to_databases() as asked:
        together = await database.read(counts(wanted))
    assert len(asked) <= 2
    assert together == [await database.read(count(each)) for each in wanted]
    assert max(together) > min(together)


async def test_a_unit_sees_only_its_own(hotline, database):
    own = await hotline.dispatched("cg", draft(1))
    await hotline.dispatched("zj", draft(2))

    everything = VIEWS["all"].wanted(own.created_at)
    assert (await listed(hotline, database, filter_for(clerk_of("cg"), everything)))[0] == [own.number]
    for stranger in (Actor("nobody"), Actor("curator", frozenset({Role.CURATOR}))):
        with pytest.raises(ListRefused, match="只能看本单位"):
            filter_for(stranger, everything)
    with pytest.raises(ListRefused):
        filter_for(clerk_of("cg"), replace(everything, units=frozenset({"zj"})))


async def test_a_unit_that_was_only_named_is_not_involved(hotline, database):
    ticket = await hotline.dispatched("cg")
    reason = "电梯由示例区住房和城乡建设局负责监管，城管局没有执法权限，请改派。"
    await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=reason, unit="zj")
    assert (await listed(hotline, database, Filter(involved=frozenset({"zj"}))))[0] == []


async def test_a_place_that_was_made_up_is_refused(hotline, database):
    for place in ("", "abc", "🙂", "MTIz", "fDk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        with pytest.raises(ListRefused, match="从第一页重新翻"):
            await listed(hotline, database, Filter(), after=place)


async def test_requesters_are_masked_and_those_who_report_are_not_told_to_units(hotline):
    ticket = await hotline.submitted(draft(1, description="电梯坏了，打我电话13800138000"))
    report = await hotline.submitted(draft(2, kind=Kind.REPORT))

    shown = seen_by(AGENT, ticket)
    assert (shown.requester_name, shown.requester_phone) == ("王*", "138****8000")
    assert shown.description == "电梯坏了，打我电话138****8000"
    assert seen_by(AGENT, report).requester_name == "王*"
    assert seen_by(clerk_of("cg"), report).requester_name == WITHHELD
    assert seen_by(clerk_of("cg"), report).requester_phone == WITHHELD


async def test_a_list_of_decisions_holds_what_those_who_see_it_may_decide(hotline, database, clock):
    returned = await hotline.dispatched("cg")
    await hotline.do(head_of("cg"), returned, Verb.REQUEST_RETURN, unit="zj", reason="点位在区住建局管养范围")
    extended = await hotline.accepted("cg", replace(DRAFT, id="draft-2"))
    await hotline.do(
        head_of("cg"), extended, Verb.REQUEST_EXTENSION, reason="维修要等配件到货，预计周五前更换完毕", span="5个工作日"
    )

    async def decided_by(actor, name):
        return set((await listed(hotline, database, VIEWS[name].filter(actor, clock())))[0])

    assert await decided_by(DISPATCHER, "to_decide") == {returned.number, extended.number}
    assert await decided_by(SUPERVISOR, "extensions") == {extended.number}
    mine = [view for view in ("to_decide", "extensions") if Role.SUPERVISOR in VIEWS[view].roles]
    assert mine == ["extensions"]


@pytest.mark.parametrize("name", VIEWS)
async def test_every_named_list_opens(name, hotline, database, clock):
    await hotline.dispatched()
    view = VIEWS[name]

    await listed(hotline, database, view.wanted(clock()), order=view.order)
