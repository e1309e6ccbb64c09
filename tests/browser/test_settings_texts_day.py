"""An administrator's day with names, texts, categories and the ways of notices, in a real browser."""

import pytest
import pytest_asyncio
from console_pages import DARK_PHONE, look_at, look_at_both_sizes, staff_page
from playwright.async_api import expect

from service.identity.roles import Role


@pytest_asyncio.fixture(loop_scope="session")
async def office(console):
    from program.changeable import _WORDS

    await console.account("root", Role.ADMINISTRATOR, name="系统管理员")
    yield console
    for _, words in _WORDS:
        words.now = words.file


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_text_is_found_changed_beside_its_preview_and_taken_back(office, browser):
    async with staff_page(browser, office, "root") as page:
        await page.goto(f"{office.address}/console/settings")
        await look_at(page, "overview-empty")
        await page.get_by_role("searchbox", name="找一项设置").fill("工单通知：签收")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="工单通知：签收")).to_be_visible()
        await look_at(page, "found")
        await page.get_by_role("link", name="工单通知：签收").click()

        preview = page.get_by_role("complementary", name="市民看到的样子")
        await expect(preview).to_contain_text("示例区城市管理局已签收您的诉求")
        await page.get_by_label("说什么").fill("收到了：")
        await page.get_by_role("button", name="工单编号").click()
        await expect(preview).to_contain_text("收到了：20261121-00042-0")
        await look_at(page, "text")
        await page.get_by_label("说什么").fill("收到了：{nobody}")
        await expect(preview).to_contain_text("不能写 {nobody}")
        await page.get_by_label("说什么").fill("{unit}收到了您的诉求 {number}。")
        await page.get_by_label("为什么改").fill("更口语")
        await page.get_by_label("从哪天起生效").fill("2026-12-01")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("status")).to_contain_text("到那天自动换上")
        await look_at(page, "text-planned")

        await page.get_by_role("link", name="历史").click()
        await look_at(page, "history")
        page.on("dialog", lambda dialog: dialog.accept())
        await page.get_by_role("button", name="撤回").click()
        await expect(page.get_by_role("status")).to_contain_text("已撤回")

        await page.goto(f"{office.address}/console/settings/values/hotline")
        await page.get_by_label("热线名称").fill("新区12345热线")
        await page.get_by_label("为什么改").fill("区划调整")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("status")).to_contain_text("已保存")
        await look_at(page, "hotline")
        await page.goto(f"{office.address}/console/settings")
        await look_at(page, "overview")


PATHS = {
    "answering": "values/answering",
    "texts": "texts/announcements",
    "sms": "texts/sms_texts/ticket_approve",
    "wechat-template": "texts/wechat_templates/approve.进度",
    "phrases": "texts/entry_phrases/phrases",
    "categories": "categories",
    "category": "categories/one?code=供水/停水",
    "category-files": "categories/files",
    "ladders": "ladders",
    "ladder": "ladders/1",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_pages_of_texts_are_whole_on_a_desk_and_on_a_phone(office, browser):
    async with staff_page(browser, office, "root", **DARK_PHONE) as page:
        for name, path in PATHS.items():
            await page.goto(f"{office.address}/console/settings/{path}")
            await look_at_both_sizes(page, name)
