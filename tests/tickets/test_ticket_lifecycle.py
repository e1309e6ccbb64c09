"""The rules around a ticket that citizens and units rely on."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, EXPLAINED, REPLY, SUPERVISOR, clerk_of, head_of
from sqlalchemy import select

from service.clock import CHINA
from service.identity.roles import Actor, Role
from service.inbox import read_within, unread
from service.outbox import due
from tickets.masking import WITHHELD, seen_by
from tickets.moves import Verb
from tickets.parties import CITIZEN, PROGRAM
from tickets.refusal import MoveNotAllowed, WordsRefused
from tickets.replies.finding import Code
from tickets.states import State
from tickets.tables import surveys
from tickets.ticket import Kind, Outcome, Satisfaction
from tickets.urgency import Urgency

WRONG_UNIT = "点位在区住建局管养范围"


async def told(hotline, database, conversation="conversation-1"):
    """What the citizen is told, oldest first."""
    waiting = await database.read(due(hotline.lifecycle.clock(), 100))
    cipher = hotline.lifecycle.cipher
    mine = [each.notice for each in waiting if each.notice.conversation == conversation]
    return [json.loads(cipher.decrypt_text(notice.news))["text"] for notice in mine]


async def kinds_for(actor, database):
    return [line.kind for line in await database.read(unread(actor))][::-1]


async def test_every_step_reaches_the_citizen_in_plain_words(hotline, database):
    ticket = await hotline.called_back()
    await hotline.do(AGENT, ticket, Verb.RESOLVE, solved=True, satisfaction=Satisfaction.SATISFIED)

    number = ticket.number
    assert await told(hotline, database) == [
        f"您的诉求 {number} 已转给示例区城市管理局，接下来由他们签收。答应您的时间是12月4日前。",
        f"示例区城市管理局已签收您的诉求 {number}，会联系您并着手解决，12月4日前给您结果。",
        f"您的诉求 {number} 有答复了：{REPLY} 问题解决了吗？",
        f"您的诉求 {number} 已办结，谢谢您的评价。如果问题又出现，随时告诉我们。",
    ]


async def test_what_waits_for_them_stands_in_the_inbox_of_those_concerned_until_read(hotline, database, clock):
    await hotline.dispatched()

    assert await kinds_for(DISPATCHER, database) == ["submit"]
    assert await kinds_for(head_of("cg"), database) == ["dispatch"]
    assert await kinds_for(clerk_of("zj"), database) == []

    lines = await database.read(unread(clerk_of("cg")))
    read = [line.id for line in lines]
    assert await database.write(lambda connection: read_within(connection, clerk_of("zj"), read, clock())) == 0
    assert await database.write(lambda connection: read_within(connection, clerk_of("cg"), read, clock())) == 1
    assert await kinds_for(head_of("cg"), database) == []


async def test_the_first_unit_stays_responsible_until_another_has_accepted(hotline):
    ticket = await hotline.dispatched("cg")
    ticket = await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=WRONG_UNIT, unit="zj")
    ticket = await hotline.do(DISPATCHER, ticket, Verb.GRANT_RETURN)
    ticket = await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="zj")
    assert (ticket.lead, ticket.called) == ("cg", "zj")

    ticket = await hotline.do(clerk_of("zj"), ticket, Verb.ACCEPT)
    assert ticket.lead == "zj"


async def test_a_second_return_brings_the_units_together(hotline, database):
    ticket = await hotline.dispatched("cg")
    ticket = await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=WRONG_UNIT, unit="zj")
    await hotline.do(DISPATCHER, ticket, Verb.GRANT_RETURN)
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="zj")
    await hotline.do(head_of("zj"), ticket, Verb.REQUEST_RETURN, reason="属区城管局职责", unit="cg")

    with pytest.raises(MoveNotAllowed, match="第二次退单：请组织有关单位联合调查"):
        await hotline.do(DISPATCHER, ticket, Verb.GRANT_RETURN)

    ticket = await hotline.do(DISPATCHER, ticket, Verb.INVESTIGATE, units=("cg", "zj"))
    assert (ticket.state, ticket.lead, ticket.returns) == (State.JOINT_INVESTIGATION, "cg", 2)
    assert "investigate" in await kinds_for(head_of("cg"), database)
    assert "investigate" in await kinds_for(head_of("zj"), database)

    ticket = await hotline.do(DISPATCHER, ticket, Verb.RULE, unit="zj", reason="电梯维保归住建局监管")
    with pytest.raises(MoveNotAllowed, match="已经裁定，不能再退"):
        await hotline.do(head_of("zj"), ticket, Verb.REQUEST_RETURN, reason="属区城管局职责", unit="cg")


async def test_a_unit_that_gets_its_ticket_back_has_no_new_time(hotline, clock):
    accepted = await hotline.accepted("cg")
    clock.forward(hours=5)
    await hotline.do(DISPATCHER, accepted, Verb.REASSIGN, unit="zj", reason="点位归住建局")
    await hotline.do(head_of("zj"), accepted, Verb.REQUEST_RETURN, reason="点位在区城管局管养范围", unit="cg")
    await hotline.do(DISPATCHER, accepted, Verb.GRANT_RETURN)
    clock.forward(hours=5)
    await hotline.do(DISPATCHER, accepted, Verb.DISPATCH, unit="cg")
    again = await hotline.do(clerk_of("cg"), accepted, Verb.ACCEPT)

    assert again.clocks.handle == accepted.clocks.handle
    assert again.clocks.promise == accepted.clocks.promise


async def test_a_return_after_24_hours_is_refused(hotline, clock):
    ticket = await hotline.dispatched()
    clock.forward(hours=24, minutes=1)

    with pytest.raises(MoveNotAllowed, match="已超过退单时限"):
        await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=WRONG_UNIT, unit="zj")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"reason": WRONG_UNIT}, "请选择单位"),
        ({"unit": "zj"}, "请写明原因"),
        ({"reason": WRONG_UNIT, "unit": "cg"}, "哪个别的单位"),
        ({"reason": WRONG_UNIT, "unit": "nobody"}, "没有代码为“nobody”的单位"),
    ],
)
async def test_a_return_names_a_reason_and_the_right_unit(hotline, given, complaint):
    ticket = await hotline.dispatched()

    with pytest.raises(MoveNotAllowed, match=complaint):
        await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, **given)


async def test_a_return_takes_the_consent_of_the_units_head(hotline):
    ticket = await hotline.dispatched()

    with pytest.raises(MoveNotAllowed, match="由被派单位负责人来做"):
        await hotline.do(clerk_of("cg"), ticket, Verb.REQUEST_RETURN, reason=WRONG_UNIT, unit="zj")


async def test_units_can_do_nothing_with_tickets_of_others(hotline):
    ticket = await hotline.dispatched("cg")
    administrator = Actor("root", frozenset({Role.ADMINISTRATOR, Role.UNIT_CLERK}), frozenset({"zj"}))

    for stranger in (clerk_of("zj"), head_of("zj"), administrator):
        with pytest.raises(MoveNotAllowed, match="由被派单位来做"):
            await hotline.do(stranger, ticket, Verb.ACCEPT)


async def test_an_extension_is_asked_for_before_the_time_is_over_and_the_citizen_learns_why(hotline, database, clock):
    ticket = await hotline.accepted()
    asked = await hotline.do(
        head_of("cg"), ticket, Verb.REQUEST_EXTENSION, reason="配件要等厂家发货。", span="5个工作日"
    )
    assert asked.promised_at == ticket.promised_at

    granted = await hotline.do(DISPATCHER, asked, Verb.GRANT_EXTENSION)
    assert granted.promised_at == datetime(2026, 12, 11, 17, 30, tzinfo=CHINA)
    assert granted.step_due == granted.clocks.handle.due_at > ticket.step_due
    assert (await told(hotline, database))[-1] == (
        f"您的诉求 {ticket.number} 需要更多时间，原因是：配件要等厂家发货。 新的时间是12月11日前，到时给您结果。"
    )
    with pytest.raises(MoveNotAllowed, match="最多 1 次"):
        await hotline.do(head_of("cg"), granted, Verb.REQUEST_EXTENSION, reason="还要等", span="1个工作日")


async def test_no_extension_after_the_time_is_over(hotline, clock):
    ticket = await hotline.accepted()
    asked = await hotline.do(head_of("cg"), ticket, Verb.REQUEST_EXTENSION, reason="等配件", span="3个工作日")
    clock.moment = ticket.promised_at + timedelta(minutes=1)

    with pytest.raises(MoveNotAllowed, match="到期，不能再延期"):
        await hotline.do(DISPATCHER, asked, Verb.GRANT_EXTENSION)
    refused = await hotline.do(DISPATCHER, asked, Verb.REFUSE_EXTENSION, reason="已过期限")
    with pytest.raises(MoveNotAllowed, match="延期要在到期前申请"):
        await hotline.do(head_of("cg"), refused, Verb.REQUEST_EXTENSION, reason="等配件", span="3个工作日")


@pytest.mark.parametrize("span", ["很久", "100个工作日", "当日"])
async def test_an_extension_that_cannot_be_given_is_refused_when_it_is_asked_for(span, hotline):
    ticket = await hotline.accepted()

    with pytest.raises(MoveNotAllowed):
        await hotline.do(head_of("cg"), ticket, Verb.REQUEST_EXTENSION, reason="等配件", span=span)


async def test_a_reply_that_says_nothing_does_not_go_out(hotline):
    ticket = await hotline.accepted()

    with pytest.raises(WordsRefused) as refused:
        await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text="已处理。", confirmed=frozenset(Code))
    assert Code.NOTHING_SAID in {finding.code for finding in refused.value.findings}


async def test_a_doubtful_reply_goes_out_when_its_author_confirms_it(hotline, desk):
    ticket = await hotline.accepted()
    brief = "电梯已于今天上午修好，请您再试用一下。"
    with pytest.raises(WordsRefused) as doubted:
        await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=brief)

    codes = frozenset(finding.code for finding in doubted.value.findings)
    replied = await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=brief, confirmed=codes)
    assert replied.state is State.REPLIED
    assert (await desk.timeline(ticket))[-1].details["confirmed"] == sorted(codes)


async def test_the_desk_does_not_answer_with_nothing_either(hotline):
    with pytest.raises(WordsRefused):
        await hotline.do(AGENT, await hotline.submitted(), Verb.ANSWER, text="已处理。")


async def test_a_reply_is_checked_by_others_than_the_unit(hotline):
    ticket = await hotline.do(clerk_of("cg"), await hotline.accepted(), Verb.REPLY, text=REPLY)
    own_agent = Actor("both", frozenset({Role.AGENT}), frozenset({"cg"}))

    for verb, given in ((Verb.APPROVE, {}), (Verb.SEND_BACK, {"reason": "没有说什么时候修好"})):
        with pytest.raises(MoveNotAllowed, match="承办单位不能审核"):
            await hotline.do(own_agent, ticket, verb, **given)


async def test_who_is_called_back_by_the_unit_that_did_the_work_is_not_counted(hotline):
    ticket = await hotline.called_back()
    own_agent = Actor("both", frozenset({Role.AGENT}), frozenset({"cg"}))

    with pytest.raises(MoveNotAllowed, match="承办单位不能审核、回访"):
        await hotline.do(own_agent, ticket, Verb.RESOLVE, solved=True, satisfaction=Satisfaction.SATISFIED)


async def test_nobody_is_counted_as_satisfied_who_is_not(hotline):
    ticket = await hotline.called_back()

    with pytest.raises(MoveNotAllowed, match="没有解决"):
        await hotline.do(AGENT, ticket, Verb.RESOLVE, solved=False)
    with pytest.raises(MoveNotAllowed, match="不满意"):
        await hotline.do(AGENT, ticket, Verb.RESOLVE, solved=True, satisfaction=Satisfaction.DISSATISFIED)
    concluded = await hotline.do(SUPERVISOR, ticket, Verb.CONCLUDE, reason=EXPLAINED, solved=False)
    assert concluded.outcome is Outcome.UNREASONABLE


async def test_silence_closes_a_ticket_only_after_calls_and_never_over_an_objection(hotline, desk):
    ticket = await hotline.called_back()
    with pytest.raises(MoveNotAllowed, match="回访 2 次"):
        await hotline.do(AGENT, ticket, Verb.LAPSE)
    for _ in range(2):
        await hotline.do(AGENT, ticket, Verb.CALL_BACK, text="没人接")
    lapsed = await hotline.do(AGENT, ticket, Verb.LAPSE)
    assert lapsed.outcome is Outcome.NO_FEEDBACK

    disputed = await desk.unsolved(lapsed, "还是坏的")
    assert (disputed.state, disputed.outcome, disputed.closed_at) == (State.DISPUTED, None, None)
    with pytest.raises(MoveNotAllowed, match="不能无回音办结"):
        await hotline.do(PROGRAM, disputed, Verb.LAPSE)


async def test_each_citizen_of_a_merged_request_gets_the_reply_with_their_own_number(hotline, database):
    first = await hotline.accepted()
    second = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    await hotline.do(AGENT, second, Verb.MERGE, other=first.number)

    await hotline.do(clerk_of("cg"), first, Verb.REPLY, text=REPLY)
    await hotline.do(AGENT, first, Verb.APPROVE)

    assert (await told(hotline, database, "conversation-2"))[-1] == (
        f"您的诉求 {second.number} 有答复了：{REPLY} 问题解决了吗？"
    )


async def test_a_merged_request_goes_on_alone_when_the_other_is_taken_back(hotline, desk):
    first = await hotline.submitted()
    second = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    await hotline.do(AGENT, second, Verb.MERGE, other=first.number)
    await desk.withdraw(first)

    second = await desk.find(second.number, conversation="conversation-2")
    assert (second.state, second.merged_into, second.closed_at) == (State.SUBMITTED, None, None)


async def test_two_tickets_merged_into_each_other_at_once_leave_one_open(hotline, desk):
    first = await hotline.submitted()
    second = await hotline.submitted(replace(DRAFT, id="draft-2"))

    results = await asyncio.gather(
        hotline.do(AGENT, first, Verb.MERGE, other=second.number),
        hotline.do(AGENT, second, Verb.MERGE, other=first.number),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["MoveNotAllowed", "Ticket"]
    states = sorted(ticket.state for ticket in await desk.of_conversation("conversation-1"))
    assert states == [State.MERGED, State.SUBMITTED]


async def test_a_ticket_accepted_by_two_at_once_is_accepted_once(hotline, desk):
    ticket = await hotline.dispatched()

    results = await asyncio.gather(
        *(hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT) for _ in range(5)), return_exceptions=True
    )

    assert [type(result).__name__ for result in results].count("Ticket") == 1
    assert [item.verb for item in await desk.timeline(ticket)] == ["submit", "dispatch", "accept"]


async def test_an_assistant_contributes_and_the_lead_replies(hotline, database):
    ticket = await hotline.submitted()
    ticket = await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg", units=("sw",))
    ticket = await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)

    with pytest.raises(MoveNotAllowed, match="协办"):
        await hotline.do(clerk_of("zj"), ticket, Verb.CONTRIBUTE, text="这事我们也管")
    await hotline.do(clerk_of("sw"), ticket, Verb.CONTRIBUTE, text="水压已恢复")
    with pytest.raises(MoveNotAllowed, match="由主办单位来做"):
        await hotline.do(clerk_of("sw"), ticket, Verb.REPLY, text=REPLY)
    assert (await kinds_for(clerk_of("cg"), database))[-1] == "contribute"


async def test_who_assisted_in_a_wrong_dispatch_has_no_part_in_the_next(hotline):
    ticket = await hotline.submitted()
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg", units=("sw",))
    await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="zj", reason="电梯归住建局监管")
    await hotline.do(clerk_of("zj"), ticket, Verb.ACCEPT)

    with pytest.raises(MoveNotAllowed, match="协办"):
        await hotline.do(clerk_of("sw"), ticket, Verb.CONTRIBUTE, text="水压已恢复")


async def test_a_ticket_is_handed_down_to_somebody_of_the_unit_only(staffed):
    ticket = await staffed.accepted()

    with pytest.raises(MoveNotAllowed, match="不在本单位办工单"):
        await staffed.do(head_of("cg"), ticket, Verb.ASSIGN, handler="stranger")
    assigned = await staffed.do(head_of("cg"), ticket, Verb.ASSIGN, handler="cg-clerk")
    assert (assigned.state, assigned.handler) == (State.IN_PROGRESS, "cg-clerk")


async def test_a_more_pressing_class_brings_the_promise_forward_but_never_back(hotline, clock):
    ticket = await hotline.submitted()
    urgent = await hotline.do(DISPATCHER, ticket, Verb.CLASSIFY, urgency=Urgency.URGENT)
    assert urgent.promised_at < ticket.promised_at

    normal = await hotline.do(DISPATCHER, urgent, Verb.CLASSIFY, urgency=Urgency.NORMAL)
    assert normal.promised_at == urgent.promised_at
    with pytest.raises(MoveNotAllowed, match="分类没有变化"):
        await hotline.do(DISPATCHER, normal, Verb.CLASSIFY, urgency=Urgency.NORMAL)


async def test_what_is_over_long_is_refused_with_its_length(hotline):
    ticket = await hotline.accepted()

    with pytest.raises(MoveNotAllowed, match="最多 5000 个字，现在 5001 个"):
        await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text="好" * 5001)


async def test_a_clock_set_back_does_not_turn_the_timeline_around(hotline, desk, clock):
    ticket = await hotline.dispatched()
    clock.forward(hours=-5)
    await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)

    moments = [item.at for item in await desk.timeline(ticket)]
    assert moments == sorted(moments)


async def test_a_citizen_is_told_the_reply_that_was_checked_and_nothing_beside_it(hotline, database):
    ticket = await hotline.accepted()
    await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=REPLY)
    await hotline.do(AGENT, ticket, Verb.APPROVE, text="没人看过的另一句话")

    assert (await told(hotline, database))[-1] == f"您的诉求 {ticket.number} 有答复了：{REPLY} 问题解决了吗？"


async def test_giving_a_returned_ticket_to_another_unit_counts_as_a_return(hotline):
    ticket = await hotline.dispatched("cg")
    await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=WRONG_UNIT, unit="zj")
    ticket = await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="zj", reason="点位归住建局")
    assert ticket.returns == 1

    await hotline.do(head_of("zj"), ticket, Verb.REQUEST_RETURN, reason="属区城管局职责", unit="cg")
    with pytest.raises(MoveNotAllowed, match="第二次退单：请组织有关单位联合调查"):
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="sw", reason="再换一个")


async def test_who_investigates_together_says_what_they_found(hotline, database):
    ticket = await hotline.submitted()
    await hotline.do(DISPATCHER, ticket, Verb.INVESTIGATE, units=("cg", "sw"))

    await hotline.do(clerk_of("sw"), ticket, Verb.CONTRIBUTE, text="我局台账里没有这一段管道")

    assert (await kinds_for(DISPATCHER, database))[-1] == "contribute"


async def test_a_ticket_is_not_put_away_while_its_citizen_may_still_object(hotline, desk, clock):
    ticket = await hotline.called_back()
    ticket = await desk.solved(ticket)
    with pytest.raises(MoveNotAllowed, match="还可以说没有解决"):
        await hotline.do(AGENT, ticket, Verb.ARCHIVE)

    clock.forward(days=15, minutes=1)
    assert (await hotline.do(AGENT, ticket, Verb.ARCHIVE)).state is State.ARCHIVED


async def test_a_ticket_is_opened_again_for_fifteen_days_and_later_made_anew(hotline, desk, clock):
    ticket = await desk.solved(await hotline.called_back())
    clock.forward(days=15)
    ticket = await hotline.do(CITIZEN, ticket, Verb.DISPUTE, reason="又坏了")
    assert ticket.state is State.DISPUTED

    other = await desk.solved(await hotline.called_back(draft=replace(DRAFT, id="draft-2")))
    clock.forward(days=15, minutes=1)
    with pytest.raises(MoveNotAllowed, match="重新登记一件"):
        await hotline.do(CITIZEN, other, Verb.DISPUTE, reason="又坏了")


async def test_a_merged_ticket_is_not_put_away_before_it_is_settled(hotline, desk):
    first = await hotline.submitted()
    second = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    await hotline.do(AGENT, second, Verb.MERGE, other=first.number)

    with pytest.raises(MoveNotAllowed, match="不能归档"):
        await hotline.do(AGENT, second, Verb.ARCHIVE)


async def test_the_citizen_of_a_merged_ticket_rates_the_reply_they_got(hotline, desk):
    first = await hotline.accepted()
    second = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    second = await hotline.do(AGENT, second, Verb.MERGE, other=first.number)

    second = await desk.solved(second, Satisfaction.SATISFIED)
    assert second.state is State.MERGED
    assert (await desk.unsolved(second, "我家那部还停着")).state is State.SUBMITTED


async def test_who_reported_stays_unknown_when_the_report_becomes_something_else(hotline):
    ticket = await hotline.accepted(draft=replace(DRAFT, kind=Kind.REPORT))
    ticket = await hotline.do(DISPATCHER, ticket, Verb.CLASSIFY, kind=Kind.COMPLAINT)

    assert seen_by(clerk_of("cg"), ticket).requester_name == WITHHELD


async def test_a_unit_cannot_find_out_who_reported_by_trying_phones_in_replies(hotline):
    ticket = await hotline.accepted(draft=replace(DRAFT, kind=Kind.REPORT))

    with pytest.raises(WordsRefused):
        await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=f"{REPLY}已与13800138000核对。")


async def test_a_low_rating_is_not_lost_when_the_citizen_goes_on_to_say_why(hotline, desk, database):
    ticket = await desk.solved(await hotline.called_back())
    ticket = await desk.solved(ticket, Satisfaction.DISSATISFIED)
    await desk.unsolved(ticket, "修了三次才好")

    last = select(surveys.c.solved, surveys.c.satisfaction).order_by(surveys.c.id.desc()).limit(1)
    said = await database.read(lambda connection: connection.execute(last).one())
    assert tuple(said) == (False, Satisfaction.DISSATISFIED)


async def test_what_the_desk_answered_in_vain_comes_to_the_dispatcher_and_gets_a_unit(hotline, desk, database):
    ticket = await hotline.do(AGENT, await hotline.submitted(), Verb.ANSWER, text=REPLY)
    await hotline.do(AGENT, await desk.unsolved(ticket, "还是坏的"), Verb.REWORK, reason="电梯仍然停着")
    assert (await kinds_for(DISPATCHER, database))[-1] == "rework"

    ticket = await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="cg", reason="要上门修")
    assert (ticket.state, ticket.lead) == (State.DISPATCHED, "cg")


async def test_a_ticket_does_not_wait_for_its_citizen_for_ever(hotline):
    ticket = await hotline.accepted()
    for _ in range(2):
        await hotline.do(clerk_of("cg"), ticket, Verb.SUSPEND, reason="请告诉我们是几单元。")
        await hotline.do(clerk_of("cg"), ticket, Verb.RESUME)

    with pytest.raises(MoveNotAllowed, match="补充过 2 次"):
        await hotline.do(clerk_of("cg"), ticket, Verb.SUSPEND, reason="请再告诉我们一次。")


async def test_handing_on_has_an_end_and_the_units_then_look_at_it_together(hotline):
    ticket = await hotline.accepted("cg")
    for unit in ("zj", "sw"):
        ticket = await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit=unit, reason="另有单位负责")

    with pytest.raises(MoveNotAllowed, match="已经改派过 2 次。请组织有关单位联合调查"):
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="cg", reason="再换一个")
    await hotline.do(DISPATCHER, ticket, Verb.INVESTIGATE, units=("cg", "zj"))
    ruled = await hotline.do(SUPERVISOR, ticket, Verb.RULE, unit="zj", reason="电梯归住建监管")
    assert (ruled.state, ruled.called, ruled.lead) == (State.DISPATCHED, "zj", "cg")
    await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="cg", reason="裁定后职责有调整")


async def test_a_return_that_is_handed_on_is_no_plain_reassign(hotline):
    ticket = await hotline.dispatched("cg")
    await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, unit="zj", reason=WRONG_UNIT)
    for unit in ("zj", "sw", "cg"):
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit=unit, reason="另有单位负责")


async def merged(hotline, first):
    """A second citizen's ticket, merged into a first one's."""
    second = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    return await hotline.do(AGENT, second, Verb.MERGE, other=first.number)


async def test_what_a_merged_citizen_adds_reaches_those_who_work_on_it(hotline, desk, database):
    first = await hotline.accepted()
    second = await merged(hotline, first)

    added = await desk.add_note(second, "我家那部也停了")

    assert (added.state, (await desk.timeline(second))[-1].note) == (State.MERGED, "我家那部也停了")
    line = (await desk.timeline(first))[-1]
    assert (line.verb, line.note, line.details["other"]) == ("add", "我家那部也停了", second.number)
    assert ("add", first.number) in [(each.kind, each.subject) for each in await database.read(unread(clerk_of("cg")))]


async def test_nothing_is_added_to_what_has_its_result_already(hotline, desk):
    first = await hotline.dispatched()
    second = await merged(hotline, first)
    await desk.solved(await hotline.replied("cg", first))

    with pytest.raises(MoveNotAllowed, match="没有解决"):
        await desk.add_note(second, "还有")
    assert [item.verb for item in await desk.timeline(second)] == ["submit", "merge"]


async def test_a_merged_citizen_takes_back_their_own_and_the_other_goes_on(hotline, desk):
    first = await hotline.accepted()
    second = await desk.withdraw(await merged(hotline, first))

    assert (second.state, second.merged_into) == (State.WITHDRAWN, None)
    assert (await desk.find(first.number, conversation="conversation-1")).state is State.ACCEPTED


async def test_the_home_of_who_reported_is_not_shown_to_units(hotline):
    report = await hotline.accepted(draft=replace(DRAFT, kind=Kind.REPORT, place="阳光小区3号楼2单元501"))

    assert seen_by(clerk_of("cg"), report).place == "阳光小区*号楼*单元*"
    assert seen_by(AGENT, report).place == "阳光小区3号楼2单元501"


async def test_what_a_short_message_may_name_is_neither_the_story_nor_the_place_nor_the_answer(hotline, database):
    ticket = await hotline.called_back()
    news = [each.notice.news for each in await database.read(due(hotline.lifecycle.clock(), 100))]
    facts = [json.loads(hotline.lifecycle.cipher.decrypt_text(sealed))["facts"] for sealed in news]

    assert all(set(told) <= {"number", "unit", "promised", "until"} for told in facts)
    assert {told["number"] for told in facts} == {ticket.number}
    assert REPLY not in str(facts)
    assert DRAFT.place not in str(facts)
