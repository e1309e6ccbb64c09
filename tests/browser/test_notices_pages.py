"""The pages about notices in a browser: readable by everybody, on a desk and on a phone."""

import re

import pytest
from console_pages import findings, staff_page, too_wide
from playwright.async_api import expect
from sqlalchemy import update

from channels.delivery.attempts import begin_within, refused_within
from channels.delivery.breaker import failed_within
from channels.delivery.lists import Wanted, listed
from channels.outcomes import Remedy, SendRefused
from service.identity.roles import Role
from service.outbox import outbox

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REFUSED = SendRefused("aliyun", "isv.AMOUNT_NOT_ENOUGH", "阿里云账号余额不足，请充值", Remedy.ALARM)


async def test_a_supervisor_opens_a_way_and_closes_what_did_not_arrive(console, hotline, database, clock, browser):
    await hotline.dispatched()

    def fail(connection):
        (notice,) = listed(Wanted(), 2)(connection)
        refused_within(connection, begin_within(connection, notice, "sms", clock()), REFUSED, clock())
        failed_within(connection, "sms", REFUSED.reason, clock(), alarm=True)
        connection.execute(update(outbox).values(state="undelivered", failure=REFUSED.reason, rung="sms"))

    await database.write(fail)
    await console.account("duban", Role.SUPERVISOR)
    for look in ({}, {"viewport": {"width": 390, "height": 844}}):
        async with staff_page(browser, console, "duban", **look) as page:
            for path in ("notices", "notices/1", "notices/ways", "notices/costs", "notices/replies", "alarms?closed=1"):
                await page.goto(f"{console.address}/console/{path}")
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
                assert (path, await findings(page), await too_wide(page)) == (path, [], False)

    async with staff_page(browser, console, "duban") as page:
        await page.goto(f"{console.address}/console/notices/ways")
        await page.get_by_role("button", name="修好了，马上再试").press("Enter")
        await expect(page.get_by_text("短信马上再试")).to_be_visible()
        await page.get_by_role("link", name="通知", exact=True).first.click()
        await expect(page).to_have_url(re.compile(r"/notices$"))
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.get_by_label("为什么").fill("已电话告知")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("已取消")).to_be_visible()
