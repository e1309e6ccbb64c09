"""Each way speaks to its service as the service wants it, and asks before it says anything twice."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from channels.delivery.letter import Letter
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.delivery.rungs.sms import SmsRung
from channels.delivery.rungs.wechat_message import WechatMessageRung
from channels.delivery.rungs.wechat_subscription import WechatSubscriptionRung
from channels.delivery.rungs.wechat_template import WechatTemplateRung
from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.gateway import SmsState
from channels.wechat.rendering import as_menu
from service.outbox import Notice

NUMBER = "20261121-00042-0"
LETTER = Letter(
    "approve", "ticket_approve", {"kind": "notice", "text": "有答复了：电梯修好了。", "buttons": []}, {"number": NUMBER}
)


@dataclass
class Follower:
    conversation: str = "one"
    openid: str = "o-1"
    followed: bool = True


ONE = Recipient(None, Follower(), "+8613800138000")
PARCEL = Parcel("notice-7", Notice("key", "ticket", NUMBER, "one", "wechat"), LETTER, ONE)


class Desk:
    """The desk of short messages: an order it knows is not sent again."""

    def __init__(self, state=SmsState.SUBMITTED):
        self.orders = {}
        self.state = SmsState(state)

    async def send(self, order):
        self.orders.setdefault(order.id, order)
        return SimpleNamespace(provider_id="biz-1", gateway="test", parts=1, cost_fen=4.5, state=self.state)

    async def state_of(self, order_id):
        known = order_id in self.orders
        return SimpleNamespace(state=self.state, failure="空号", failure_code="MK:0001") if known else None


async def test_a_short_message_names_the_ticket_and_nothing_that_was_said():
    desk = Desk()
    handed = await SmsRung(desk).send(PARCEL)

    (order,) = desk.orders.values()
    assert (order.id, order.phone, order.purpose) == ("notice-7", "+8613800138000", "ticket_approve")
    assert order.values == {"number": NUMBER}
    assert (handed.provider_id, handed.cost_fen, handed.reports) == ("biz-1", 4.5, True)


@pytest.mark.parametrize(
    ("state", "delivered"), [(SmsState.SUBMITTED, None), (SmsState.DELIVERED, True), (SmsState.FAILED, False)]
)
async def test_what_the_gateway_reports_is_the_receipt(state, delivered):
    desk = Desk(state)
    await SmsRung(desk).send(PARCEL)
    receipt = await SmsRung(desk).receipt("notice-7", "biz-1")

    assert (receipt and receipt.delivered) is delivered
    assert await SmsRung(desk).receipt("notice-8", None) is None


async def test_a_short_message_that_was_cut_off_is_settled_by_its_own_order():
    desk = Desk()
    await SmsRung(desk).send(PARCEL)
    await SmsRung(desk).settle(PARCEL, None)

    assert list(desk.orders) == ["notice-7"]


class Platform:
    """WeChat, as its client shows it."""

    def __init__(self):
        self.said = []
        self.keeps_records = True
        self.templates = {}

    async def send_text(self, openid, text):
        self.said.append((openid, text))

    async def send_menu(self, openid, menu, text):
        self.said.append((openid, menu))

    async def was_sent(self, openid, text, since):
        return (openid, text) in self.said if self.keeps_records else None

    async def send_template(self, openid, purpose, values, url, id):  # noqa: A002  # as the client calls it
        known = id in self.templates
        self.templates.setdefault(id, (openid, purpose, dict(values), url))
        return "" if known else "msg-1"

    async def send_subscription(self, openid, purpose, values, url):
        self.said.append((openid, purpose))
        return "msg-1"


class Told:
    def __init__(self):
        self.said = {}
        self.busy = False

    async def say(self, conversation, parcel):
        if self.busy:
            raise SendRefused("widget", "busy", "这个对话里正在说话", Remedy.DELAY)
        self.said.setdefault(parcel.id, (conversation, parcel.letter.reply["text"]))


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def message_rung(platform, told):
    left = [2]

    async def take(_conversation):
        left[0] -= 1
        return left[0] >= 0

    return WechatMessageRung(platform, take, lambda reply: [reply["text"]], told, lambda reply: as_menu([reply]))


async def test_a_customer_message_stands_in_the_conversation_as_well(message_rung, platform, told):
    await message_rung.send(PARCEL)

    assert platform.said == [("o-1", "有答复了：电梯修好了。")]
    assert told.said == {"notice-7": ("one", "有答复了：电梯修好了。")}


async def test_what_a_person_says_goes_out_whole_and_is_not_kept_twice(message_rung, platform, told):
    words = "请带上身份证。" * 80
    letter = Letter("", "agent", {"kind": "agent", "text": words, "buttons": []}, {}, is_kept=True)
    await message_rung.send(replace(PARCEL, letter=letter))

    assert platform.said == [("o-1", words)]
    assert told.said == {}


async def test_when_wechat_allows_no_more_the_next_way_is_taken(message_rung, platform):
    for _ in range(2):
        await message_rung.send(PARCEL)
    with pytest.raises(SendRefused) as refused:
        await message_rung.send(PARCEL)

    assert refused.value.remedy is Remedy.ANOTHER_WAY
    assert len(platform.said) == 2


async def test_a_long_answer_takes_one_message_and_says_where_there_is_more(message_rung, platform):
    long = replace(LETTER, reply=LETTER.reply | {"text": "修" * 900})
    await message_rung.send(replace(PARCEL, letter=long))

    ((_, text),) = platform.said
    assert len(text) < 450
    assert text.endswith("（全文请点“看看进度”）")


async def test_a_customer_message_that_was_cut_off_is_looked_for_in_the_record(message_rung, platform, told):
    assert await message_rung.settle(PARCEL, None) is None
    await platform.send_text("o-1", "有答复了：电梯修好了。")
    assert await message_rung.settle(PARCEL, None) is not None
    assert list(told.said) == ["notice-7"]


async def test_a_citizen_who_is_talking_is_told_once(message_rung, platform, told):
    """What went out and could not be written down yet is no refusal: as one it would go out again."""
    told.busy = True
    with pytest.raises(SendUnknown):
        await message_rung.send(PARCEL)
    with pytest.raises(SendUnknown):
        await message_rung.settle(PARCEL, None)
    told.busy = False

    assert await message_rung.settle(PARCEL, None) is not None
    assert len(platform.said) == 1
    assert list(told.said) == ["notice-7"]


CHOICES = [{"title": "解决了", "payload": "/affirm"}, {"title": "没解决", "payload": "/deny"}]
SURVEY = replace(PARCEL, letter=replace(LETTER, reply=LETTER.reply | {"buttons": CHOICES}))


async def test_the_choices_of_a_notice_can_be_tapped(message_rung, platform):
    await message_rung.send(SURVEY)

    [(openid, menu)] = platform.said
    assert (openid, menu.choices) == ("o-1", (("/affirm", "解决了"), ("/deny", "没解决")))


async def test_a_menu_a_citizen_who_is_talking_was_sent_counts_as_told(message_rung, platform, told):
    """No record shows a menu, so nobody could settle it; its choices are tapped, and need no line elsewhere."""
    told.busy = True

    assert await message_rung.send(SURVEY) is not None
    assert len(platform.said) == 1


async def test_a_menu_that_was_cut_off_is_told_by_the_next_way_for_no_record_shows_it(message_rung):
    with pytest.raises(SendRefused) as refused:
        await message_rung.settle(SURVEY, None)

    assert refused.value.remedy is Remedy.ANOTHER_WAY


async def test_where_the_account_keeps_no_record_the_next_way_is_taken(message_rung, platform):
    platform.keeps_records = False
    with pytest.raises(SendRefused) as refused:
        await message_rung.settle(PARCEL, None)

    assert refused.value.remedy is Remedy.ANOTHER_WAY


async def reports(messages):
    found = {"msg-1": SimpleNamespace(delivered=False, reason="failed:user block")}
    return {message: found[message] for message in messages if message in found}


@pytest.fixture
def template_rung(platform, clock):
    return WechatTemplateRung(platform, reports, "https://12345.example", clock)


async def test_a_subscription_message_that_was_cut_off_uses_up_no_second_yes(platform):
    rung = WechatSubscriptionRung(platform, reports, "https://12345.example")
    handed = await rung.send(PARCEL)

    with pytest.raises(SendRefused) as refused:
        await rung.settle(PARCEL, None)

    assert refused.value.remedy is Remedy.ANOTHER_WAY
    assert platform.said == [("o-1", "approve")]
    assert not (await rung.receipt(PARCEL.id, handed.provider_id)).delivered


async def test_a_template_message_opens_our_own_page(template_rung, platform):
    handed = await template_rung.send(PARCEL)

    assert platform.templates == {"notice-7": ("o-1", "approve", {"number": NUMBER}, "https://12345.example/")}
    assert (handed.provider_id, handed.reports) == ("msg-1", True)


async def test_a_template_message_that_was_cut_off_is_sent_again_while_wechat_recognises_it(
    template_rung, platform, clock
):
    await template_rung.send(PARCEL)
    started = clock()
    clock.forward(minutes=8)
    handed = await template_rung.settle(PARCEL, started)
    assert len(platform.templates) == 1
    assert not handed.reports  # WeChat has it, and does not say again under which id

    clock.forward(minutes=1)
    with pytest.raises(SendRefused) as refused:
        await template_rung.settle(PARCEL, started)
    assert refused.value.remedy is Remedy.ANOTHER_WAY


async def test_what_wechat_reports_of_a_template_message_is_the_receipt(template_rung):
    receipt = await template_rung.receipt("notice-7", "msg-1")

    assert (receipt.delivered, receipt.code) == (False, "failed:user block")
    assert await template_rung.receipt("notice-7", "msg-2") is None
    assert await template_rung.receipt("notice-7", None) is None


def test_one_who_has_left_is_not_written_to(message_rung, template_rung):
    gone = Recipient(None, Follower(followed=False), "+8613800138000")

    assert not message_rung.reaches(gone)
    assert not template_rung.reaches(gone)
    assert not message_rung.reaches(Recipient(phone="+8613800138000"))
