"""What a scanned code opens, and the sheet it hangs on, in a real browser."""

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from console_pages import findings
from playwright.async_api import expect

from knowledge_base.entry import Attachment
from program.app import build_app

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(parts):
    entry = parts.knowledge.entry("id-card")
    form = (Attachment(title="申领登记表", url="/files/form.pdf"),)
    await parts.knowledge.put(entry.model_copy(update={"attachments": form}))
    async with TestServer(build_app(parts)) as server:
        yield str(server.make_url("")).rstrip("/")
    await parts.knowledge.put(entry)


async def visit(browser, url, **look):
    context = await browser.new_context(**look)
    page = await context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "request",
        lambda request: (
            page.problems.append(request.url)
            if "127.0.0.1" not in request.url and not request.url.startswith("data:")
            else None
        ),
    )
    await page.goto(url)
    return page


@pytest.mark.parametrize("look", [PHONE, {}], ids=["phone", "desktop"])
async def test_a_scanned_code_opens_the_answer_once(browser, address, look):
    page = await visit(browser, f"{address}/s/kb.id-card", **look)
    log = page.get_by_role("log")

    await expect(log).to_contain_text("居民身份证申领换领补领")
    await expect(log.locator(".bubble.assistant")).to_have_count(1)
    await expect(log.get_by_role("link", name="申领登记表")).to_have_attribute("href", f"{address}/files/form.pdf")
    await page.reload()
    await expect(log.locator(".bubble.assistant")).to_have_count(1)
    await page.wait_for_timeout(300)
    await expect(log.locator(".bubble.citizen")).to_have_count(1)
    assert await findings(page) == []
    assert page.problems == []
    await page.context.close()


async def test_a_second_code_is_asked_after_what_was_said_before(browser, address):
    page = await visit(browser, f"{address}/s/kb.id-card", **PHONE)
    await expect(page.locator("ltb-chat .bubble.assistant")).to_have_count(1)
    await page.goto(f"{address}/s/kb.business-deregistration")

    said = page.locator("ltb-chat .bubble.citizen > p:first-of-type")
    await expect(said).to_have_text(["居民身份证申领换领补领", "企业和个体户注销"])
    await page.context.close()


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, PHONE, {}], ids=["dark", "phone", "light"])
async def test_axe_finds_nothing_on_a_sheet(browser, address, look):
    page = await visit(browser, f"{address}/guide/id-card/sheet", **look)

    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []
    await page.context.close()


async def test_a_sheet_fills_one_page_of_a4_with_a_code_to_scan_from_half_a_metre(browser, address, tmp_path):
    import pypdfium2

    page = await visit(browser, f"{address}/guide/id-card/sheet")
    await expect(page.get_by_role("button", name="打印")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation")).to_be_hidden()
    code = await page.get_by_role("img", name="二维码").bounding_box()
    assert code["width"] / 96 * 25.4 >= 60  # millimetres
    await page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)

    paper = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")
    assert [tuple(round(side * 25.4 / 72) for side in sheet.get_size()) for sheet in paper] == [(210, 297)]
    text = paper[0].get_textpage().get_text_bounded()
    assert "居民身份证申领换领补领" in "".join(text.split())
    assert "返回办事指南" not in text
    await page.context.close()
