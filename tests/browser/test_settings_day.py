"""An administrator's day with units, dispatch, calendars, time rules and keys, in a real browser."""

from datetime import date

import pytest
import pytest_asyncio
from console_pages import DARK_PHONE, look_at, look_at_both_sizes, staff_page
from hotline import UNITS
from playwright.async_api import expect

from service.identity.roles import Actor, Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.units import Unit, put_within

ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
RULES = (
    Rule("1", UNITS[0].name, ("城管一中队",), keywords=("路灯",), basis="市政设施养护职责"),
    Rule("2", UNITS[1].name, keywords=("路灯", "小区"), decided_by="市热线中心", decided_on=date(2026, 5, 6)),
    Rule("3", UNITS[2].name, category="供水", effective_from=date(2026, 12, 1)),
    Rule("4", "自来水公司", category="供水/停水", place="和平路"),
)


@pytest_asyncio.fixture(loop_scope="session")
async def office(console, clock):
    units = (*UNITS, Unit("cg-1", "城管一中队", "cg", phone="12319"), Unit("hw", "环卫中心", "cg", active=False))
    await console.office.database.write(lambda connection: put_within(connection, units, clock()))
    await console.office.desk.lifecycle.time.seed()
    await RuleStore(console.office.database, clock).put(ROOT, *RULES, reason="市政办〔2026〕3号")
    await console.account("root", Role.ADMINISTRATOR, name="系统管理员")
    return console


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_year_is_entered_with_the_keyboard_and_a_unit_renamed(office, browser):
    async with staff_page(browser, office, "root") as page:
        settings = f"{office.address}/console/settings"
        await page.goto(settings)
        await look_at(page, "overview")

        await page.goto(f"{settings}/calendars")
        await look_at(page, "calendars")
        await page.get_by_role("link", name="2027年").click()
        await page.get_by_label("点日子时标成").select_option("国庆节")
        await page.get_by_role("button", name="10月1日").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Space")
        await expect(page.get_by_label("放假", exact=True)).to_have_value("国庆节 10-01~10-02")
        await page.get_by_label("点日子时标成").select_option("+")
        await page.get_by_role("button", name="10月9日").click()
        await expect(page.get_by_label("调休上班", exact=True)).to_have_value("10-09")
        await expect(page.get_by_role("button", name="10月2日 星期六，放假，国庆节")).to_be_visible()
        await page.get_by_label("依据").fill("国办发明电〔2026〕9号")
        await page.get_by_role("button", name="先看会怎样").click()
        await expect(page.get_by_role("status")).to_contain_text("3 天会变")
        await look_at(page, "year")
        await page.get_by_label("为什么改").fill("国务院通知")
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("status")).to_contain_text("2027年的放假安排已保存")

        await page.goto(f"{settings}/units")
        await look_at(page, "units")
        await page.get_by_role("link", name="城管一中队").click()
        await page.get_by_label("名称", exact=True).fill("城管一大队")
        await page.get_by_label("为什么改", exact=True).fill("机构改革")
        await page.get_by_label("从哪天起生效").fill("2026-12-01")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("status")).to_contain_text("已安排，2026-12-01 起自动改")
        await page.get_by_text("停用这个单位").click()
        await look_at(page, "unit")

        await page.goto(f"{settings}/dispatch")
        await page.get_by_label("市民怎么说").fill("小区里的路灯三天不亮")
        await page.get_by_role("button", name="试一试").click()
        await expect(page.get_by_role("heading", name=f"直接派给 {UNITS[1].name}")).to_be_visible()
        await expect(page.get_by_text("条件对得上的还有")).to_be_visible()
        await look_at(page, "dispatch-tried")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_pages_are_whole_on_a_desk_and_on_a_phone(office, browser):
    async with staff_page(browser, office, "root", **DARK_PHONE) as page:
        settings = f"{office.address}/console/settings"
        for name, path in {
            "units": "units",
            "new-unit": "new-unit",
            "unit": "units/cg",
            "unit-files": "unit-files",
            "calendars": "calendars",
            "year": "calendars/2026",
            "hours": "calendar-hours?calendar=office",
            "rules": "time-rules?kind=投诉&channel=电话&urgency=普通&category=&at=2026-11-23T10:00",
            "rule": "time-rule?name=紧急",
            "supervision": "supervision",
            "dispatch": "dispatch",
            "dispatch-rule": "dispatch-rule?key=1",
            "dispatch-history": "dispatch/history",
            "dispatch-files": "dispatch-files",
            "keys": "api-keys",
            "new-key": "api-keys/new",
        }.items():
            await page.goto(f"{settings}/{path}")
            await look_at_both_sizes(page, name)
