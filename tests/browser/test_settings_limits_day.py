"""An administrator sets SMS limits and the menu, hands a unit over, takes up a proposal; in a real browser."""

from dataclasses import replace

import pytest
import pytest_asyncio
from console_pages import DARK_PHONE, look_at, staff_page
from hotline import DISPATCHER, DRAFT, UNITS, Hotline, clerk_of
from playwright.async_api import expect

from service.identity.roles import Role
from tickets.dispatch.proposals import Proposals
from tickets.dispatch.rule_store import RuleStore
from tickets.moves import Verb
from tickets.units import put_within


@pytest_asyncio.fixture(loop_scope="session")
async def office(console, clock):
    database = console.office.database
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    hotline = Hotline(console.office.desk.lifecycle, console.office.desk)
    for number in range(3):
        draft = replace(DRAFT, id=f"draft-{number}", category="环境/垃圾")
        ticket = await hotline.dispatched("zj", draft)
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="cg", reason="属城管职责")
        await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)
    await Proposals(database, RuleStore(database, clock), clock).find()
    await console.account("root", Role.ADMINISTRATOR, name="系统管理员")
    await console.account("li", Role.UNIT_CLERK, units=["cg"])
    return console


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_limits_a_menu_a_proposal_and_a_unit_that_is_handed_over(office, browser):
    settings = f"{office.address}/console/settings"
    async with staff_page(browser, office, "root") as page:
        await page.goto(f"{settings}/sms-limits")
        await look_at(page, "sms-limits")
        await page.get_by_role("link", name="改“不管走哪个平台”的限额").click()
        await page.get_by_label("第 2 条最多几条").fill("4")
        await page.get_by_label("为什么改").fill("有人投诉")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_text("任意 24 小时内最多 40 条")).to_be_visible()

        await page.goto(f"{settings}/wechat-menu")
        await page.get_by_label("按钮 1的名称").fill("办事")
        await page.get_by_role("button", name="先看样子").click()
        await expect(page.get_by_role("heading", name="改了是这样")).to_be_visible()
        await look_at(page, "wechat-menu")

        await page.goto(f"{settings}/dispatch-proposals")
        await page.locator("summary", has_text="放进目录").click()
        await look_at(page, "proposals")
        await page.get_by_role("button", name="放进目录").click()
        await expect(page.get_by_text("起派给示例区城市管理局")).to_be_visible()

        await page.goto(f"{settings}/units/cg")
        await page.get_by_text("停用这个单位").click()
        await page.get_by_label("由谁接续").select_option("sw")
        await page.get_by_label("为什么停用").fill("并入水务局")
        await look_at(page, "retire")
        await page.get_by_role("button", name="停用", exact=True).click()
        await expect(page.get_by_text("3 张没办完的工单转给了接续单位")).to_be_visible()

    async with staff_page(browser, office, "root", **DARK_PHONE) as page:
        for name in ("sms-limits/everywhere", "wechat-menu", "units/cg"):
            await page.goto(f"{settings}/{name}")
            await look_at(page, f"phone-{name.replace('/', '-')}")
