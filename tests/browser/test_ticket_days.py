"""The main day of a dispatcher and of a unit's clerk, in a browser and without a mouse."""

from dataclasses import replace

import pytest
from console_pages import findings, staff_page, too_wide
from hotline import AGENT, DISPATCHER, DRAFT, REPLY
from playwright.async_api import expect

from service.identity.roles import Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.moves import Verb
from tickets.states import State

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIFTS = Rule(key="7", lead="示例区住房和城乡建设局", assisting=("示例区水务局",), keywords=("电梯",))


def draft(number, **changes):
    return replace(DRAFT, id=f"draft-{number}", conversation=f"conversation-{number}", **changes)


async def test_a_dispatcher_sends_one_after_another_by_keys(console, hotline, database, clock, browser):
    first = await hotline.submitted(draft(1))
    await hotline.submitted(draft(2, description="和平街道路灯不亮，晚上看不见路"))
    await RuleStore(database, clock).put(DISPATCHER, LIFTS)
    await console.office.routing.dispatcher.refresh()
    await console.office.recurrence.look()
    await console.account("dispatcher", Role.DISPATCHER, name="小李")
    async with staff_page(browser, console, "dispatcher") as page:
        await page.goto(f"{console.address}/console/")
        await expect(page.get_by_role("link", name="2 张工单待派单")).to_be_visible()
        await page.get_by_role("link", name="2 张工单待派单").click()
        await expect(page.get_by_role("heading", name="派单台")).to_contain_text("还有 2 张")
        assert (await findings(page), await too_wide(page)) == ([], False)

        await page.keyboard.press("1")
        await expect(page.get_by_role("radio", name="示例区住房和城乡建设局")).to_be_checked()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(f"{first.number} 已派出")).to_be_visible()
        await expect(page.get_by_text("路灯不亮")).to_be_visible()

        await page.keyboard.press("0")
        await expect(page.get_by_label("按名称找单位")).to_be_focused()
        await page.keyboard.type("城市管理")
        await expect(page.get_by_label("单位名单")).to_have_value("cg")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("都派完了")).to_be_visible()

        await page.goto(f"{console.address}/console/tickets?view=all")
        await expect(page.get_by_role("heading", name="全部")).to_be_visible()
        assert (await findings(page), await too_wide(page)) == ([], False)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=f"工单 {first.number}")).to_be_visible()
    assert (await hotline.desk.of_conversation("conversation-1"))[0].called == "zj"
    assert (await hotline.desk.of_conversation("conversation-2"))[0].called == "cg"


async def test_a_clerk_accepts_writes_and_is_helped_with_the_reply(console, hotline, browser):
    ticket = await hotline.dispatched("cg")
    await console.account("clerk", Role.UNIT_CLERK, units=["cg"], name="小王")
    async with staff_page(browser, console, "clerk") as page:
        await page.goto(f"{console.address}/console/tickets")
        await expect(page.get_by_role("heading", name="待签收")).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("诉求人会收到：")).to_be_visible()
        assert (await findings(page), await too_wide(page)) == ([], False)
        await page.get_by_role("button", name="签收").click()
        await expect(page.get_by_role("status").first).to_contain_text("签收完成")

        reply = page.get_by_label("给诉求人的答复")
        await reply.fill("已收到，正在处理中。")
        await expect(page.get_by_text("没有实质内容")).to_be_visible()
        await expect(page.get_by_text("草稿已存。")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_role("button", name="答复", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(reply).to_have_value("已收到，正在处理中。")

        await page.reload()
        await reply.fill(REPLY)
        await expect(page.get_by_text("没有实质内容")).not_to_be_visible()
        await page.get_by_role("button", name="答复", exact=True).click()
        await expect(page.get_by_text("答复完成，现在是“待审核答复”。")).to_be_visible()
        assert (await findings(page), await too_wide(page)) == ([], False)
    assert (await hotline.desk.of_conversation("conversation-1"))[0].state is State.REPLIED
    await hotline.do(AGENT, ticket, Verb.APPROVE)


async def test_a_reason_that_was_typed_is_not_left_by_mistake_and_a_kept_reply_may_be(console, hotline, browser):
    await hotline.accepted("cg")
    await console.account("head", Role.UNIT_HEAD, units=["cg"], name="老李")
    asked = []

    async def leave(dialog):
        asked.append(dialog.type)
        await dialog.accept()

    async with staff_page(browser, console, "head") as page:
        page.on("dialog", leave)
        await page.goto(f"{console.address}/console/tickets?view=in_work")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.get_by_label("给诉求人的答复").press_sequentially("物业今天")
        await expect(page.get_by_text("草稿已存。")).to_be_visible()
        await page.get_by_role("link", name="申请退单").click()
        reason = page.get_by_label("为什么：依据哪条职责分工")
        await expect(reason).to_be_visible()
        assert asked == []
        await reason.press_sequentially("属区住建局")
        await page.get_by_role("link", name="申请延期").click()
        await expect(page.get_by_label("原因，会告诉诉求人")).to_be_visible()
        assert asked == ["beforeunload"]
