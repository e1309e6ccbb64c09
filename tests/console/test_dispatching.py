"""The dispatcher's screen, alarms, and beginnings of replies."""

import re
from dataclasses import replace

import pytest
from hotline import AGENT, DISPATCHER, DRAFT

from service.identity.roles import Role
from service.identity.staff import actor_of
from tickets.alarms.alarm import Alarm, Grade, Kind
from tickets.alarms.store import open_alarms, put_within
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.moves import Verb
from tickets.states import State

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIFTS = Rule(key="7", lead="示例区住房和城乡建设局", assisting=("示例区水务局",), keywords=("电梯",))
LIFT = "阳光小区3号楼的电梯坏了半个月，老人上下楼不方便，物业一直不修。"


def draft(number, **changes):
    return replace(DRAFT, id=f"draft-{number}", conversation=f"conversation-{number}", **changes)


def opened(page):
    """The ticket on the screen and its revision."""
    number = re.search(r'name="number" value="([\d-]+)"', page.text)
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    return (number[1], revision[1]) if number else None


async def test_one_after_another_is_dispatched_with_its_class(console, hotline, database, clock):
    first, second = await hotline.submitted(draft(1)), await hotline.submitted(draft(2))
    await RuleStore(database, clock).put(DISPATCHER, LIFTS)
    await console.office.routing.dispatcher.refresh()
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    page = await dispatcher.get("/console/dispatching")
    assert page.has("还有 2 张", "电梯坏了半个月", "1", "示例区住房和城乡建设局")
    assert page.has("派单目录 7")
    number, revision = opened(page)
    assert number == first.number
    category = next(iter(console.office.categories.leaves)).code
    page = await dispatcher.post(
        "/console/dispatching",
        number=number,
        revision=revision,
        choice="zj",
        units=["sw"],
        category=category,
        was_category="",
        kind="complaint",
        was_kind="complaint",
        urgency="normal",
        was_urgency="normal",
    )

    assert page.has(f"{number} 已派出", "还有 1 张")
    assert opened(page)[0] == second.number
    sent = (await hotline.desk.of_conversation("conversation-1"))[0]
    assert (sent.state, sent.called, sent.category) == (State.DISPATCHED, "zj", category)


@ONE_KIND
async def test_class_and_unit_are_taken_both_or_neither(console, hotline):
    ticket = await hotline.submitted()
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
    sent = {"number": ticket.number, "revision": ticket.revision, "kind": "help", "was_kind": "complaint"}

    refused = await dispatcher.post("/console/dispatching", **sent, choice="nobody")
    assert (refused.status, refused.has("没有代码为“nobody”的单位")) == (422, True)
    missing = await dispatcher.post("/console/dispatching", **sent)
    assert missing.has("请选择派给哪个单位：按 1、2、3")

    left = (await hotline.desk.of_conversation("conversation-1"))[0]
    assert (left.kind, left.revision) == (ticket.kind, ticket.revision)


@ONE_KIND
async def test_what_was_done_meanwhile_is_not_overlooked(console, hotline):
    ticket = await hotline.submitted()
    await hotline.do(AGENT, ticket, Verb.ADD, text="孩子被困")
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    told = await dispatcher.post("/console/dispatching", number=ticket.number, revision=ticket.revision, choice="cg")
    assert told.has("刚刚有了变化")
    assert opened(told) == (ticket.number, str(ticket.revision + 1))


@ONE_KIND
async def test_what_is_left_for_later_comes_again_at_the_end(console, hotline):
    first, second = await hotline.submitted(draft(1)), await hotline.submitted(draft(2))
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
    page = await dispatcher.get("/console/dispatching")
    following = re.search(r'rel="next" href="([^"]+)"', page.text)[1]

    page = await dispatcher.get(following)
    assert opened(page)[0] == second.number
    after = re.search(r'name="after" value="([^"]+)"', page.text)[1]
    page = await dispatcher.post("/console/dispatching", number=second.number, revision=0, choice="cg", after=after)
    assert opened(page)[0] == first.number
    assert (await dispatcher.post("/console/dispatching", number=first.number, revision=0, choice="cg")).has("都派完了")


@ONE_KIND
async def test_others_like_it_stand_beside_and_are_merged_from_there(console, hotline):
    known = await hotline.dispatched(draft=draft(1, description=LIFT))
    fresh = await hotline.submitted(draft(2, description=LIFT, phone="+8613900139000"))
    await console.office.recurrence.look()
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    page = await dispatcher.get("/console/dispatching")
    assert page.has("像是同一件事", known.number, "说法几乎一样")
    merged = await dispatcher.post(
        f"/console/tickets/{fresh.number}/moves/merge", other=known.number, revision=fresh.revision, back="dispatching"
    )

    assert merged.url.startswith("/console/dispatching")
    assert merged.has("并单完成", "都派完了")


async def test_an_alarm_is_taken_care_of_and_closed_with_what_was_done(console, hotline, database, clock):
    ticket = await hotline.submitted()
    roles = frozenset({Role.SUPERVISOR})
    alarm = Alarm(Kind.SURGE, Grade.URGENT, "topic:1", "3 天里 12 件反映同一件事", roles, [ticket.id])
    await database.write(lambda connection: put_within(connection, alarm, clock()))
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    agent = await console.staff("agent", Role.AGENT)
    number = (await database.read(open_alarms(await actor_of(database, "supervisor"))))[0].id

    assert (await agent.get("/console/alarms")).has("现在没有预警")
    assert (await agent.post(f"/console/alarms/{number}/close", outcome="看过了")).status == 409
    assert (await supervisor.get("/console/alarms")).has("紧急", "集中反映", "12 件反映同一件事", ticket.number)
    assert (await supervisor.post(f"/console/alarms/{number}/acknowledge")).has("supervisor 在处理")
    assert (await supervisor.post(f"/console/alarms/{number}/close", outcome=" ")).has("请写一句怎么处理的")
    assert (await supervisor.post(f"/console/alarms/{number}/close", outcome="住建局当日到场")).has("预警已关闭")
    assert (await supervisor.get("/console/alarms")).has("现在没有预警")
    closed = await supervisor.get("/console/alarms?closed=1")
    assert closed.has("12 件反映同一件事", ticket.number, "住建局当日到场", "supervisor 关闭于")
    assert (await agent.get("/console/alarms?closed=1")).has("还没有关闭过的预警")


async def test_beginnings_of_replies_belong_to_a_unit_or_to_all(console, hotline):
    ticket = await hotline.accepted("cg", draft(1, category="城市管理/路灯"))
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    other = await console.staff("other", Role.UNIT_CLERK, units=["zj"])
    agent = await console.staff("agent", Role.AGENT)

    missing = await clerk.post("/console/reply-templates", title="路灯", body="", unit="cg")
    assert (missing.status, missing.has("请写内容")) == (422, True)
    await clerk.post("/console/reply-templates", title="路灯维修", body="路灯已于【日期】修好。", unit="cg")
    assert (await clerk.post("/console/reply-templates", title="都用", body="好。", unit="")).status == 422
    shared = {"title": "热线电话", "body": "有问题请拨打12345。", "unit": "", "category": "城市管理"}
    await agent.post("/console/reply-templates", **shared)

    assert (await clerk.get(f"/console/tickets/{ticket.number}?move=reply")).has("路灯维修", "热线电话")
    listed = await other.get("/console/reply-templates")
    assert listed.has("热线电话")
    assert not listed.has("路灯维修")
    number = re.search(r"edit=(\d+)", (await clerk.get("/console/reply-templates")).text)[1]
    assert (await other.get(f"/console/reply-templates?edit={number}")).status == 404
    assert (await other.post(f"/console/reply-templates/{number}/remove")).status == 409
    assert (await clerk.post(f"/console/reply-templates/{number}/remove")).has("已删掉", "撤销")
    assert (await other.post(f"/console/reply-templates/{number}/restore")).status == 409
    assert (await clerk.post(f"/console/reply-templates/{number}/restore")).has("放回来了")
