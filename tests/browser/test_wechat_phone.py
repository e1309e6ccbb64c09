"""The phone in the browser that `liaotianban simulate wechat` serves, in front of a running hotline."""

from aiohttp import web
from playwright.async_api import expect
from pushed_wechat import platform

from simulators.wechat.api import PlatformApi
from simulators.wechat.phone import Phone


async def test_a_newcomer_chats_in_the_browser(parts, browser):
    async with platform(parts) as wechat:
        app = PlatformApi(wechat.account).app()
        Phone(wechat.account, wechat).install(app)
        wechat.account.menu = {"button": [{"type": "click", "name": "转人工", "key": "/ask_for_person"}]}
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        theirs = page.locator(".said:not(.own)")
        await page.click("[data-do=follow]")
        await expect(theirs.nth(0)).to_contain_text("您好，这里是")
        await page.fill("textarea", "身份证过期了在外地能换吗")
        await page.press("textarea", "Enter")
        await expect(theirs.nth(1)).to_contain_text("来源：")
        await page.click("#menu button")
        await expect(theirs.nth(2)).to_contain_text("☎ 拨打 12345")
        await page.close()
        await runner.cleanup()
