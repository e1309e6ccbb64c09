"""The widget in a real browser, against a hotline that misbehaves on demand."""

import pytest_asyncio
from fake_hotline import button, reply, visitor
from playwright.async_api import expect

CARD = {
    "slug": "card",
    "matter": "社会保障卡补办",
    "question": "社保卡丢了怎么补办？",
    "facet": None,
    "facets": [{"name": "materials", "title": "材料", "payload": '/ask_materials{"entry": "card"}'}],
    "unit": "市人社局",
    "version_date": "2026-03-01",
    "guide_url": "/guide/card",
}
TICKET = {
    "number": "20261121-00042-7",
    "kind": "求助",
    "state": "dispatched",
    "state_title": "已转单位",
    "created_at": "2026-11-21T10:00+08:00",
    "promised_text": "11月27日前",
    "next_step": "接下来由负责的单位签收。",
    "steps": [
        {"title": "已登记", "done": True, "current": False},
        {"title": "已转单位", "done": True, "current": True},
        {"title": "已解决", "done": False, "current": False},
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(browser):
    async with visitor(browser) as arrived:
        yield arrived


async def test_an_answer_is_a_card_with_lists_facets_and_source(citizen):
    text = "带身份证去网点。\n1. 挂失\n2. 交16.5元\n也可以看 https://example.gov.cn/card"
    citizen.hotline.answers["社保卡"] = [reply(text, "answer", entry=CARD)]
    await citizen.open()
    await citizen.say("社保卡")

    card = citizen.assistant.first
    await expect(card.locator(".matter")).to_have_text("社会保障卡补办")
    await expect(card.locator("ol li")).to_have_text(["挂失", "交16.5元"])
    await expect(card.locator(".source")).to_contain_text("来源：市人社局 · 2026年3月1日版")
    await expect(card.locator('a[href="https://example.gov.cn/card"]')).to_be_visible()
    await card.get_by_role("button", name="材料").click()
    await expect(citizen.citizen).to_have_text(["社保卡", "材料"])
    assert citizen.hotline.heard[-1]["payload"] == '/ask_materials{"entry": "card"}'


async def test_text_of_the_server_is_never_markup(citizen):
    attack = reply("<img src=x onerror=alert(1)>", buttons=[button("坏链接", "tel:javascript:alert(1)")])
    citizen.hotline.answers["注入"] = [attack]
    await citizen.open()
    await citizen.say("注入")

    await expect(citizen.assistant).to_contain_text(["<img src=x onerror=alert(1)>"])
    assert await citizen.assistant.locator("img, a").count() == 0


async def test_an_emergency_can_be_called_at_once(citizen):
    alarm = reply("请马上拨打 120 / 110。", "emergency", buttons=[button("拨打 119", "tel:119")])
    citizen.hotline.answers["着火了"] = [alarm]
    await citizen.open()
    await citizen.say("着火了")

    links = citizen.assistant.locator("a")
    await expect(links).to_have_count(3)
    assert await links.evaluate_all("links => links.map(link => link.href)") == ["tel:120", "tel:110", "tel:119"]


async def test_a_ticket_shows_number_steps_and_what_comes_next(citizen):
    citizen.hotline.answers["/ask_ticket_status"] = [reply("", "ticket", ticket=TICKET)]
    await citizen.open()
    await citizen.button("我的工单").click()

    card = citizen.assistant.locator("section.ticket")
    await expect(card).to_contain_text("20261121-00042-7")
    await expect(card.locator("[aria-current=step]")).to_contain_text("已转单位")
    await expect(card).to_contain_text("接下来由负责的单位签收。")


async def test_the_conversation_is_there_after_a_reload(citizen):
    await citizen.open()
    await citizen.say("你好")
    await expect(citizen.assistant).to_have_count(1)
    await citizen.page.reload()

    await expect(citizen.citizen).to_have_text(["你好"])
    await expect(citizen.assistant).to_contain_text(["收到：你好"])


async def test_own_replies_that_come_by_stream_too_are_shown_once(citizen):
    await citizen.open()
    await citizen.say("一")
    await citizen.say("二")
    await expect(citizen.assistant).to_contain_text(["收到：一", "收到：二"])
    await citizen.page.wait_for_timeout(200)

    await expect(citizen.citizen).to_have_text(["一", "二"])
    await expect(citizen.assistant).to_have_count(2)


async def test_a_message_that_the_server_cleaned_is_shown_once(citizen):
    await citizen.open()
    citizen.hotline.cleans_text = True
    await citizen.say("路灯　坏了")
    await expect(citizen.assistant).to_have_count(1)
    await citizen.page.wait_for_timeout(200)

    await expect(citizen.citizen).to_have_text(["路灯　坏了"])


async def test_a_failed_message_stays_and_is_sent_again_under_its_id(citizen):
    await citizen.open()
    citizen.hotline.breaks_off = True
    await citizen.say("路灯坏了")
    await citizen.button("没有发出去，点这里重发").wait_for()
    citizen.hotline.breaks_off = False
    await citizen.button("没有发出去，点这里重发").click()

    await expect(citizen.assistant).to_contain_text(["收到：路灯坏了"])
    await expect(citizen.citizen).to_have_text(["路灯坏了"])
    assert len({message["id"] for message in citizen.hotline.heard}) == 1


async def test_a_message_whose_response_was_lost_runs_once(citizen):
    await citizen.open()
    citizen.hotline.loses_the_response = 1
    await citizen.say("路灯坏了")

    await expect(citizen.assistant).to_contain_text(["收到：路灯坏了"])
    await citizen.page.wait_for_timeout(1500)
    await expect(citizen.assistant).to_have_count(1)
    await expect(citizen.citizen).to_have_text(["路灯坏了"])


async def test_an_unsent_message_survives_a_reload(citizen):
    await citizen.open()
    citizen.hotline.breaks_off = True
    await citizen.say("路灯坏了")
    await citizen.button("没有发出去，点这里重发").wait_for()
    citizen.hotline.breaks_off = False
    await citizen.page.reload()
    await citizen.button("没有发出去，点这里重发").click()

    await expect(citizen.assistant).to_contain_text(["收到：路灯坏了"])


async def test_a_refused_text_goes_back_into_the_input_with_the_reason(citizen):
    await citizen.open()
    citizen.hotline.refuse(400, "bad_request", "这句话太长了。")
    await citizen.say("很长的话")

    await expect(citizen.problem).to_have_text("这句话太长了。")
    await expect(citizen.input).to_have_value("很长的话")
    await expect(citizen.citizen).to_have_count(0)


async def test_too_fast_says_when_to_send_again(citizen):
    await citizen.open()
    citizen.hotline.refuse(429, "rate_limited", "太快了", **{"Retry-After": "1"})
    await citizen.say("你好")

    await citizen.button("发得有点快，1 秒后可以重发").wait_for()
    await citizen.button("没有发出去，点这里重发").click()
    await expect(citizen.assistant).to_have_count(1)


async def test_a_session_that_is_gone_is_replaced_silently(citizen):
    await citizen.open()
    citizen.hotline.forget_sessions()
    await citizen.say("你好")

    await expect(citizen.assistant).to_contain_text(["收到：你好"])
    await expect(citizen.problem).to_be_empty()


async def test_a_lost_connection_is_told_and_brings_what_was_missed(citizen):
    await citizen.open()
    await citizen.say("你好")
    await expect(citizen.assistant).to_have_count(1)
    await citizen.hotline.cut_streams()
    await expect(citizen.state).to_have_text("连接中断，正在重连")
    await citizen.hotline.say(reply("单位已答复"))
    citizen.hotline.streams_open = True

    await expect(citizen.assistant.nth(1)).to_contain_text("单位已答复", timeout=15_000)
    await expect(citizen.state).to_have_text("已恢复")


async def test_buttons_of_an_old_question_no_longer_answer_a_new_one(citizen):
    consent = [button("同意", "/affirm"), button("看材料", '/ask_materials{"entry": "card"}')]
    citizen.hotline.answers["登记"] = [reply("您同意吗？", "prompt", buttons=consent)]
    await citizen.open()
    await citizen.say("登记")
    await citizen.button("同意").wait_for()
    await citizen.say("算了")
    await expect(citizen.assistant).to_have_count(2)

    await expect(citizen.button("同意")).to_have_attribute("aria-disabled", "true")
    await citizen.button("同意").click(force=True)
    await citizen.button("看材料").click()
    await expect(citizen.assistant).to_have_count(3)
    assert [message.get("payload") for message in citizen.hotline.heard] == [
        None,
        None,
        '/ask_materials{"entry": "card"}',
    ]


async def test_who_reads_further_up_is_only_told_of_news(citizen):
    citizen.hotline.answers["长"] = [reply("\n".join("很长的一段话。" for _ in range(80)))]
    await citizen.open()
    await citizen.say("长")
    await citizen.say("短")
    await expect(citizen.assistant).to_have_count(2)
    log = citizen.page.locator("ltb-chat .log")
    await log.hover()
    await citizen.page.mouse.wheel(0, -900)
    await citizen.page.wait_for_timeout(200)
    before = await log.evaluate("log => log.scrollTop")
    await citizen.hotline.say(reply("单位已答复"))

    await citizen.button("有新消息").wait_for()
    assert await log.evaluate("log => log.scrollTop") == before
    await citizen.button("有新消息").click()
    await expect(citizen.assistant.last).to_be_in_viewport()


async def test_news_while_closed_are_counted_on_the_button(citizen):
    await citizen.open()
    await citizen.say("你好")
    await expect(citizen.assistant).to_have_count(1)
    await citizen.page.keyboard.press("Escape")
    await citizen.hotline.say(reply("单位已答复"))

    await expect(citizen.launcher).to_contain_text("1 条新消息")
