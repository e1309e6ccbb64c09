"""The console's frame in a browser: the way in, keys, looks, and what axe finds."""

import re

import pyotp
import pytest
import pytest_asyncio
from console_pages import LOOKS, browser_page, findings, staff_page, too_wide
from office import COOKIE, open_console
from playwright.async_api import expect

from service.identity.roles import Role
from service.identity.staff import add_staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGES = (
    "/",
    "/accounts",
    "/accounts?q=nobody",
    "/accounts/new",
    "/accounts/clerk",
    "/me",
    "/me/password",
    "/search?q=clerk",
    "/nothing-here",
)
SOME_PAGES = ("/accounts", "/accounts/clerk")
PASSWORD = "Zhihui-2026-an"


@pytest_asyncio.fixture(loop_scope="session")
async def staffed_console(console):
    await console.account("root", Role.ADMINISTRATOR, name="张管理")
    await console.account("clerk", Role.AGENT, name="王丽（夜班）")
    return console


async def test_the_first_administrator_comes_from_one_password_to_the_start_page(database, keyring, clock, browser):
    async with open_console(database, keyring, clock) as console, browser_page(browser) as page:
        await add_staff(database, "admin", [Role.ADMINISTRATOR], "one-time", clock=clock)
        await page.goto(f"{console.address}/console/accounts")
        await page.get_by_label("用户名").fill("admin")
        await page.get_by_label("密码").fill("one-time")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("heading", name="先改一个自己的密码")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_label("现在的密码").fill("one-time")
        await page.get_by_label("新密码", exact=True).fill(PASSWORD)
        await page.get_by_label("再写一次新密码").fill(PASSWORD)
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("img", name="动态码的二维码")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_text("手动输入密钥").click()
        secret = pyotp.TOTP(await page.locator(".secret").text_content())
        await page.get_by_label("6 位数字").fill(secret.at(clock()))
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
        assert await findings(page) == []
        await expect(page.locator(".codes li")).to_have_count(8)
        await page.get_by_role("link", name="抄好了，开始工作").click()
        await expect(page.get_by_role("heading", name="首页")).to_be_visible()

        await page.evaluate("sessionStorage.setItem('ltb-chat-1', 'what was being typed to a citizen')")
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_role("status")).to_have_text("已退出。")
        assert await page.evaluate("sessionStorage.getItem('ltb-chat-1')") is None
        await page.get_by_label("用户名").fill("admin")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="输入动态码")).to_be_visible()
        assert await findings(page) == []
        clock.forward(minutes=1)
        await page.get_by_label("动态码").fill(secret.at(clock()))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="首页")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(staffed_console, browser, look):
    async with staff_page(browser, staffed_console, "root", **LOOKS[look]) as page:
        found = {}
        for path in PAGES if look == "desktop" else SOME_PAGES:
            await page.goto(f"{staffed_console.address}/console{path}")
            await expect(page.get_by_role("main")).to_be_visible()
            found[path] = (await findings(page), await too_wide(page))
        assert found == dict.fromkeys(found, ([], False))


async def test_the_audit_and_its_check_are_readable(staffed_console, browser):
    await staffed_console.account("shen", Role.AUDITOR)
    async with staff_page(browser, staffed_console, "shen") as page:
        await page.goto(f"{staffed_console.address}/console/audit?actor=shen")
        await expect(page.get_by_role("cell", name="查审计记录")).to_be_visible()
        assert (await findings(page), await too_wide(page)) == ([], False)
        await page.get_by_role("button", name="逐行检查").click()
        await expect(page.get_by_text("都没有被改过")).to_be_visible()
        assert await findings(page) == []


async def test_the_way_in_is_readable_in_every_look(staffed_console, browser, clock):
    found = {}
    for look in ("desktop", "dark", "phone"):
        async with browser_page(browser, **LOOKS[look]) as page:
            await page.goto(f"{staffed_console.address}/console/sign-in")
            await page.get_by_label("用户名").fill("nobody")
            await page.get_by_label("密码").fill("wrong")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("用户名或密码不对")).to_be_visible()
            found[look] = (await findings(page), await too_wide(page))
        clock.forward(hours=1)  # or they would be told to wait
    assert found == dict.fromkeys(found, ([], False))


async def test_a_list_is_walked_and_opened_by_keys(staffed_console, browser):
    async with staff_page(browser, staffed_console, "root") as page:
        await page.goto(f"{staffed_console.address}/console/accounts")
        await expect(page.locator("body.inside")).to_be_visible()
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name="王丽（夜班）")).to_be_focused()
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        await expect(page.get_by_role("link", name="王丽（夜班）")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="账号：王丽（夜班）")).to_be_visible()

        await page.keyboard.press("/")
        await expect(page.get_by_role("searchbox", name="搜索")).to_be_focused()
        await page.keyboard.type("王丽")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main").get_by_role("link", name="王丽（夜班）")).to_be_visible()


async def test_a_filter_sends_nobodys_phone_number(staffed_console, browser):
    async with staff_page(browser, staffed_console, "root") as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{staffed_console.address}/console/accounts")
        field = page.get_by_label("用户名或称呼")
        await field.fill("１３８ 0013 8000")
        await page.keyboard.press("Enter")
        assert "不放进网址" in await field.evaluate("field => field.validationMessage")
        await field.fill("王丽")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("q=%E7%8E%8B"))
        assert not [url for url in asked if "8000" in url or "%EF%BC" in url]


async def test_a_question_mark_explains_the_page_with_its_keys_and_single_keys_can_be_switched_off(
    staffed_console, browser
):
    async with staff_page(browser, staffed_console, "root") as page:
        await page.goto(f"{staffed_console.address}/console/accounts")
        await page.get_by_role("heading", name="账号").click()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="帮助")).to_contain_text("谁能用、能做什么")
        assert await findings(page) == []
        await page.get_by_label("使用单个字母的快捷键").uncheck()
        await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        await expect(page.locator("tr.here")).to_have_count(0)


async def test_the_form_is_saved_by_a_key_and_what_was_done_can_be_undone(staffed_console, browser):
    async with staff_page(browser, staffed_console, "root") as page:
        await page.goto(f"{staffed_console.address}/console/accounts/clerk")
        await page.get_by_label("称呼").fill("王丽")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("status")).to_contain_text("已保存")
        await expect(page.get_by_label("称呼")).to_have_value("王丽")

        await page.get_by_role("button", name="停用").click()
        await expect(page.get_by_role("status")).to_contain_text("clerk 已停用")
        await page.get_by_role("button", name="撤销").click()
        await expect(page.get_by_role("status")).to_contain_text("又可以登录了")


async def test_the_rail_stays_folded_and_opens_over_the_page_on_a_phone(staffed_console, browser):
    async with staff_page(browser, staffed_console, "root") as page:
        await page.goto(f"{staffed_console.address}/console/")
        await page.get_by_role("button", name="收起菜单").click()
        await page.reload()
        await expect(page.locator("html[data-rail=narrow]")).to_be_attached()
        await expect(page.locator("#rail").get_by_role("link", name="账号", exact=True)).to_be_visible()

    async with staff_page(browser, staffed_console, "root", **LOOKS["phone"]) as page:
        await page.goto(f"{staffed_console.address}/console/")
        link = page.locator("#rail").get_by_role("link", name="账号", exact=True)
        await expect(link).to_be_hidden()
        await page.get_by_role("button", name="菜单").click()
        await expect(link).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(link).to_be_hidden()


async def test_before_the_session_ends_the_page_asks_and_staying_is_one_press(staffed_console, browser, clock):
    async with staff_page(browser, staffed_console, "root") as page:
        await page.goto(f"{staffed_console.address}/console/")
        clock.forward(minutes=57)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.get_by_role("dialog", name="您还在吗？")).to_contain_text("3 分钟")
        async with page.expect_response("**/console/stay"):
            await page.get_by_role("button", name="继续工作").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        clock.forward(minutes=57)
        await page.reload()
        await expect(page.get_by_role("heading", name="首页")).to_be_visible()


async def test_a_form_that_came_too_late_is_sent_after_signing_in_again(staffed_console, browser, clock):
    console = staffed_console
    async with staff_page(browser, console, "root") as page:
        await page.goto(f"{console.address}/console/accounts/clerk")
        await page.get_by_label("称呼").fill("王丽（白班）")
        clock.forward(hours=2)
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("heading", name="写的内容还在")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_role("button", name="继续提交").click()
        await expect(page.get_by_text("还没有登录好")).to_be_visible()

        cookie = {"name": COOKIE, "value": await console.token("root"), "url": console.address}
        await page.context.add_cookies([cookie])  # as signing in in another window does
        await page.get_by_role("button", name="继续提交").click()
        await expect(page.get_by_role("status")).to_contain_text("已保存")
        await expect(page.get_by_label("称呼")).to_have_value("王丽（白班）")
