"""The search of the top bar: by number, unit and phone, to whom it is open, and what it says that it finds."""

import re
from datetime import date

import pytest
from hotline import DRAFT, UNITS
from hypothesis import given
from hypothesis import strategies as st

from service.audit import Deed, Search, found
from service.identity.roles import Role
from service.privacy import holds_personal_number
from tickets.number import format_number
from tickets.units import put_within


@pytest.fixture
async def ticket(console, database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.office.desk.submit(DRAFT)


async def test_a_ticket_is_found_by_its_number_and_a_unit_by_its_name(console, ticket):
    agent = await console.staff("agent", Role.AGENT)

    assert (await agent.get(f"/console/search?q={ticket.number}")).has("工单", ticket.number)
    page = await agent.get("/console/search?q=水务")
    assert page.has("单位的工单", "示例区水务局")
    assert "/console/tickets?view=all&amp;unit=sw" in page.text


async def test_a_unit_finds_no_other_unit_and_nobodys_phone(console, ticket):
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    assert not (await clerk.get("/console/search?q=水务")).has("示例区水务局")
    assert not (await clerk.post("/console/search", q="13800138000")).has("为什么要查")
    assert (await clerk.post("/console/search/phone", phone="13800138000", reason="看看")).status == 403


async def test_a_phone_finds_tickets_for_a_reason_that_is_recorded(console, database, ticket):
    agent = await console.staff("agent", Role.AGENT)
    assert (await agent.post("/console/search", q="138 0013 8000")).has("为什么要查")
    page = await agent.post("/console/search/phone", phone="138 0013 8000", reason="来电人问进展")
    lines = [line.done for line in await database.read(found(Search(deed=Deed.LOOK), 10))]

    assert page.has(ticket.number)
    assert [(done.actor, done.reason, done.details) for done in lines] == [
        ("agent", "来电人问进展", {"tickets": [ticket.number]})
    ]


async def test_what_is_nobodys_number_becomes_an_address_to_go_back_to(console, ticket):
    agent = await console.staff("agent", Role.AGENT)
    page = await agent.post("/console/search", q="水务 局")

    assert (page.status, page.url) == (200, "/console/search?q=水务 局")
    assert (await agent.post("/console/search", q=ticket.number)).url == f"/console/search?q={ticket.number}"


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "1 3 8-0013 8000",
        "+86 13800138000",
        "１３８００１３８０００",
        "0755-26681234",
        "11010519491231002X",
    ],
)
async def test_a_number_of_somebody_stands_in_no_address_and_no_title(console, number):
    agent = await console.staff("agent", Role.AGENT)
    page = await agent.post("/console/search", q=f" {number} ")
    title = re.search("<title>(.*?)</title>", page.text)[1]

    assert (page.status, page.url) == (200, "/console/search")
    assert title.startswith("搜索 ·")


@pytest.mark.parametrize("path", ["/search", "/tickets", "/knowledge", "/knowledge/try", "/messages"])
async def test_an_address_with_somebodys_number_leads_to_one_without(console, path):
    agent = await console.staff("agent", Role.AGENT)
    page = await agent.get(f"/console{path}?look=due&q=138 0013 8000")

    assert page.url == f"/console{path}?look=due"
    assert page.has("不放进网址")
    assert "138 0013 8000" not in page.text


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 99999))
def test_a_tickets_number_is_nobodys_number(day, sequence):
    assert not holds_personal_number(format_number(day, sequence))


@pytest.mark.parametrize(("phone", "reason", "said"), [("13800138000", "", "请写明为什么"), ("1380", "问", "号码不对")])
async def test_without_a_reason_or_a_whole_number_nothing_is_looked_up(console, database, ticket, phone, reason, said):
    agent = await console.staff("agent", Role.AGENT)
    page = await agent.post("/console/search/phone", phone=phone, reason=reason)

    assert (page.status, page.has(said)) == (422, True)
    assert not await database.read(found(Search(deed=Deed.LOOK), 10))


async def test_the_page_says_what_can_be_found(console):
    agent = await console.staff("agent", Role.AGENT)

    assert (await agent.get("/console/search")).has(
        "可以找什么", "完整的工单编号", "完整的电话号码", "不能按里面的字来找"
    )
