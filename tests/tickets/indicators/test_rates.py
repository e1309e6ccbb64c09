"""Rates are what their definitions say, of a period as it stood; too few cases say nothing."""

from dataclasses import replace
from datetime import date

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, EXPLAINED, SUPERVISOR, clerk_of

from tickets.indicators.definitions import SHIPPED, IndicatorsRefused, read_definitions
from tickets.indicators.facts import FACTS
from tickets.indicators.measure import Count, measure
from tickets.indicators.period import Period
from tickets.moves import Verb
from tickets.parties import CITIZEN
from tickets.ticket import Kind, Satisfaction

DEFINITIONS = read_definitions(SHIPPED.read_text("utf-8"), FACTS)
ANSWER = "阳光小区3号楼的电梯由物业负责维修，三天内不修，可以到街道物业科反映，他们会上门督促。"
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def draft(number, **changes):
    return replace(DRAFT, id=f"draft-{number}", **changes)


@pytest.fixture
def rates(hotline, database):
    async def read(period=NOVEMBER, by=None, group=None):
        found = await database.read(measure(DEFINITIONS, period, hotline.lifecycle.clock(), by))
        return {name: (rate.raw.hits, rate.raw.cases) for name, rate in found.get(group, {}).items()}

    return read


async def test_what_is_overdue_and_open_is_below_the_line(hotline, rates, clock):
    await hotline.accepted()
    answered = await hotline.called_back("zj", draft(2))
    await hotline.do(CITIZEN, answered, Verb.RESOLVE, solved=True)
    clock.forward(days=40)

    december = Period(date(2026, 12, 1), date(2026, 12, 31))
    assert (await rates(december))["on_time"][1] >= 1
    assert (await rates(december, "unit", "cg"))["closed"] == (0, 1)


async def test_a_ticket_closed_later_does_not_change_a_past_report(hotline, rates, clock):
    ticket = await hotline.called_back()
    clock.moment = NOVEMBER.ends
    before = await rates()
    await hotline.do(CITIZEN, ticket, Verb.RESOLVE, solved=True, satisfaction=Satisfaction.SATISFIED)

    assert await rates() == before
    assert before["resolution"] == (0, 0)


async def test_the_first_moment_of_a_day_in_china_begins_the_period(hotline, rates, clock):
    clock.moment = NOVEMBER.ends
    answered = await hotline.submitted()
    await hotline.do(AGENT, answered, Verb.ANSWER, text=ANSWER)
    clock.forward(hours=1)

    assert (await rates()).get("direct", (0, 0))[1] == 0
    assert (await rates(Period(date(2026, 12, 1), date(2026, 12, 1))))["direct"] == (1, 1)


async def test_without_ground_leaves_the_adjusted_rate_and_stays_in_the_raw_one(hotline, database, clock):
    ticket = await hotline.called_back()
    await hotline.do(CITIZEN, ticket, Verb.DISPUTE, reason="要求赔偿十万元", satisfaction=Satisfaction.DISSATISFIED)
    await hotline.do(SUPERVISOR, ticket, Verb.CONCLUDE, reason=EXPLAINED)
    clock.forward(hours=1)

    found = (await database.read(measure(DEFINITIONS, NOVEMBER, clock())))[None]["satisfaction"]
    assert (found.raw, found.adjusted) == (Count(0, 1), Count(0, 0))


async def test_a_wrong_dispatch_is_the_first_units_not_the_right_ones(hotline, rates, clock):
    ticket = await hotline.dispatched("cg")
    await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="zj", reason="属住建局")
    await hotline.do(clerk_of("zj"), ticket, Verb.ACCEPT)
    clock.forward(hours=1)

    assert (await rates(by="unit", group="cg"))["dispatch_accuracy"] == (0, 1)
    assert (await rates(by="unit", group="zj"))["dispatch_accuracy"] == (0, 0)


async def test_rates_are_split_by_what_a_ticket_is(hotline, rates, clock):
    for number, kind in enumerate((Kind.HELP, Kind.HELP, Kind.PRAISE)):
        ticket = await hotline.submitted(draft(number, kind=kind))
        await hotline.do(AGENT, ticket, Verb.ANSWER, text=ANSWER)
    clock.forward(hours=1)

    assert (await rates(by="kind", group="help"))["direct"] == (2, 2)
    assert (await rates(by="kind", group="praise"))["direct"] == (1, 1)


def test_too_few_cases_have_no_rate():
    assert Count(1, 1).rate(smallest=10) is None
    assert Count(9, 10).rate(smallest=10) == 0.9


def test_weeks_and_months_are_the_last_whole_ones():
    assert Period.week_before(date(2026, 11, 23)) == Period(date(2026, 11, 16), date(2026, 11, 22))
    assert Period.week_before(date(2026, 11, 22)) == Period(date(2026, 11, 9), date(2026, 11, 15))
    assert Period.month_before(date(2026, 1, 5)) == Period(date(2025, 12, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("{name: a, label: 甲, below: [closd], above: [direct]}", "指标“甲”（第 2 行）：“below”里的“closd”不认识"),
        ("{name: a, label: 甲, below: [closed]}", "指标“甲”（第 2 行）：缺少“above”"),
        ("{name: a, label: 甲, unit: x, below: [closed], above: [direct]}", "“unit”应写 lead 或 asked"),
        ("{name: a, label: 甲, below: [closed], above: [direct], without: [{fact: open}]}", "缺少“because”"),
        ("{name: a, label: 甲, bellow: [closed], above: [direct]}", "没有“bellow”这一项"),
        ("{name: 甲, label: 甲, below: [closed], above: [direct]}", "有两个指标都叫“甲”"),
    ],
)
def test_a_wrong_definition_is_refused_where_it_stands(written, refusal):
    with pytest.raises(IndicatorsRefused, match=refusal):
        read_definitions(f"indicators:\n  - {written}\n", FACTS)
