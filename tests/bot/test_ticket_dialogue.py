"""A ticket's life as its citizen lives it in the chat: news, the answer, the word that it is solved or not."""

from datetime import datetime

import pytest
from hotline import AGENT, DISPATCHER, REPLY, UNITS, clerk_of

from tickets.consent import told
from tickets.given import Given
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Outcome
from tickets.units import put_within

STORY = "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修"


async def register(citizen, phone="13800138000", story=STORY):
    for said in (story, phone, "王女士"):
        await citizen.say(said)
    await citizen.click("同意")
    return citizen.replies


async def registered(citizen, **said):
    await register(citizen, **said)
    await citizen.click("确认提交")
    return next(reply["ticket"]["number"] for reply in citizen.replies if reply["ticket"])


@pytest.fixture
def do(parts):
    """What the hotline and the unit do meanwhile."""

    async def move(actor, number, verb, **given):
        return await parts.desk.lifecycle.perform(actor, number, verb, Given.of(**given))

    return move


async def answered(parts, do, number):
    await parts.database.write(lambda connection: put_within(connection, UNITS, parts.clock()))
    await do(DISPATCHER, number, Verb.DISPATCH, unit="cg")
    await do(clerk_of("cg"), number, Verb.ACCEPT)
    await do(clerk_of("cg"), number, Verb.REPLY, text=REPLY)
    await do(AGENT, number, Verb.APPROVE)


async def ticket_of(citizen, parts):
    return (await parts.desk.of_conversation(citizen.id))[0]


async def test_a_citizen_says_that_it_is_solved_and_how_satisfied_they_are(citizen, parts, do):
    number = await registered(citizen)
    await answered(parts, do, number)

    await citizen.say("我的工单怎么样了")
    await citizen.click("解决了")
    assert "满意吗" in citizen.text
    await citizen.click("非常满意")

    assert "谢谢您的评价" in citizen.text
    ticket = await ticket_of(citizen, parts)
    assert (ticket.state, ticket.outcome) == (State.RESOLVED, Outcome.SOLVED)


async def test_a_citizen_says_what_is_still_not_solved_and_it_is_worked_on_again(citizen, parts, do):
    number = await registered(citizen)
    await answered(parts, do, number)

    await citizen.say("我的工单怎么样了")
    await citizen.click("没解决")
    assert "还差什么没解决" in citizen.text
    await citizen.say("电梯昨天晚上又停了一次，老人被困在里面")

    assert "热线马上核实" in citizen.text
    (card,) = citizen.replies
    assert card["ticket"]["state_title"] == "您说还没解决"
    assert "没解决" not in [button["title"] for button in card["buttons"]]
    items = await parts.desk.timeline(await ticket_of(citizen, parts))
    assert (items[-1].verb, items[-1].note) == ("dispute", "电梯昨天晚上又停了一次，老人被困在里面")


async def test_who_is_not_satisfied_is_asked_what_is_missing_and_it_is_worked_on_again(citizen, parts, do):
    number = await registered(citizen)
    await answered(parts, do, number)

    await citizen.send(f'/solved{{"number": "{number}"}}')
    await citizen.click("不满意")
    assert "还差什么没解决" in citizen.text
    await citizen.say("修了三次才好，每次都没人通知我们")

    assert "热线马上核实" in citizen.text
    assert (await ticket_of(citizen, parts)).state is State.DISPUTED


async def test_a_name_said_too_early_is_kept_and_a_place_is_no_name(citizen):
    await citizen.say("我要投诉，小区电梯坏了半个月没人修")
    await citizen.say("阳光小区3号楼")
    await citizen.say("王女士")
    assert "电话" in citizen.text
    await citizen.say("13800138000")
    assert "同意" in citizen.text  # the name is known

    await citizen.say("取消")
    await citizen.say("我要投诉，小区电梯坏了半个月没人修")
    await citizen.say("小区门口")
    await citizen.say("13800138000")
    assert "怎么称呼" in citizen.text
    await citizen.say("阳光小区3号楼")
    assert "怎么称呼" in citizen.text
    await citizen.say("王女士")
    await citizen.click("同意")
    assert "地点：阳光小区3号楼\n" in citizen.text
    assert "称呼：王女士" in citizen.text


async def test_who_only_says_the_word_is_taken_to_mean_the_ticket_that_waits_for_it(citizen, parts, do):
    number = await registered(citizen)
    await answered(parts, do, number)

    await citizen.say("已经解决了")

    assert "满意吗" in citizen.text
    assert (await ticket_of(citizen, parts)).state is State.RESOLVED


async def test_before_there_is_an_answer_nothing_can_be_rated(citizen, parts):
    number = await registered(citizen)

    await citizen.send(f'/solved{{"number": "{number}"}}')

    assert "不能办结" in citizen.text
    assert (await ticket_of(citizen, parts)).state is State.SUBMITTED


async def test_a_rating_of_somebody_elses_ticket_changes_nothing(citizen, another_citizen, parts, do):
    number = await registered(citizen)
    await answered(parts, do, number)

    await another_citizen.send(f'/solved{{"number": "{number}", "satisfaction": "1"}}')
    await another_citizen.send(f'/answer_unhelpful{{"number": "{number}"}}')

    assert (await ticket_of(citizen, parts)).state is State.CALLBACK


async def test_who_says_the_same_again_may_add_it_to_the_ticket_there_is(citizen, parts):
    number = await registered(
        citizen, story="我要投诉幸福里小区8号楼的车库，水泵坏了一直积水，车都泡了", phone="13911112222"
    )
    await parts.recurrence.look()
    await register(citizen, story="我要投诉幸福里小区8号楼车库，水泵还是坏的，积水越来越深", phone="13911112222")

    assert f"您已经登记过类似的事，编号 {number}" in citizen.text
    await citizen.click(f"补充到 {number}")

    assert "补充的内容已记到工单里" in citizen.text
    assert [ticket.number for ticket in await parts.desk.of_conversation(citizen.id)] == [number]
    items = await parts.desk.timeline(await ticket_of(citizen, parts))
    assert "积水越来越深" in items[-1].note


async def test_of_others_tickets_nothing_is_told_but_that_there_are_some(citizen, another_citizen, parts):
    number = await registered(citizen)
    await parts.recurrence.look()
    await register(another_citizen)

    assert "件同类诉求在办" in another_citizen.text
    assert number not in str(another_citizen.replies)


async def test_only_an_agreement_to_the_question_is_consent(citizen):
    for said in (STORY, "13800138000", "王女士", "提交"):
        await citizen.say(said)
    assert "没有您的同意" in citizen.text
    assert "您同意吗" in citizen.text

    await citizen.say("确认提交")
    assert "请核对" not in citizen.text
    await citizen.say("好的，同意")
    assert "请核对" in citizen.text


async def test_what_was_agreed_to_and_when_is_kept_with_the_ticket(citizen, parts):
    number = await registered(citizen)

    consent = (await parts.desk.timeline(await ticket_of(citizen, parts)))[0].details["consent"]
    assert datetime.fromisoformat(consent["at"]).tzinfo is not None
    asked = await parts.database.read(lambda connection: told(connection, consent["told"]))
    assert "只用来办理这件事和回访" in asked
    assert asked.endswith("您同意吗？")
    assert number not in asked
