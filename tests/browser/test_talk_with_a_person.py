"""A whole talk through the real service: a citizen in the widget, an agent in the console, each with a browser."""

import re

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from console_pages import LOOKS, findings, staff_page, too_wide
from office import Console
from playwright.async_api import expect

from channels.widget.arrivals import Arrivals
from program.app import build_app, open_office
from service.identity.roles import Role


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hotline(parts):
    async with TestServer(build_app(parts)) as server:
        opened = Console(open_office(parts, Arrivals()), server)
        await opened.account("wang", Role.AGENT, name="王丽")
        await opened.account("zhao", Role.AGENT, name="赵敏")
        await opened.account("chief", Role.SUPERVISOR, name="值班长")
        yield opened


class Citizen:
    """In front of the public page."""

    def __init__(self, page):
        self.page = page
        self.log = page.locator("ltb-chat").get_by_role("log")
        self.input = page.locator("ltb-chat textarea")
        self.state = page.locator("ltb-chat .state")

    async def say(self, text):
        await self.input.fill(text)
        await self.input.press("Enter")

    async def press(self, title):
        await self.page.locator("ltb-chat").get_by_role("button", name=title, exact=True).last.click()


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(browser, hotline):
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = await context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{hotline.address}/")
    yield Citizen(page)
    await context.close()
    assert errors == []


async def go_on_duty(page, hotline):
    await page.goto(f"{hotline.address}/console/chats")
    await page.get_by_role("button", name="上线").click()
    await expect(page.get_by_text("您在线上")).to_be_visible()


async def test_a_whole_talk_by_keyboard(browser, hotline, citizen, parts):
    async with staff_page(browser, hotline, "wang") as agent:
        await go_on_duty(agent, hotline)
        await citizen.say("幸福路12号的路灯坏了一个月没人修")
        await expect(citizen.log).to_contain_text("能联系到您的电话")
        await citizen.press("转人工")
        await expect(citizen.state).to_have_text("正在等人工，您是下一位")
        await citizen.say("晚上回家很不方便")
        await expect(citizen.log).to_contain_text("记下了")

        await expect(agent.get_by_role("heading", name="排队 1 位")).to_be_visible()
        await agent.locator("[data-log]").focus()
        await agent.keyboard.press("n")
        log = agent.get_by_role("log")
        await expect(log).to_contain_text("晚上回家很不方便")
        box = agent.get_by_label("回复市民")
        await expect(box).to_be_focused()
        await expect(citizen.state).to_contain_text("号正在和您说话")
        await agent.keyboard.type("您好，我来帮您")
        await agent.keyboard.press("Enter")
        await expect(citizen.log).to_contain_text("您好，我来帮您")
        await expect(citizen.log.locator(".speaker").last).to_contain_text("话务员")

        await citizen.say("身份证过期了在外地能换吗")  # the assistant knows, and is silent
        await expect(log).to_contain_text("身份证过期了在外地能换吗")
        await agent.keyboard.press("Escape")
        await agent.keyboard.press("e")
        await agent.keyboard.type("身份证过期了在外地能换吗")
        await expect(agent.locator("[data-entries] li").first).to_contain_text("居民身份证申领换领补领")
        assert await findings(agent) == []
        await agent.keyboard.press("Enter")
        await agent.keyboard.press("Enter")
        await expect(citizen.log.locator(".by-person.answer")).to_contain_text("居民身份证申领换领补领")
        entry = parts.knowledge.entry("id-card")
        await expect(log.locator(".said.agent").last).to_contain_text(entry.answer.splitlines()[0])

        await agent.keyboard.press("Escape")
        await agent.keyboard.press("g")
        await expect(agent.get_by_label("什么事")).to_have_value(
            "幸福路12号的路灯坏了一个月没人修\n晚上回家很不方便\n身份证过期了在外地能换吗"
        )
        await agent.get_by_label("电话").fill("12")
        await agent.get_by_label("电话").press("Enter")
        await expect(agent.get_by_role("alert").filter(has_text="电话号码不对")).to_be_visible()
        assert await findings(agent) == []
        await agent.get_by_label("电话").fill("13800138000")
        await agent.get_by_label("电话").press("Enter")
        await expect(log).to_contain_text("已登记工单")
        await expect(citizen.log).to_contain_text("您的诉求已登记，编号")

        await agent.keyboard.press("Escape")
        await agent.keyboard.press("p")
        await agent.keyboard.press("Enter")
        await expect(box).to_have_value(re.compile("^您好，我是话务员"))
        await agent.get_by_role("button", name="把写的存成常用语").click()
        await expect(agent.get_by_text("存好了。")).to_be_visible()
        await agent.get_by_role("button", name="删掉：您好，我是话务员").click()
        await agent.get_by_role("button", name="撤销").focus()
        await agent.keyboard.press("Enter")
        await expect(agent.get_by_text("存好了。")).to_be_visible()

        await agent.get_by_role("button", name="结束，交回助手").click()
        await expect(citizen.log).to_contain_text("结束了这次人工服务")
        await expect(citizen.state).to_have_text("智能助手，不是真人")
        await citizen.say("居住证怎么办")
        await expect(citizen.log.locator(".bubble.assistant").last).to_contain_text("居住证")
        await agent.get_by_role("button", name="下线").click()
        await expect(agent.get_by_text("您还没有上线")).to_be_visible()


async def test_a_talk_goes_on_to_a_colleague_and_the_citizen_ends_it(browser, hotline, citizen):
    async with staff_page(browser, hotline, "wang") as agent, staff_page(browser, hotline, "zhao") as colleague:
        await go_on_duty(agent, hotline)
        await go_on_duty(colleague, hotline)
        await citizen.say("转人工")
        await expect(citizen.state).to_have_text("正在等人工，您是下一位")
        await agent.get_by_role("button", name="接下一位").click()
        await expect(agent.get_by_label("回复市民")).to_be_focused()
        await agent.get_by_label("转给同事").select_option("zhao")
        await expect(citizen.log).to_contain_text("接下来由")
        await colleague.locator("[data-mine] button").first.click()
        await colleague.get_by_label("回复市民").fill("您好")
        await colleague.get_by_label("回复市民").press("Enter")
        await expect(citizen.log).to_contain_text("您好")
        await citizen.press("结束人工")
        await expect(citizen.state).to_have_text("智能助手，不是真人")

        await expect(colleague.get_by_role("heading", name="市民结束")).to_be_visible()
        await expect(colleague.get_by_label("回复市民")).to_be_hidden()
        for page in (agent, colleague):
            await page.get_by_role("button", name="下线").click()
            await expect(page.get_by_text("您还没有上线")).to_be_visible()


async def test_what_was_written_to_one_citizen_is_never_in_the_box_of_another(browser, hotline, citizen):
    context = await browser.new_context(locale="zh-CN")
    other = Citizen(await context.new_page())
    await other.page.goto(f"{hotline.address}/")
    async with staff_page(browser, hotline, "wang") as agent:
        await go_on_duty(agent, hotline)
        for each in (citizen, other):
            await each.say("转人工")
            await expect(each.state).to_contain_text("正在等人工")
        await agent.get_by_role("button", name="接下一位").click()
        box = agent.get_by_label("回复市民")
        await expect(box).to_be_focused()
        await box.fill("您的身份证号是")

        await agent.get_by_role("button", name="登记工单").click()
        await agent.get_by_label("什么事").fill("居住证丢了")

        await agent.locator("[data-waiting] button").click()
        await expect(agent.get_by_role("button", name="接入")).to_be_visible()
        await agent.get_by_role("button", name="接入").click()
        await expect(box).to_be_focused()
        await expect(box).to_have_value("")

        await agent.locator("[data-mine] button").nth(1).click()
        await expect(box).to_have_value("您的身份证号是")  # it waits for whom it was written to
        await agent.get_by_role("button", name="登记工单").click()
        await expect(agent.get_by_label("什么事")).to_have_value("居住证丢了")
        await citizen.press("结束人工")
        await expect(box).to_be_hidden()
        await agent.get_by_label("电话").fill("13800138000")
        await agent.get_by_role("button", name="登记", exact=True).click()
        await expect(citizen.log).to_contain_text("您的诉求已登记，编号")
        await agent.locator("[data-mine] button").first.click()
        await agent.get_by_role("button", name="结束，交回助手").click()
        await expect(box).to_be_hidden()
        await agent.get_by_role("button", name="下线").click()
        await expect(agent.get_by_text("您还没有上线")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("look", ["dark", "phone", "forced colours"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser, hotline, citizen, look):
    async with (
        staff_page(browser, hotline, "wang") as agent,
        staff_page(browser, hotline, "chief", **LOOKS[look]) as chief,
    ):
        await go_on_duty(agent, hotline)
        await citizen.say("转人工")
        await expect(citizen.state).to_have_text("正在等人工，您是下一位")
        await citizen.say("着火了救命")
        await expect(citizen.log).to_contain_text("119")
        await chief.goto(f"{hotline.address}/console/chats")
        await chief.locator("[data-waiting] button").first.click()
        await expect(chief.get_by_role("log")).to_contain_text("着火了救命")
        await expect(chief.locator("[data-waiting]")).to_contain_text("危险")
        assert await findings(chief) == []
        assert not await too_wide(chief)
        await citizen.press("不等了")
        await expect(chief.get_by_text("现在没有人在等")).to_be_visible()
        await agent.get_by_role("button", name="下线").click()
        await expect(agent.get_by_text("您还没有上线")).to_be_visible()
