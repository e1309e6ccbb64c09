"""A ticket of another channel is seen by who proves its phone number, and by nobody else."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from conftest import Conversation
from sms_fake import sms
from test_ticket_dialogue import answered, do

from actions.services import services
from bot.assistant import new_id
from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.console import ConsoleGateway
from program.assembly import open_parts
from service.settings import Settings
from tickets.ticket import Draft, Kind

__all__ = ["do", "sms"]

_NUMBERS = count(10_000_000)


@pytest.fixture
def phone():
    """A number of its own for each test: how often one gets a code is counted."""
    return f"139{next(_NUMBERS)}"


async def by_phone(parts, phone, kind=Kind.COMPLAINT, **values):
    """A ticket that was registered on the telephone."""
    draft = Draft(
        id=new_id(),
        kind=kind,
        channel="phone",
        conversation=f"desk-{new_id()}",
        description="幸福路积水，车都开不过去",
        place="幸福路",
        name="李女士",
        phone=f"+86{phone}",
        **values,
    )
    return await parts.desk.submit(draft)


async def prove(citizen, sms, phone):
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say(sms.code)


def titles(citizen):
    return [button["title"] for reply in citizen.replies for button in reply["buttons"]]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_tickets_of_a_proved_number_are_shown(citizen, sms, parts, phone):
    ticket = await by_phone(parts, phone)

    await citizen.say("查我的工单")
    assert "先验证手机号" in citizen.text
    await citizen.say(phone)
    assert f"139****{phone[-4:]}" in citizen.text
    assert (sms.last.phone, sms.last.purpose, sms.last.urgent) == (f"+86{phone}", "code", True)
    assert ticket.number not in citizen.text

    await citizen.say(sms.code)
    assert [reply["ticket"]["number"] for reply in citizen.replies if reply["ticket"]] == [ticket.number]


async def test_the_ticket_that_was_asked_for_by_number_is_shown(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    ticket = await by_phone(parts, phone)

    await citizen.say(f"查一下工单{ticket.number}")
    await citizen.say(phone)
    await citizen.say(f"验证码是 {sms.code}")

    assert [reply["ticket"]["number"] for reply in citizen.replies] == [ticket.number]
    await citizen.say(f"查一下工单{ticket.number}")
    assert citizen.kinds == ["ticket"], "once proved, it is not asked again"


async def test_knowing_number_and_phone_shows_nothing(citizen, sms, parts, phone):
    ticket = await by_phone(parts, phone)
    await citizen.say(f"查一下工单{ticket.number}，电话{phone}")

    assert "验证码已发到" in citizen.text
    assert "ticket" not in citizen.kinds
    await citizen.say(wrong(sms.code))
    assert "ticket" not in citizen.kinds
    assert "不对" in citizen.text


async def test_a_number_with_tickets_and_one_without_are_told_the_same(citizen, another_citizen, sms, parts, phone):
    await by_phone(parts, phone)
    told = []
    for one, number in ((citizen, phone), (another_citizen, f"137{phone[3:]}")):
        await one.say("我的工单")
        await one.say(number)
        told.append(one.text.replace(f"139****{phone[-4:]}", "*").replace(f"137****{phone[-4:]}", "*"))

    assert told[0] == told[1]
    assert len(sms.orders) == 2


async def test_a_proved_ticket_is_urged_added_to_rated_and_withdrawn_as_ones_own(citizen, sms, parts, phone, do):
    ticket = await by_phone(parts, phone)
    await prove(citizen, sms, phone)

    await citizen.say("都好几天了怎么还没人处理 催一下")
    assert "已替您催办" in citizen.text
    await citizen.click("补充内容")
    await citizen.say("今天早上水更深了")
    assert "已记到工单里" in citizen.text
    await answered(parts, do, ticket.number)
    await citizen.say("已经解决了")
    assert "满意吗" in citizen.text

    other = await by_phone(parts, phone)
    await citizen.send(f'/withdraw_ticket{{"number": "{other.number}"}}')
    await citizen.click("确定撤销")
    assert "已撤销" in citizen.text


async def test_a_ticket_made_with_another_phone_stays_hidden(citizen, sms, parts, phone):
    ticket = await by_phone(parts, f"137{phone[3:]}")
    await citizen.say(f"查一下工单{ticket.number}")
    await citizen.say(phone)
    await citizen.say(sms.code)

    assert "ticket" not in citizen.kinds
    assert "不是这个号码" in citizen.text
    await citizen.send(f'/urge_ticket{{"number": "{ticket.number}"}}')
    assert "没有找到这张工单" in citizen.text


async def test_a_report_is_shown_to_the_very_phone_that_made_it_only(citizen, another_citizen, sms, parts, phone):
    report = await by_phone(parts, phone, Kind.REPORT, confidential=True)
    await prove(citizen, sms, phone)
    assert report.number in str(citizen.replies)

    await prove(another_citizen, sms, f"137{phone[3:]}")
    assert report.number not in str(another_citizen.replies)


async def test_a_wrong_code_can_be_put_right_and_five_end_it(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    await citizen.say("我的工单")
    await citizen.say(phone)
    for _ in range(4):
        await citizen.say(wrong(sms.code))
        assert "验证码不对" in citizen.text
    await citizen.say(wrong(sms.code))
    assert "作废" in citizen.text
    await citizen.say(sms.code)

    assert "ticket" not in citizen.kinds


async def test_a_code_may_be_spoken(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say("验证码" + sms.code.translate(str.maketrans("0123456789", "零一二三四五六七八九")))

    assert "ticket" in citizen.kinds


async def test_the_number_can_be_changed_while_the_code_is_awaited(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    await citizen.say("我的工单")
    await citizen.say(f"137{phone[3:]}")
    await citizen.click("换个号码")
    assert "请输入要验证的手机号" in citizen.text
    await citizen.say(phone)
    assert sms.last.phone == f"+86{phone}"
    await citizen.say(sms.code)

    assert "ticket" in citizen.kinds


async def test_another_code_is_sent_after_a_minute_and_not_before(citizen, sms, parts, phone, monkeypatch):
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.click("重新发送")
    assert "刚发过一条" in citizen.text
    assert len(sms.orders) == 1

    citizens = services().verification.citizens
    later = citizens.clock() + timedelta(seconds=61)
    monkeypatch.setattr(services().verification, "citizens", replace(citizens, clock=lambda: later))
    await citizen.say("没收到")
    assert "验证码已发到" in citizen.text
    assert len(sms.orders) == 2


async def test_an_expired_code_is_told_kindly(citizen, sms, parts, phone, monkeypatch):
    await citizen.say("我的工单")
    await citizen.say(phone)
    citizens = services().verification.citizens
    later = citizens.clock() + timedelta(minutes=6)
    monkeypatch.setattr(services().verification, "citizens", replace(citizens, clock=lambda: later))
    await citizen.say(sms.code)

    assert "已经过期" in citizen.text
    assert "重新发送" in titles(citizen)


@pytest.mark.parametrize("words", ["算了不办了", "取消"])
async def test_it_can_be_left_at_any_step(citizen, sms, words, phone):
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say(words)
    assert "先不办了" in citizen.text

    await citizen.say("身份证过期了在外地能换吗")
    assert citizen.kinds == ["answer"]


async def test_danger_and_a_person_come_first_and_the_code_still_counts(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say("我家着火了")
    assert citizen.kinds == ["emergency"]

    await citizen.say("我的工单")
    await citizen.say(phone)
    assert "刚发过一条" in citizen.text
    await citizen.say("转人工")
    assert citizen.kinds == ["handover"]
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say(sms.code)
    assert "ticket" in citizen.kinds


@pytest.mark.parametrize(("aside", "kind"), [("身份证过期了在外地能换吗", "answer"), ("你是机器人吗", "notice")])
async def test_a_question_while_the_code_is_awaited_is_answered_and_the_code_taken_afterwards(
    citizen, sms, parts, phone, aside, kind
):
    await by_phone(parts, phone)
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say(aside)
    assert citizen.kinds == [kind, "prompt"]

    await citizen.say(sms.code)
    assert "ticket" in citizen.kinds


@pytest.mark.parametrize("said", ["好的", "谢谢", "等一下", "收到了", "1234"])
async def test_small_talk_while_the_code_is_awaited_gets_one_kind_reply(citizen, sms, phone, said):
    await citizen.say("我的工单")
    await citizen.say(phone)
    await citizen.say(said)

    assert len(citizen.replies) == 1, citizen.text
    assert citizen.kinds == ["prompt"]


@pytest.mark.parametrize("aside", ["你好", "谢谢", "身份证过期了在外地能换吗", "再说一遍"])
async def test_asking_something_else_instead_of_the_phone_leaves_it(citizen, sms, aside):
    await citizen.say("我的工单")
    await citizen.say(aside)
    assert len(citizen.replies) <= 2, "each thing is said once"

    await citizen.say("身份证过期了在外地能换吗")
    assert citizen.kinds == ["answer"]


async def test_a_landline_gets_no_text_message(citizen, sms):
    await citizen.say("我的工单")
    await citizen.say("010-62345678")

    assert "座机收不到短信" in citizen.text
    assert not sms.orders


async def test_without_a_gateway_the_other_way_is_named(citizen, parts, phone):
    ticket = await by_phone(parts, phone)
    for words in ("我的工单", f"查一下工单{ticket.number}", "绑定手机号"):
        await citizen.say(words)
        assert "请拨打12345" in citizen.text
        assert "tel:12345" in str(citizen.replies)
        assert len(citizen.replies) == 1


async def test_a_gateway_that_is_down_is_told_and_the_hotline_named(citizen, sms, phone):
    sms.failures.append(SendRefused("aliyun", "isp.SYSTEM_ERROR", "系统错误", Remedy.RETRY))
    await citizen.say("我的工单")
    await citizen.say(phone)
    assert "暂时发不出去" in citizen.text
    assert "拨打12345" in citizen.text

    await citizen.say("我的工单")
    await citizen.say(phone)
    assert "验证码已发到" in citizen.text, "another may be asked for at once"


async def test_a_number_that_cannot_be_reached_may_be_put_right(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    sms.failures.append(SendRefused("aliyun", "isv.MOBILE_NUMBER_ILLEGAL", "号码不对", Remedy.PERMANENT))
    await citizen.say("我的工单")
    await citizen.say(f"137{phone[3:]}")
    assert "核对一下号码" in citizen.text
    await citizen.say(phone)
    await citizen.say(sms.code)

    assert "ticket" in citizen.kinds


async def test_after_a_lost_answer_the_same_message_is_sent_and_not_another(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    sms.failures.append(SendUnknown("aliyun", "超时"))
    await citizen.say("我的工单")
    await citizen.say(phone)
    assert "正在发往" in citizen.text
    await citizen.click("重新发送")
    assert "验证码已发到" in citizen.text
    await citizen.say(sms.code)

    assert "ticket" in citizen.kinds
    assert len(sms.orders) == 1


@pytest.mark.parametrize("words", ["绑定手机号", "解绑手机号", "接着填"])
async def test_in_the_ticket_form_it_waits_and_the_form_goes_on(citizen, sms, words):
    await citizen.say("我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修")
    await citizen.say(words)

    assert citizen.kinds[-1] == "prompt"
    assert "电话" in citizen.replies[-1]["text"]
    assert not sms.orders


async def test_a_number_is_given_up_again(citizen, sms, parts, phone):
    ticket = await by_phone(parts, phone)
    await prove(citizen, sms, phone)
    await citizen.say("解绑手机号")
    assert "已经解绑" in citizen.text

    await citizen.send(f'/urge_ticket{{"number": "{ticket.number}"}}')
    assert "没有找到这张工单" in citizen.text
    await citizen.say("解绑手机号")
    assert "不用解绑" in citizen.text


async def test_a_proved_number_is_offered_in_the_form(citizen, sms, parts, phone):
    await by_phone(parts, phone)
    await prove(citizen, sms, phone)
    await citizen.say("我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修")
    await citizen.click(f"用139****{phone[-4:]}")
    await citizen.say("王女士")
    await citizen.click("同意")

    assert f"电话：{phone}" in citizen.text


async def test_the_phone_of_a_new_ticket_can_be_proved_at_once(citizen, sms, phone):
    for said in ("我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修", phone, "王女士"):
        await citizen.say(said)
    await citizen.click("同意")
    await citizen.click("确认提交")
    await citizen.click("验证手机号")
    assert sms.last.phone == f"+86{phone}"
    await citizen.say(sms.code)

    assert "验证好了" in citizen.text


async def test_what_happened_meanwhile_elsewhere_shows(citizen, sms, parts, phone):
    ticket = await by_phone(parts, phone)
    await prove(citizen, sms, phone)
    await parts.desk.withdraw(ticket)
    await citizen.say("我的工单")

    assert citizen.replies[0]["ticket"]["state"] == "withdrawn"


async def test_codes_leave_by_the_installations_own_gateway(tmp_path, model_dir, monkeypatch, phone):
    texts = []

    async def shown(_gateway, message):
        texts.append((message.phone, message.text))
        return "1"

    monkeypatch.setattr(ConsoleGateway, "send", shown)
    settings = Settings(data_dir=tmp_path, model_dir=model_dir, encoder=False, sms_gateways=("console",))
    async with open_parts(settings) as parts:
        ticket = await by_phone(parts, phone)
        citizen = Conversation(parts)
        await citizen.say(f"查一下工单{ticket.number}")
        await citizen.say(phone)
        assert [to for to, _ in texts] == [f"+86{phone}"]
        await citizen.say(re.search(r"\d{6}", texts[0][1]).group())

    assert [reply["ticket"]["number"] for reply in citizen.replies] == [ticket.number]
