"""The widget by keyboard, enlarged, narrow, dark; and what axe finds."""

import pytest
import pytest_asyncio
from console_pages import findings
from fake_hotline import button, reply, visitor
from playwright.async_api import expect

LOOKS = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "forced colours": {"forced_colors": "active"},
}
SIZES = [(320, 640), (360, 740), (683, 384), (320, 256), (1366, 768)]
FOCUSED = "document.querySelector('ltb-chat').shadowRoot.activeElement"


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(browser):
    async with visitor(browser) as arrived:
        yield arrived


async def fill_the_log(citizen):
    alarm = reply("请马上拨打 120。", "emergency", buttons=[button("拨打 119", "tel:119")])
    choices = [button("租房提取", '/ask_policy{"entry": "a"}'), button("都不是", "/deny")]
    citizen.hotline.answers["一"] = [reply("您想问的是哪一件？", "choices", buttons=choices)]
    citizen.hotline.answers["二"] = [alarm]
    await citizen.open()
    for text in ("一", "二"):
        await citizen.say(text)
    await expect(citizen.assistant).to_have_count(2)
    await citizen.page.wait_for_timeout(200)


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing(browser, look):
    async with visitor(browser, **LOOKS[look]) as citizen:
        await fill_the_log(citizen)
        assert await findings(citizen.page) == []


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_nothing_scrolls_sideways_and_the_fixed_row_is_reachable(browser, width, height, elder):
    async with visitor(browser, viewport={"width": width, "height": height}) as citizen:
        await fill_the_log(citizen)
        if elder:
            await citizen.button("大字").click()
        too_wide = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.className)"
        assert (
            await citizen.page.locator("ltb-chat :is(dialog, .head, .log, .foot, .always)").evaluate_all(too_wide) == []
        )
        await citizen.button("我的工单").scroll_into_view_if_needed()
        await expect(citizen.button("我的工单")).to_be_in_viewport(ratio=0.9)


async def test_targets_are_large_enough(citizen):
    await fill_the_log(citizen)
    small = """nodes => nodes.filter(node => node.offsetParent && !node.closest('p')).map(node => [node.textContent,
        node.getBoundingClientRect()]).filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
    assert await citizen.page.locator("ltb-chat dialog :is(button, a)").evaluate_all(small) == []


async def test_escape_closes_and_the_focus_goes_back_to_the_opener(citizen):
    await citizen.launcher.focus()
    await citizen.page.keyboard.press("Enter")
    await expect(citizen.input).to_be_focused()
    await citizen.page.keyboard.press("Escape")

    await expect(citizen.panel).to_be_hidden()
    await expect(citizen.launcher).to_be_focused()


async def test_tab_walks_through_the_panel_and_out_again(citizen):
    await citizen.open()
    await citizen.page.locator("ltb-chat .who h2").focus()
    names = []
    while await citizen.page.evaluate(f"Boolean({FOCUSED})"):
        await citizen.page.keyboard.press("Tab")
        names.append(await citizen.page.evaluate(f"{FOCUSED}?.ariaLabel || {FOCUSED}?.textContent || {FOCUSED}?.id"))

    wanted = ["大字", "朗读", "关闭对话", "对话记录", "补办社保卡", "我们怎样保护您的信息（在新窗口打开）"]
    assert [name for name in names if name] == [*wanted, "input", "发送", "转人工", "拨打12345", "我的工单"]


async def test_the_panel_over_a_phone_keeps_the_focus_inside(browser):
    async with visitor(browser, **LOOKS["phone"]) as citizen:
        await citizen.open()
        for _ in range(25):
            await citizen.page.keyboard.press("Tab")
            assert await citizen.page.evaluate("document.activeElement.matches('ltb-chat, body')")
        await citizen.page.keyboard.press("Escape")
        await expect(citizen.panel).to_be_hidden()


async def test_enter_that_ends_a_pinyin_word_does_not_send(citizen):
    await citizen.open()
    await citizen.input.fill("shebaoka")
    await citizen.input.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await citizen.input.press("Shift+Enter")
    await expect(citizen.citizen).to_have_count(0)
    await expect(citizen.input).to_have_value("shebaoka\n")


async def test_the_limit_is_told_before_and_beyond_it(citizen):
    await citizen.open()
    count = citizen.page.locator("ltb-chat .count")
    await citizen.input.fill("字" * 899)
    await expect(count).to_be_empty()
    await citizen.input.fill("字" * 990)
    await expect(count).to_have_text("还可以输入 10 个字")
    await citizen.say("字" * 1003)
    await expect(count).to_have_text("超出 3 个字")
    assert citizen.hotline.heard == []


async def test_large_letters_are_remembered(citizen):
    await citizen.open()
    await citizen.button("大字").click()
    await citizen.page.reload()

    await expect(citizen.button("大字")).to_have_attribute("aria-pressed", "true")
    assert await citizen.input.evaluate("input => getComputedStyle(input).fontSize") == "20px"


async def test_reading_aloud_without_a_voice_is_explained(citizen):
    await citizen.open()
    await citizen.button("朗读").click()
    await expect(citizen.problem).to_contain_text("没有中文语音")
    await expect(citizen.button("朗读")).to_have_attribute("aria-pressed", "false")


async def test_motion_stops_where_the_system_asks_for_less(browser):
    async with visitor(browser, reduced_motion="reduce") as citizen:
        await citizen.open()
        animations = "node => node.getAnimations({subtree: true}).length"
        await citizen.page.locator("ltb-chat .dots").evaluate("dots => { dots.hidden = false; }")
        assert await citizen.panel.evaluate(animations) == 0
