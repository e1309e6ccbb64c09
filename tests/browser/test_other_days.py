"""The main day of a unit's head, a supervisor and an administrator by keys; every page on a phone."""

import pytest
from console_pages import DESK, PHONE, findings, look_at, staff_page, too_wide
from hotline import clerk_of
from playwright.async_api import expect

from console.areas import AREAS
from knowledge_base.sample import sample_entries
from service.identity.roles import Role
from tickets.moves import Verb
from tickets.states import State

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOT_WALKED = ("/knowledge/files/template", "/chats/phrases", "/chats/entries", "/settings")
"""A file, answers for scripts, and what has days of its own (`test_settings_day`, `test_settings_texts_day`)."""


async def press(page, control):
    """Reach a control and press Enter, as somebody without a mouse."""
    await control.focus()
    await page.keyboard.press("Enter")


async def test_a_head_asks_for_time_and_sees_how_the_unit_does(console, hotline, browser):
    ticket = await hotline.dispatched("cg")
    await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)
    await console.account("head", Role.UNIT_HEAD, units=["cg"], name="何主任")
    async with staff_page(browser, console, "head") as page:
        await page.goto(f"{console.address}/console/")
        await expect(page.get_by_role("heading", name="等着您的事")).to_be_visible()
        await look_at(page)
        await page.goto(f"{console.address}/console/tickets?view=in_work")
        await expect(page.get_by_role("heading", name="在办")).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await press(page, page.get_by_role("link", name="申请延期"))
        await page.get_by_label("原因，会告诉诉求人").focus()
        await page.keyboard.type("门机要从厂家调货，11月27日到货，当天换上。")
        await expect(page.get_by_text("诉求人会收到")).to_have_count(0)
        await look_at(page)
        await press(page, page.get_by_role("button", name="申请延期"))
        await expect(page.get_by_text("申请延期完成")).to_be_visible()
        await page.goto(f"{console.address}/console/charts")
        await expect(page.get_by_text("一共 1 张")).to_be_visible()
        await look_at(page)
    assert (await hotline.desk.of_conversation("conversation-1"))[0].state is State.EXTENSION_REQUESTED


async def test_a_supervisor_steps_in_and_looks_at_full_data_with_a_reason(console, hotline, browser, clock):
    ticket = await hotline.dispatched("cg")
    clock.forward(days=20)
    await console.account("sun", Role.SUPERVISOR, name="孙督办")
    async with staff_page(browser, console, "sun") as page:
        await page.goto(f"{console.address}/console/")
        await press(page, page.get_by_role("link", name="1 张工单逾期未办结"))
        await expect(page.get_by_role("heading", name="逾期未办结")).to_be_visible()
        await look_at(page)
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await press(page, page.get_by_role("link", name="督办", exact=True))
        await page.get_by_label("督办级别").select_option(index=1)
        await page.get_by_label("原因", exact=False).first.focus()
        await page.keyboard.type("二十天没有签收，请今天上门。")
        await look_at(page)
        await press(page, page.get_by_role("button", name="督办", exact=True))
        await expect(page.get_by_text("督办完成")).to_be_visible()

        await press(page, page.locator("summary", has_text="看完整信息"))
        await page.get_by_label("为什么要看").focus()
        await page.keyboard.type("逾期督办，要给诉求人打电话")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("王女士").first).to_be_visible()
        await look_at(page)
        for path in ("/alarms", "/charts", "/chats"):
            await page.goto(f"{console.address}/console{path}")
            await expect(page.get_by_role("main")).to_be_visible()
            await look_at(page)
    assert (await hotline.desk.of_conversation("conversation-1"))[0].number == ticket.number


async def test_an_administrator_walks_through_the_first_start(console, browser):
    await console.office.knowledge.replace(sample_entries()[:2])
    await console.account("root", Role.ADMINISTRATOR, name="张管理")
    async with staff_page(browser, console, "root") as page:
        await page.goto(f"{console.address}/console/")
        await expect(page.get_by_role("heading", name="还差")).to_be_visible()
        await look_at(page)
        await press(page, page.get_by_role("link", name="现在就做"))
        await page.get_by_label("热线名称").fill("云山区12345热线")
        await page.get_by_label("区县").fill("")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(page.get_by_label("热线名称")).to_have_value("云山区12345热线")
        await look_at(page)
        await page.get_by_label("区县").fill("云山区")
        await page.keyboard.press("Control+s")
        for title in ("承办单位", "同事的账号", "放假安排", "微信和短信", "知识库"):
            await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
            await look_at(page)
            further = page.get_by_role("button", name="先跳过").or_(page.get_by_role("link", name="下一步"))
            await press(page, further)
        await page.get_by_label("像市民那样问一句").fill(sample_entries()[0].question)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="市民看到的回答")).to_be_visible()
        await look_at(page)
        await press(page, page.get_by_role("link", name="看看还差什么"))
        await expect(page.get_by_text("可以请市民来了")).to_be_visible()
        await look_at(page)
        await page.goto(f"{console.address}/console/")
        await expect(page.get_by_role("heading", name="等着您的事")).to_be_visible()
        await expect(page.get_by_text("就设好了")).to_have_count(0)
        await expect(page.get_by_role("link", name="云山区12345热线")).to_be_visible()


async def test_every_page_fits_a_phone_and_a_desk(console, hotline, browser):
    await hotline.dispatched("cg")
    await console.account("root", Role.ADMINISTRATOR, name="张管理", second_factor_due_at=None)
    await console.account("shen", Role.AUDITOR, name="沈审计")
    declared = [route for area in AREAS for route in area.routes if route.method == "GET" and not route.watches]
    pages = [route.path for route in declared if "{" not in route.path and not route.path.startswith(NOT_WALKED)]
    found = {}
    async with (
        staff_page(browser, console, "root", viewport=PHONE, has_touch=True, is_mobile=True) as page,
        staff_page(browser, console, "shen") as auditor,
    ):
        for path in pages:
            shown = auditor if path.startswith("/audit") else page
            await shown.set_viewport_size(PHONE)
            response = await shown.goto(f"{console.address}/console{path}")
            await expect(shown.get_by_role("main")).to_be_visible()
            if response.status == 404:
                continue  # the history of something: its address has to say of what
            wrong = [response.status] if response.status != 200 else []
            wrong += [*await findings(shown), *(["too wide for a phone"] if await too_wide(shown) else [])]
            await shown.set_viewport_size(DESK)
            wrong += ["too wide for a desk"] if await too_wide(shown) else []
            if wrong:
                found[path] = wrong
    assert found == {}
