"""Where somebody is, is kept: in a list and its pages, in a word still being typed, while the server is away."""

from dataclasses import replace

import pytest
from console_pages import findings, staff_page
from hotline import DRAFT
from playwright.async_api import expect

from console.tickets.lists import page as list_page
from knowledge_base.sample import sample_entries
from service.identity.roles import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def submitted(hotline, clock, count):
    """The numbers of tickets, oldest first."""
    numbers = []
    for each in range(count):
        clock.forward(minutes=1)
        ticket = await hotline.submitted(replace(DRAFT, id=f"draft-{each}", conversation=f"conversation-{each}"))
        numbers.append(ticket.number)
    return numbers


async def test_a_list_is_gone_through_and_come_back_to_by_keys(console, hotline, clock, browser, monkeypatch):
    monkeypatch.setattr(list_page, "PAGE", 2)
    numbers = list(reversed(await submitted(hotline, clock, 5)))
    await console.account("wang", Role.AGENT, name="王丽")
    async with staff_page(browser, console, "wang") as page:
        press = page.keyboard.press
        row = [page.get_by_role("link", name=number, exact=True) for number in numbers]
        title = [page.get_by_role("heading", name=f"工单 {number}") for number in numbers]
        await page.goto(f"{console.address}/console/tickets?view=all&kind={DRAFT.kind}")
        await expect(row[0]).to_be_visible()
        await press("]")
        await expect(row[2]).to_be_visible()
        await press("]")
        await expect(row[4]).to_be_visible()
        await press("[")
        await expect(row[2]).to_be_visible()

        await press("j")
        await press("Enter")
        await expect(title[2]).to_be_visible()
        await press("j")
        await expect(title[3]).to_be_visible()
        await page.get_by_role("link", name="催办").click()
        await page.get_by_role("button", name="催办", exact=True).click()
        await expect(page.get_by_text("催办完成")).to_be_visible()
        assert await findings(page) == []
        await page.get_by_role("link", name="回到清单").click()
        await expect(row[3]).to_be_focused()
        assert f"kind={DRAFT.kind}" in page.url


async def test_letters_on_the_way_to_characters_are_not_searched(console, browser):
    await console.office.knowledge.replace(sample_entries()[:2])
    await console.account("wang", Role.AGENT, name="王丽")
    async with staff_page(browser, console, "wang") as page:
        asked = []
        page.on("request", lambda request: asked.append(request.post_data) if "/answers" in request.url else None)
        await page.goto(f"{console.address}/console/desk")
        words = page.get_by_label("来电人怎么说")
        await expect(words).to_be_focused()
        typing = await page.context.new_cdp_session(page)
        await typing.send("Input.imeSetComposition", {"text": "she bao", "selectionStart": 7, "selectionEnd": 7})
        await expect(words).to_have_value("she bao")
        await page.clock.install()
        await page.clock.run_for(1_000)
        await typing.send("Input.insertText", {"text": sample_entries()[0].question})
        await page.clock.run_for(1_000)
        await expect(page.get_by_role("option").first).to_be_visible()
    assert asked
    assert not any("she" in each for each in asked)


async def test_a_page_says_that_the_server_is_away_and_that_it_is_back(console, browser):
    await console.account("wang", Role.AGENT, name="王丽")
    async with staff_page(browser, console, "wang") as page:
        await page.goto(f"{console.address}/console/me")
        away = page.get_by_text("现在连不上服务器")
        await expect(away).to_be_hidden()
        await page.context.set_offline(True)
        await expect(away).to_be_visible()
        assert await findings(page) == []
        await page.context.set_offline(False)
        await expect(away).to_be_hidden()


async def test_who_is_signed_out_meanwhile_is_told_once_and_keeps_what_is_written(console, browser):
    await console.account("wang", Role.AGENT, name="王丽")
    async with staff_page(browser, console, "wang") as page:
        await page.goto(f"{console.address}/console/me")
        await page.get_by_role("searchbox").fill("居住证")
        await page.context.clear_cookies()
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        ended = page.get_by_role("dialog", name="登录已经结束")
        await expect(ended.get_by_role("link", name="在新窗口登录")).to_be_visible()
        assert await findings(page) == []
        await page.keyboard.press("Escape")
        async with page.expect_response("**/console/counts"):
            await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(ended).to_be_hidden()
        await expect(page.get_by_role("searchbox")).to_have_value("居住证")
