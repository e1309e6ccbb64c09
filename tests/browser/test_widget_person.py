"""The widget on the way to a person and beside one."""

import pytest
import pytest_asyncio
from console_pages import findings
from fake_hotline import reply, visitor
from playwright.async_api import expect
from test_widget_accessibility import LOOKS, SIZES

WAITING = {"state": "waiting", "ahead": 2, "agent": None}
TAKEN = {"state": "taken", "ahead": 0, "agent": "话务员 3 号"}


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(browser):
    async with visitor(browser) as arrived:
        await arrived.open()
        await arrived.say("你好")
        await expect(arrived.assistant).to_have_count(1)
        yield arrived


async def test_the_head_tells_where_one_stands(citizen):
    await expect(citizen.state).to_have_text("智能助手，不是真人")
    await citizen.hotline.show_handover(WAITING)
    await expect(citizen.state).to_have_text("正在等人工，前面还有 2 位")
    await citizen.hotline.show_handover(WAITING | {"ahead": 0})
    await expect(citizen.state).to_have_text("正在等人工，您是下一位")
    await citizen.hotline.show_handover(TAKEN)
    await expect(citizen.state).to_have_text("话务员 3 号正在和您说话")
    await citizen.hotline.show_handover(None)
    await expect(citizen.state).to_have_text("智能助手，不是真人")


async def test_a_persons_words_say_whose_they_are(citizen):
    await citizen.hotline.show_handover(TAKEN)
    await citizen.hotline.say_as_agent(reply("您好，我帮您查。", "agent"))

    said = citizen.assistant.last
    await expect(said.locator(".speaker")).to_have_text("话务员 3 号说：")
    await expect(said).to_contain_text("您好，我帮您查。")
    await expect(said).not_to_contain_text("助手说")


async def test_the_queue_can_be_left_and_the_talk_ended(citizen):
    await citizen.hotline.show_handover(WAITING)
    await citizen.button("不等了").click()
    await expect(citizen.citizen.last).to_have_text("不等了")
    await citizen.hotline.show_handover(TAKEN)
    await citizen.button("结束人工").focus()
    await citizen.page.keyboard.press("Enter")
    await expect(citizen.citizen.last).to_have_text("结束人工")
    await citizen.hotline.show_handover(None)

    await expect(citizen.button("结束人工")).to_be_hidden()
    await expect(citizen.input).to_be_focused()
    assert [said.get("payload") for said in citizen.hotline.heard[1:]] == ["/end_handover"] * 2


async def test_what_is_being_typed_stays_when_a_person_comes(citizen):
    await citizen.hotline.show_handover(WAITING)
    await citizen.input.fill("我想问的是")
    await citizen.hotline.show_handover(TAKEN)
    await citizen.hotline.say_as_agent(reply("您好", "agent"))
    await expect(citizen.assistant).to_have_count(2)

    await expect(citizen.input).to_have_value("我想问的是")
    await expect(citizen.input).to_be_focused()


async def test_a_person_who_says_nothing_yet_is_no_assistant_that_types(citizen):
    await citizen.hotline.show_handover(TAKEN)
    await expect(citizen.button("结束人工")).to_be_visible()
    citizen.hotline.answers["路灯坏了"] = []
    await citizen.say("路灯坏了")
    await expect(citizen.citizen.last).to_have_text("路灯坏了")

    await expect(citizen.page.locator("ltb-chat .dots")).to_be_hidden()
    await expect(citizen.page.locator("ltb-chat .resend")).to_have_count(0)


async def test_a_page_that_is_opened_again_knows_where_one_stands(citizen):
    await citizen.hotline.show_handover(TAKEN)
    await citizen.hotline.say_as_agent(reply("您好", "agent"))
    await expect(citizen.assistant).to_have_count(2)
    await citizen.page.reload()

    await expect(citizen.state).to_have_text("话务员 3 号正在和您说话")
    await expect(citizen.assistant.last.locator(".speaker")).to_have_text("话务员 3 号说：")


@pytest.mark.parametrize("look", ["dark", "phone"])
async def test_axe_finds_nothing_beside_a_person(browser, look):
    async with visitor(browser, **LOOKS[look]) as citizen:
        await citizen.open()
        await citizen.say("你好")
        await citizen.hotline.show_handover(TAKEN)
        await citizen.hotline.say_as_agent(reply("您好，我帮您查。", "agent"))
        await expect(citizen.assistant).to_have_count(2)
        await expect(citizen.button("结束人工")).to_be_visible()
        await citizen.page.wait_for_timeout(200)
        assert await findings(citizen.page) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_the_way_out_is_reachable_at_every_size_in_large_letters(browser, width, height):
    async with visitor(browser, viewport={"width": width, "height": height}) as citizen:
        await citizen.open()
        await citizen.say("你好")
        await expect(citizen.assistant).to_have_count(1)
        await citizen.button("大字").click()
        await citizen.hotline.show_handover(WAITING)
        leave = citizen.button("不等了")
        await leave.scroll_into_view_if_needed()
        await expect(leave).to_be_in_viewport(ratio=0.9)
        box = await leave.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        wide = await citizen.page.locator("ltb-chat :is(dialog, .head, .person)").evaluate_all(
            "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).length"
        )
        assert wide == 0
