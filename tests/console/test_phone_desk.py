"""The phone desk without a script: what it finds, keeps, registers and refuses."""

import json
import re

import pytest
from hotline import DRAFT, UNITS
from office import open_console
from sqlalchemy import select

from channels.hotline.guide_sms import SmsGuides
from channels.hotline.tables import hotline_guides
from channels.sms.gateways.console import ConsoleGateway
from channels.sms.opening import open_sms
from console.desk.drafts import draft_of
from knowledge_base.entry import Entry
from service.audit import Deed, Search, found
from service.identity.roles import Role
from service.settings import Settings
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Outcome
from tickets.units import put_within

PHONE = "13800138000"
ENTRIES = (
    Entry(
        slug="id-card",
        question="身份证丢了怎么补办",
        answer="带户口簿到派出所补办，20个工作日内领证。",
        short_answer="带户口簿到任一派出所，20个工作日内领证。",
        facets={"materials": "户口簿原件"},
    ),
    Entry(slug="shift", question="身份证系统故障时怎么受理", answer="先登记，故障恢复后回拨。", visibility="staff"),
)
REQUEST = {
    "draft": "call-1",
    "phone": "138 0013 8000",
    "name": "王女士",
    "description": "阳光小区3号楼电梯坏了半个月",
    "place": "阳光小区3号楼",
    "kind": "complaint",
    "category": "",
    "urgency": "normal",
    "answer": "",
    "do": "register",
}


@pytest.fixture
async def agent(console, database, clock):
    await console.office.knowledge.replace(ENTRIES)
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.staff("agent", Role.AGENT)


async def newest(console):
    found = await console.office.desk.of_citizen("", ["+8613800138000"])
    return found[0] if found else None


async def kept(console):
    return await console.office.database.read(draft_of("agent", console.office.desk.lifecycle.cipher))


async def test_words_find_entries_that_can_be_read_out_staffs_own_among_them(agent):
    page = await agent.post("/console/desk/answers", words="身份证丢了")
    found = {each["slug"]: each for each in json.loads(page.text)["entries"]}

    assert found["id-card"]["speech"] == "带户口簿到任一派出所，二十个工作日内领证。"
    assert found["id-card"]["facets"] == [{"title": "材料", "text": "户口簿原件"}]
    assert found["shift"]["staff"] is True
    assert json.loads((await agent.post("/console/desk/answers", words=" ")).text) == {"kind": "", "entries": []}


async def test_a_call_becomes_a_ticket_whose_number_and_day_are_read_out(agent, console):
    page = await agent.post("/console/desk/tickets", **REQUEST)
    ticket = await newest(console)

    assert page.url == f"/console/desk?saved={ticket.number}"
    assert page.has(ticket.number, "请念给来电人", f"{ticket.promised_by.month}月{ticket.promised_by.day}日前给您结果")
    assert (ticket.channel, ticket.street, ticket.requester_name) == ("phone", "阳光街道", "王女士")


async def test_the_same_call_sent_twice_is_one_ticket(agent, console):
    first = await agent.post("/console/desk/tickets", **REQUEST)
    again = await agent.post("/console/desk/tickets", **REQUEST)

    assert first.url == again.url


async def test_another_call_written_into_a_form_that_was_registered_is_not_lost(agent, console):
    await agent.post("/console/desk/tickets", **REQUEST)
    first = await newest(console)
    other = REQUEST | {"description": "小区停水两天了，没有人通知"}

    page = await agent.post("/console/desk/tickets", **other)
    assert page.status == 409
    assert page.has(f"已经登记成 {first.number}", "小区停水两天了")
    draft = re.search(r'name="draft" value="(\w+)"', page.text)[1]
    await agent.post("/console/desk/tickets", **(other | {"draft": draft}))

    assert (await newest(console)).description == "小区停水两天了，没有人通知"


async def test_what_is_answered_at_the_desk_ends_on_line(agent, console):
    asked = {"kind": "consultation", "description": "身份证丢了怎么补办", "place": ""}
    told = {"do": "answer", "answer": "身份证丢了请带户口簿到任一派出所补办，20个工作日内领证。"}
    page = await agent.post("/console/desk/tickets", **(REQUEST | asked | told))
    assert page.has("您的问题已经答复"), page.text
    ticket = await newest(console)

    assert (ticket.state, ticket.outcome) == (State.RESOLVED, Outcome.DIRECT_ANSWER)


async def test_an_answer_that_says_nothing_registers_nothing_and_keeps_what_was_typed(agent, console):
    page = await agent.post("/console/desk/tickets", **(REQUEST | {"do": "answer", "answer": "正在办理中"}))

    assert page.status == 422
    assert page.has("答复里有几处请再看一眼")
    assert "阳光小区3号楼电梯坏了半个月" in page.text
    assert await newest(console) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phone", "12", "这个号码不对"),
        ("description", "", "请写清楚是什么事"),
        ("kind", "", "请选一个类型"),
        ("category", "没有/这个", "这个分类已经没有了"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(agent, console, field, value, said):
    page = await agent.post("/console/desk/tickets", **(REQUEST | {field: value}))

    assert page.status == 422
    assert page.has(said)
    assert "阳光小区3号楼" in page.text
    assert await newest(console) is None


async def test_a_caller_known_by_phone_needs_no_name_again_and_is_shown_masked(agent, console):
    await console.office.desk.submit(DRAFT)
    beside = await agent.post("/console/desk/beside", phone=PHONE)
    await agent.post("/console/desk/tickets", **(REQUEST | {"name": ""}))

    assert beside.has("王*")
    assert "王女士" not in beside.text
    assert (await newest(console)).requester_name == "王女士"


async def test_a_desk_is_no_way_to_look_up_a_number_unseen(agent, console, clock):
    database, ticket = console.office.database, await console.office.desk.submit(DRAFT)
    for description in ("", "电梯", "电梯坏了"):  # while it is typed
        await agent.post("/console/desk/beside", phone=PHONE, description=description)
    await agent.post("/console/desk/beside", phone="13900000000")

    (line,) = await database.read(found(Search(deed=Deed.LOOK), 9))
    assert (line.done.actor, line.done.details) == ("agent", {"tickets": [ticket.number]})
    clock.forward(minutes=40)  # another call
    await agent.post("/console/desk/beside", phone=PHONE)
    assert len(await database.read(found(Search(deed=Deed.LOOK), 9))) == 2


async def test_beside_stand_the_same_matter_the_place_and_the_category(agent, console):
    ticket = await console.office.desk.submit(DRAFT)
    await console.office.recurrence.look()
    typed = {"phone": PHONE, "description": "阳光小区3号楼电梯坏了", "place": "阳光"}
    page = await agent.post("/console/desk/beside", **typed)

    assert page.has(ticket.number, "像是同一件事", ticket.number, "补充到这件")
    assert '<option value="阳光小区">阳光街道 · 阳光社区</option>' in page.text
    assert page.has("看起来是", "电梯")


async def test_a_second_call_about_the_same_adds_to_the_ticket(agent, console):
    ticket = await console.office.desk.submit(DRAFT)
    page = await agent.post(
        "/console/desk/tickets", **(REQUEST | {"add": ticket.number, "description": "今天又困人了"})
    )
    lines = await console.office.desk.timeline(ticket)

    assert page.has(f"已补充到 {ticket.number}")
    assert (lines[-1].verb, lines[-1].note, lines[-1].actor) == (Verb.ADD, "今天又困人了", "agent")


async def test_the_same_matter_of_another_caller_is_registered_and_merged(agent, console):
    other = await console.office.desk.submit(DRAFT)
    await agent.post("/console/desk/tickets", **(REQUEST | {"phone": "13900139000", "merge": other.number}))
    mine = (await console.office.desk.of_citizen("", ["+8613900139000"]))[0]

    assert (mine.state, mine.merged_into) == (State.MERGED, other.id)


async def test_a_request_that_is_left_waits_until_it_is_registered(agent, console):
    await agent.post("/console/desk/draft", **(REQUEST | {"words": "电梯坏了"}))
    page = await agent.get("/console/desk")
    start = await agent.get("/console/")

    assert page.has("没登记完的，都还在")
    assert 'value="阳光小区3号楼"' in page.text
    assert start.has("1", "件来电没登记完")
    await agent.post("/console/desk/tickets", **REQUEST)
    assert await kept(console) is None


async def test_of_nothing_nothing_is_kept_and_a_colleague_sees_none_of_it(agent, console):
    await agent.post("/console/desk/draft", draft="call-1", kind="help")
    assert await kept(console) is None

    await agent.post("/console/desk/draft", **REQUEST)
    colleague = await console.staff("colleague", Role.AGENT)
    assert "阳光小区" not in (await colleague.get("/console/desk")).text


async def test_without_a_gateway_the_desk_says_that_no_sms_can_be_sent(agent):
    refused = await agent.post("/console/desk/guide", entry="id-card", phone=PHONE, order="1")

    assert refused.status == 409
    assert "还没有设置短信平台" in json.loads(refused.text)["error"]
    assert "还没有设置短信平台" in (await agent.get("/console/desk")).text


@pytest.fixture
async def with_sms(database, keyring, clock, tmp_path, monkeypatch):
    """The desk of an agent where SMS can be sent, and the numbers they went to."""
    reached = []

    async def shown(_gateway, message):
        reached.append(message.phone)
        return "1"

    monkeypatch.setattr(ConsoleGateway, "send", shown)
    settings = Settings(data_dir=tmp_path, sms_gateways=("console",))
    async with (
        open_sms(settings, database, keyring, clock) as sms,
        open_console(database, keyring, clock, guide_sms=SmsGuides(sms, "")) as console,
    ):
        await console.office.knowledge.replace(ENTRIES)
        yield await console.staff("agent", Role.AGENT), reached


async def test_a_guide_reaches_the_caller_once_and_who_sent_it_is_kept(with_sms, database):
    agent, reached = with_sms
    order = {"entry": "id-card", "phone": PHONE, "order": "1"}
    sent = [json.loads((await agent.post("/console/desk/guide", **order)).text) for _ in range(2)]
    again = await agent.post("/console/desk/guide", **(order | {"order": "2"}))
    rows = await database.read(lambda connection: connection.execute(select(hotline_guides)).all())

    assert sent == [{"said": "办事指南已发到 138****8000。"}] * 2
    assert len(reached) == 1
    assert "刚刚给这个号码发过" in json.loads(again.text)["error"]
    assert [(row.staff, row.api_key, row.entry) for row in rows] == [("agent", None, "id-card")]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"entry": "shift", "phone": PHONE}, "不对市民公开"),
        ({"entry": "id-card", "phone": "010-12345678"}, "座机收不到"),
    ],
)
async def test_what_cannot_be_sent_is_said(with_sms, order, said):
    agent, reached = with_sms
    refused = await agent.post("/console/desk/guide", order="1", **order)

    assert (refused.status, reached) == (409, [])
    assert said in json.loads(refused.text)["error"]
