"""An agent's calls at the desk by keys alone: read, answered on the spot, registered, left and come back to."""

import os
from dataclasses import replace

import pytest
from console_pages import LOOKS, findings, staff_page, too_wide
from hotline import DISPATCHER, DRAFT, UNITS
from office import COOKIE
from playwright.async_api import expect
from sqlalchemy import select

from knowledge_base.entry import Entry
from service.identity.roles import Role
from tickets.given import Given
from tickets.moves import Verb
from tickets.records import ticket_of
from tickets.tables import tickets
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ENTRIES = (
    Entry(
        slug="id-card",
        question="身份证丢了怎么补办",
        answer="身份证丢了请带户口簿到任一派出所补办，20个工作日内领证，工本费40元。",
        short_answer="带户口簿到任一派出所补办，20个工作日内领证。",
        issuing_unit="示例区公安分局",
        facets={"materials": "户口簿原件", "fee": "工本费40元"},
    ),
    Entry(slug="permit", question="居住证丢了怎么补办", answer="到居住地派出所补办。"),
)


async def looked_at(page, name):
    """A screenshot, for who wants to look."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def test_an_agents_calls_without_the_mouse(console, database, clock, browser):
    office = console.office
    await office.knowledge.replace(ENTRIES)
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    earlier = await office.desk.submit(DRAFT)
    await office.recurrence.look()
    await console.account("agent", Role.AGENT, name="王丽")

    async with staff_page(browser, console, "agent") as page:
        press = page.keyboard.press
        await page.goto(f"{console.address}/console/desk")
        words = page.get_by_label("来电人怎么说")
        chosen = page.get_by_role("listbox").get_by_role("option", selected=True)
        await expect(words).to_be_focused()
        assert await findings(page) == []
        await looked_at(page, "desk-empty")

        # The first caller asks, hears the answer and what to bring, and that is all.
        await page.keyboard.type("身份证丢了")
        await expect(chosen).to_have_text("身份证丢了怎么补办")
        await press("Enter")
        entry = page.get_by_role("article")
        await expect(entry).to_be_focused()
        await expect(entry).to_contain_text("带户口簿到任一派出所补办，二十个工作日内领证。")
        await press("1")
        await expect(page.get_by_role("button", name="材料")).to_have_attribute("aria-pressed", "true")
        await expect(entry).to_contain_text("户口簿原件")
        await press("ArrowDown")
        await expect(chosen).to_have_text("居住证丢了怎么补办")
        await press("ArrowUp")
        assert await findings(page) == []
        await looked_at(page, "desk-answer")

        await press("a")
        answer = page.get_by_label("当场答复了什么")
        await expect(answer).to_be_focused()
        await expect(answer).to_have_value(ENTRIES[0].answer)
        await press("Tab")
        await press("Tab")
        await expect(page.get_by_role("button", name="登记并在线办结")).to_be_focused()
        await press("Enter")
        await expect(page.get_by_role("region", name="登记好了")).to_be_focused()
        await expect(page.get_by_text("您的问题已经答复")).to_be_visible()

        # The second has called before about the same: it stands beside what is written down.
        await press("F2")
        await expect(words).to_be_focused()
        await page.keyboard.type("3号楼电梯又坏了")
        await press("F4")
        await expect(page.get_by_label("来电号码")).to_be_focused()
        await page.keyboard.type("13800138000")
        await press("Enter")
        await expect(page.get_by_label("怎么称呼")).to_be_focused()
        await press("Enter")
        await expect(page.get_by_label("什么事")).to_have_value("3号楼电梯又坏了")
        await press("Tab")
        await page.keyboard.type("阳光小区3号楼")
        beside = page.get_by_role("complementary", name="这个来电的情况")
        await expect(beside.get_by_role("link", name=earlier.number).first).to_be_visible()
        await expect(beside.get_by_role("button", name="补充到这件")).to_be_visible()
        await expect(page.get_by_text("草稿已存。")).to_be_visible()
        assert await findings(page) == []
        await looked_at(page, "desk-request")

        # Called away in between, nothing is lost.
        await page.goto(f"{console.address}/console/")
        await expect(page.get_by_text("件来电没登记完")).to_be_visible()
        await page.goto(f"{console.address}/console/desk")
        await expect(page.get_by_label("在哪里")).to_have_value("阳光小区3号楼")
        await press("F4")
        await press("Control+Enter")
        saved = page.get_by_role("region", name="登记好了")
        await expect(saved).to_contain_text("请念给来电人")
        assert await findings(page) == []
        await looked_at(page, "desk-saved")

        await page.set_viewport_size({"width": 390, "height": 780})
        await looked_at(page, "desk-phone")
        assert not await too_wide(page)


async def test_a_call_is_registered_though_the_session_ended_in_the_middle(console, database, clock, browser):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    await console.account("agent", Role.AGENT, name="王丽")
    async with staff_page(browser, console, "agent") as page:
        await page.goto(f"{console.address}/console/desk")
        await page.keyboard.press("F4")
        await page.context.clear_cookies()
        await page.get_by_label("什么事").press_sequentially("路灯坏了一个月")
        await expect(page.get_by_text("登录已经结束，写的内容还在页面上").first).to_be_visible()

        again = {"name": COOKIE, "value": await console.token("agent"), "url": console.address}
        await page.context.add_cookies([again])
        await page.get_by_label("什么事").press_sequentially("，没有人修")
        await expect(page.get_by_text("这一页打开以后又重新登录过").first).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("heading", name="这个页面已经过期，写的内容还在")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_role("button", name="继续提交").click()
        await expect(page.get_by_text("请念给来电人")).to_be_visible()
    (row,) = await database.read(lambda connection: connection.execute(select(tickets)).all())
    ticket = ticket_of(row, console.office.desk.lifecycle.cipher)
    assert ticket.description == "路灯坏了一个月，没有人修"


async def test_the_charts_and_the_search_are_readable_in_every_look(console, database, clock, browser):
    office = console.office
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    for number in range(24):
        clock.forward(hours=20)
        draft = replace(DRAFT, id=f"d-{number}", channel=("phone", "wechat", "widget")[number % 3])
        ticket = await office.desk.submit(draft)
        given = Given(unit=("cg", "zj", "sw")[number % 7 % 3])
        await office.desk.lifecycle.perform(DISPATCHER, ticket.number, Verb.DISPATCH, given)
    await console.account("supervisor", Role.SUPERVISOR, name="周督办")

    found = {}
    for look, path in {"desktop": "charts", "dark": "charts", "phone": "charts", "forced colours": "charts"}.items():
        async with staff_page(browser, console, "supervisor", **LOOKS[look]) as page:
            await page.goto(f"{console.address}/console/{path}")
            await expect(page.get_by_role("heading", name="每天登记的工单")).to_be_visible()
            found[look] = (await findings(page), await too_wide(page))
            await looked_at(page, f"charts-{look}")
            await page.keyboard.press("/")
            await page.keyboard.type("13800138000")
            await page.keyboard.press("Enter")
            await expect(page.get_by_label("为什么要查")).to_be_visible()
            assert page.url == f"{console.address}/console/search"
            found[look, "search"] = (await findings(page), await too_wide(page))
            await looked_at(page, f"search-{look}")
            await page.goto(f"{console.address}/console/")
            await expect(page.get_by_role("main")).to_be_visible()
            found[look, "start"] = (await findings(page), await too_wide(page))
            await looked_at(page, f"start-{look}")
    assert found == dict.fromkeys(found, ([], False))
