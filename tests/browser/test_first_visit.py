"""A citizen's first visit, through the real service in a real browser."""

import pytest
import pytest_asyncio
from playwright.async_api import expect
from served import Server


@pytest.fixture
def address(tmp_path, model_dir):
    server = Server(tmp_path, model_dir)
    server.start()
    yield server.address
    assert server.stop() == 0


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser):
    opened = await browser.new_page(viewport={"width": 1366, "height": 768})
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    await opened.close()
    assert problems == []


async def test_ask_follow_up_choose_get_a_ticket_and_see_it_after_reload(page, address):
    await page.goto(address)
    log = page.get_by_role("log")
    box = page.locator("textarea").first

    async def say(text: str, answered_by: str) -> None:
        await box.fill(text)
        await box.press("Enter")
        await expect(log).to_contain_text(answered_by)

    await say("身份证过期了在外地能换吗", "居民身份证申领换领补领")
    await say("那要带什么材料", "户口簿")
    await say("孩子的医保怎么弄", "都不是")
    await log.get_by_role("button", name="都不是").last.click()
    await expect(log).to_contain_text("我还没有准确的答复")
    await say("我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修", "能联系到您的电话")
    await say("13800138000", "怎么称呼您")
    await say("王女士", "您同意吗")
    await log.get_by_role("button", name="同意", exact=True).last.click()
    await expect(log).to_contain_text("请核对")
    await log.get_by_role("button", name="确认提交").click()
    await expect(log).to_contain_text("已为您登记，编号")

    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("已为您登记，编号")
    await page.get_by_role("button", name="我的工单").click()
    await expect(page.get_by_role("log")).to_contain_text("接下来由热线工作人员核对内容")
