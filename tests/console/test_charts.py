"""The charts: whose figures they show, what they say of a period, and that the spreadsheet says the same."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hotline import DISPATCHER, DRAFT, UNITS
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import insert

from console.charts.chart import Bar, Chart, draw
from console.charts.trend import compared, points
from handover import queue
from handover.talk import Why
from knowledge_base.entry import Entry
from knowledge_base.tables import answers
from service.audit import Deed, Search, found
from service.identity.roles import Role
from tickets.given import Given
from tickets.indicators.period import Period
from tickets.moves import Verb
from tickets.units import put_within


@pytest.fixture
async def tickets(console, database, clock):
    """Three tickets: two with one unit, one with another."""
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    for number, unit in enumerate(("cg", "cg", "zj")):
        ticket = await console.office.desk.submit(replace(DRAFT, id=f"d-{number}", channel="phone"))
        await console.office.desk.lifecycle.perform(DISPATCHER, ticket.number, Verb.DISPATCH, Given(unit=unit))


async def test_a_supervisor_sees_the_whole_hotline_each_chart_with_its_table(console, tickets):
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    page = await supervisor.get("/console/charts")

    assert page.has("看板", "10月23日到11月21日", "每天登记的工单", "一共 3 张", "2026-11-21", "3", "从哪里来", "电话")
    assert page.has("哪里诉求多：承办单位", "示例区城市管理局", "2", "示例区住房和城乡建设局", "1")
    assert 'role="img" aria-label="每天登记的工单：11/21 3' in page.text


async def test_a_unit_head_sees_their_unit_only(console, tickets):
    head = await console.staff("head", Role.UNIT_HEAD, units=["zj"])
    page = await head.get("/console/charts")

    assert page.has("本单位", "一共 1 张")
    assert "示例区城市管理局" not in page.text
    assert not page.has("市民问的")


async def test_agents_and_clerks_see_no_charts(console):
    for role, units in ((Role.AGENT, []), (Role.UNIT_CLERK, ["cg"])):
        visitor = await console.staff(f"some-{role}", role, units=units)
        assert (await visitor.get("/console/charts")).status == 403


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-11-20&to=2026-11-01", "晚于结束的日期"),
        ("from=someday&to=2026-11-01", "要写成 2026-11-01 这样"),
        ("from=2025-01-01&to=2026-11-01", "一次最多看 92 天"),
        ("from=2026-10-01&to=2026-10-02", "这一段没有工单"),
    ],
)
async def test_a_period_that_cannot_be_or_is_empty_is_said(console, tickets, asked, said):
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)

    assert (await supervisor.get(f"/console/charts?{asked}")).has(said)


async def test_the_spreadsheet_has_the_tables_and_is_recorded(console, database, tickets):
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    data = {"form_key": supervisor.form_key}
    path = f"{console.address}/console/charts/export?from=2026-11-20&to=2026-11-21"
    async with supervisor.session.post(path, data=data, headers={"Origin": console.address}) as response:
        book = load_workbook(io.BytesIO(await response.read()))
    lines = await database.read(found(Search(deed=Deed.EXPORT), 10))

    rows = [[cell.value for cell in row] for row in book["每天登记的工单"].rows]
    assert rows == [["日期", "合计", "电话"], ["2026-11-20", "0", "0"], ["2026-11-21", "3", "3"]]
    assert [line.done.subject for line in lines] == ["看板-20261120-20261121.xlsx"]


async def test_the_start_page_tells_todays_number_and_what_could_be_done(console, tickets):
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    assert (await supervisor.get("/console/")).has("一眼看数", "3", "今天登记的工单", "0", "昨天登记的工单")

    agent = await console.staff("agent", Role.AGENT)
    page = await agent.get("/console/")
    assert page.has("现在没有等着您的事", "接听台", "边听边找答案")
    assert not page.has("一眼看数")


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=92), st.sampled_from(["lying", "standing"]))
def test_bars_stay_in_the_drawing_and_the_larger_is_never_the_shorter(values, shape):
    bars = tuple(Bar("某", value, str(value)) for value in values)
    drawing = draw(Chart("key", "题", "", bars, (), (), shape=shape))
    lengths = [bar.width if shape == "lying" else bar.height for bar in drawing.bars]

    assert all(bar.x >= 0 and bar.x + bar.width <= drawing.width + 0.2 for bar in drawing.bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= drawing.height for bar in drawing.bars)
    ordered = [length for _, length in sorted(zip(values, lengths, strict=True))]
    assert ordered == sorted(ordered)


async def test_what_was_asked_is_told_with_the_matters_asked_most(console, database, clock):
    entry = Entry(slug="id-card", matter="身份证补办", question="身份证丢了怎么办", answer="到派出所。")
    await console.office.knowledge.replace([entry])
    common = {"at": clock(), "channel": "widget", "clicked": False, "entry": None}
    verbs = [("answer", "id-card"), ("answer", "id-card"), ("choices", None), ("no_answer", None)]
    rows = [
        common | {"conversation": f"c-{number}", "verb": verb, "entry": slug}
        for number, (verb, slug) in enumerate(verbs)
    ]
    await database.write(lambda connection: connection.execute(insert(answers), rows))
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    page = await supervisor.get("/console/charts")

    assert page.has("一共问了 4 次", "直接回答", "2（50%）", "给出选项", "1（25%）", "没有答案", "1（25%）")
    assert page.has("问得最多的事", "身份证补办", "2")


async def test_figures_stand_beside_those_of_the_period_before(console, database, clock, tickets):
    clock.forward(days=10)
    for number in (7, 8, 9, 10):
        await console.office.desk.submit(replace(DRAFT, id=f"d-{number}", channel="wechat"))
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    page = await supervisor.get("/console/charts?from=2026-11-30&to=2026-12-01")
    assert page.has("一共 4 张")
    assert not page.has("比上一段")  # nothing came then, and nothing is compared

    page = await supervisor.get("/console/charts?from=2026-11-22&to=2026-12-01")
    assert page.has(
        "比上一段（11月12日到11月21日）多 1 张（+33%）。", "从哪里来", "上一段", "变化", "微信", "4", "0", "+4"
    )
    assert page.has("今天还没过完")


async def test_who_waited_for_a_person_is_told_with_the_promise(console, database, clock):
    def put(connection):
        taken = queue.put_within(connection, "c-1", "widget", Why.ASKED, clock())
        queue.put_within(connection, "c-2", "widget", Why.ASKED, clock())
        clock.forward(minutes=2)
        seen = queue.handover_within(connection, taken)
        queue.take_within(connection, seen, "agent", clock())
        queue.answered_within(connection, queue.handover_within(connection, taken), clock(), "agent")

    await database.write(put)
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    page = await supervisor.get("/console/charts")
    assert page.has(
        "要人工的，等到了没有", "最长 2.0 分钟", "要人工的", "2", "有人接的", "1（50%）", "3 分钟内接的", "1（50%）"
    )


@given(st.dates(date(2020, 1, 1), date(2029, 12, 31)), st.integers(0, 91))
def test_the_period_before_ends_the_day_before_and_is_as_long_or_a_month(first, days):
    period = Period(first, first + timedelta(days=days))
    assert period.before.last == first - timedelta(days=1)
    assert period.before.last - period.before.first == period.last - period.first or period.before.first.day == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (compared(5, 0, "张", "上周"), ""),
        (compared(5, 5, "张", "上周"), "和上周一样多。"),
        (compared(3, 4, "张", "上周"), "比上周少 1 张（−25%）。"),
        (points(0.9, None), "—"),
        (points(0.931, 0.9), "+3.1 点"),
    ],
)
def test_a_trend_is_told_in_words(told, words):
    assert told == words
