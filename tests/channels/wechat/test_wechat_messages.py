"""Customer messages: what arrives, what is repeated, what is told when it does not arrive."""

import pytest

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.platform.client import PartlySent
from channels.wechat.platform.errors import meanings
from channels.wechat.platform.transport import Transport
from channels.wechat.rendering import Menu
from simulators.wechat.account import AccountKind, Trigger
from simulators.wechat.faults import loses_answer, loses_call, refuses, stumbles

SEND = "/cgi-bin/message/custom/send"
ASKED = Menu("解决了吗？", (("/affirm", "解决了"), ("/deny", "没解决")))
AS_TEXT = "解决了吗？\n1. 解决了\n2. 没解决"
LONG = "".join(f"第{number}条，请带上身份证原件和复印件到窗口办理。" for number in range(60))


async def test_a_text_arrives_as_it_was_written(wechat, wechat_client):
    await wechat_client.send_text(wechat.openid, "您的诉求已登记，编号 20261121000018。\n\x00<请放心>")
    assert wechat.texts == ["您的诉求已登记，编号 20261121000018。\n<请放心>"]


async def test_a_long_text_arrives_whole_in_pieces_that_end_with_a_sentence(wechat, wechat_client):
    await wechat_client.send_text(wechat.openid, LONG)
    assert "".join(wechat.texts) == LONG
    assert all(len(text.encode()) <= 2000 and text.endswith("。") for text in wechat.texts)


async def test_a_text_still_too_long_for_the_platform_is_split_further(wechat, wechat_client):
    wechat.api.faults.plan(SEND, refuses(45002), times=1)
    await wechat_client.send_text(wechat.openid, LONG[:600])
    assert "".join(wechat.texts) == LONG[:600]
    assert len(wechat.texts) > 1


async def test_the_rest_is_named_when_only_the_beginning_arrived(wechat, wechat_client):
    wechat.account.follower(wechat.openid).windows[Trigger.MESSAGE].left = 1
    wechat.account.follower(wechat.openid).windows[Trigger.FOLLOW].left = 0
    with pytest.raises(PartlySent) as partly:
        await wechat_client.send_text(wechat.openid, LONG)
    assert partly.value.remedy is Remedy.ANOTHER_WAY
    assert "".join((*wechat.texts, *partly.value.rest)) == LONG


@pytest.mark.parametrize("way", [refuses(-1), loses_answer, loses_call, stumbles])
async def test_only_what_certainly_did_not_arrive_is_sent_again(wechat, wechat_client, way):
    wechat.api.faults.plan(SEND, way)
    if way in (loses_answer, loses_call, stumbles):
        with pytest.raises(SendUnknown):
            await wechat_client.send_text(wechat.openid, "您好")
    else:
        await wechat_client.send_text(wechat.openid, "您好")
    assert len(wechat.texts) == (0 if way in (loses_call, stumbles) else 1)


async def test_the_platforms_own_trouble_is_tried_three_times(wechat, wechat_client):
    wechat.api.faults.plan(SEND, refuses(-1), times=3)
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_text(wechat.openid, "您好")
    assert refused.value.remedy is Remedy.RETRY
    await wechat_client.send_text(wechat.openid, "您好")
    assert wechat.texts == ["您好"]


async def test_a_platform_out_of_reach_is_not_a_lost_message(wechat, wechat_client):
    wechat_client.calls.transport = Transport(wechat_client.calls.transport.http, "http://127.0.0.1:9")
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_text(wechat.openid, "您好")
    assert refused.value.remedy is Remedy.RETRY


async def test_the_record_tells_whether_a_lost_message_arrived(wechat, wechat_client, clock):
    since = clock()
    for way, arrived in ((loses_answer, True), (loses_call, False)):
        wechat.api.faults.plan(SEND, way)
        with pytest.raises(SendUnknown):
            await wechat_client.send_text(wechat.openid, f"您好，{arrived}")
        assert await wechat_client.was_sent(wechat.openid, f"您好，{arrived}", since) is arrived
    clock.forward(hours=30)
    assert await wechat_client.was_sent(wechat.openid, "您好，True", since) is True


async def test_an_account_without_records_says_so(wechat, wechat_client, clock):
    wechat.account.keeps_records = False
    assert await wechat_client.was_sent(wechat.openid, "您好", clock()) is None


async def test_a_question_can_be_tapped(wechat, wechat_client):
    await wechat_client.send_menu(wechat.openid, ASKED, AS_TEXT)
    (arrived,) = wechat.account.arrived_at(wechat.openid)
    assert [each["content"] for each in arrived.body["msgmenu"]["list"]] == ["解决了", "没解决"]


async def test_an_account_that_may_not_send_menus_is_asked_once(wechat, wechat_client):
    wechat.account.kind = AccountKind.SUBSCRIPTION
    for _ in range(2):
        await wechat_client.send_menu(wechat.openid, ASKED, AS_TEXT)
    assert wechat.texts == [AS_TEXT] * 2
    assert wechat.api.calls[SEND] == 3


async def test_a_menu_wechat_cannot_read_goes_as_text_and_the_next_is_tried_again(wechat, wechat_client):
    wechat.api.faults.plan(SEND, refuses(47001), times=1)
    for _ in range(2):
        await wechat_client.send_menu(wechat.openid, ASKED, AS_TEXT)
    assert [each.body["msgtype"] for each in wechat.account.arrived_at(wechat.openid)] == ["text", "msgmenu"]


async def test_an_installation_may_want_no_menus(wechat, database, keyring):
    wechat.menu_messages = False
    async with wechat.client(database, keyring) as client:
        await client.send_menu(wechat.openid, ASKED, AS_TEXT)
    assert wechat.texts == [AS_TEXT]


async def test_windows_and_counts_lead_to_another_way(wechat, wechat_client, clock):
    for _ in range(8):
        await wechat_client.send_text(wechat.openid, "您好")
    with pytest.raises(SendRefused) as count:
        await wechat_client.send_text(wechat.openid, "您好")
    clock.forward(hours=48)
    with pytest.raises(SendRefused) as window:
        await wechat_client.send_text(wechat.openid, "您好")
    assert [(each.value.code, each.value.remedy) for each in (count, window)] == [
        ("45047", Remedy.ANOTHER_WAY),
        ("45015", Remedy.ANOTHER_WAY),
    ]


async def test_after_the_daily_count_nothing_is_asked_until_midnight(wechat, wechat_client, clock):
    wechat.api.daily[SEND] = 1
    await wechat_client.send_text(wechat.openid, "一")
    for _ in range(2):
        with pytest.raises(SendRefused) as refused:
            await wechat_client.send_text(wechat.openid, "二")
        assert (refused.value.remedy, refused.value.after.total_seconds()) == (Remedy.DELAY, 14 * 3600)
    assert wechat.api.calls[SEND] == 2
    clock.forward(hours=14)
    wechat.account.trigger(wechat.openid, Trigger.MESSAGE)
    await wechat_client.send_text(wechat.openid, "三")
    assert wechat.texts == ["一", "三"]


async def test_every_code_says_in_chinese_how_it_is_mended(wechat, wechat_client):
    for code, meaning in meanings().items():
        assert any("\u4e00" <= character <= "\u9fff" for character in meaning.reason), code
        assert meaning.reason.endswith("。"), code


@pytest.mark.parametrize(("code", "remedy"), [(99999, Remedy.PERMANENT), (50999, Remedy.RETRY), (-7, Remedy.RETRY)])
async def test_a_code_nobody_entered_is_told_as_it_came(wechat, wechat_client, code, remedy):
    other = "o" + "x" * 26 + "-"  # an openid may end like this
    wechat.api.faults.plan(SEND, refuses(code, f"to {other} something new"), times=3)
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_text(wechat.openid, "您好")
    assert refused.value.remedy is remedy
    assert f"{code}（to … something new）" in refused.value.reason


async def test_the_platforms_id_of_a_refused_call_is_logged_and_nothing_personal(wechat, wechat_client, caplog):
    wechat.account.unfollow(wechat.openid)
    with pytest.raises(SendRefused):
        await wechat_client.send_text(wechat.openid, "我家的地址")
    assert "errcode 45015, rid " in caplog.text
    assert wechat.openid not in caplog.text
    assert "地址" not in caplog.text


async def test_something_else_at_the_address_is_an_alarm(wechat, wechat_client):
    wechat_client.calls.transport = Transport(wechat_client.calls.transport.http, wechat.address + "/nowhere")
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_text(wechat.openid, "您好")
    assert refused.value.remedy is Remedy.ALARM
    assert "LTB_WECHAT_API_URL" in refused.value.reason
