"""An SMS reaches a person once, whatever is lost on the way."""

import asyncio
from contextlib import suppress

import pytest
from sms_world import ON_SQLITE, PHONE, VALUES
from sqlalchemy import select

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.gateway import SmsState
from channels.sms.tables import messages
from simulators.sms.carrier import Fault


@pytest.fixture
def both_gateways(sms_settings):
    sms_settings["sms_gateways"] = ("aliyun", "tencent")


@pytest.fixture
def gateway(request, sms_settings):
    sms_settings["sms_gateways"] = (request.param,)
    return request.param


async def refused(sms, order):
    with pytest.raises(SendRefused) as said:
        await sms.desk.send(order)
    return said.value


@pytest.mark.parametrize(
    ("gateway", "text"),
    [
        ("aliyun", "您的诉求登记好了，编号20261121-00042-0。我们会转给负责的单位，11月27日前给您结果。"),
        ("tencent", "您的诉求登记好了，编号中段00042。我们会转给负责的单位，11月27日前给您结果。"),
    ],
    indirect=["gateway"],
)
@ON_SQLITE
async def test_a_message_arrives_in_the_words_the_account_allows(gateway, text, sms):
    sent = await sms.desk.send(sms.order())

    assert sms.phones == [f"【聊天办】{text}"]
    assert (sent.gateway, sent.parts, sent.state) == (gateway, 1, SmsState.SUBMITTED)
    assert sent.cost_fen == {"aliyun": 4.5, "tencent": 5.0}[gateway]


async def test_the_same_order_again_is_not_sent_again(sms):
    order = sms.order()
    first = await sms.desk.send(order)

    assert await sms.desk.send(order) == first
    assert len(sms.phones) == 1


async def test_of_many_at_once_one_sends(sms):
    order = sms.order()

    ended = await asyncio.gather(*(sms.desk.send(order) for _ in range(8)), return_exceptions=True)

    assert len(sms.phones) == 1
    assert {type(each).__name__ for each in ended} <= {"SmsSent", "SendUnknown"}
    assert await sms.desk.send(order)
    assert len(sms.phones) == 1


@pytest.mark.parametrize("gateway", ["aliyun", "tencent"], indirect=True)
@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.GARBLED_ANSWER])
async def test_a_lost_answer_is_asked_for_and_nothing_is_sent_again(gateway, fault, sms, clock):
    order = sms.order()
    sms.carrier.faults.append(fault)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)
    assert (await sms.desk.state_of(order.id)).state is SmsState.UNKNOWN

    clock.forward(minutes=2)
    sms.carrier.settle(sms.carrier.arrived[0])
    sent = await sms.desk.send(order)

    assert (sent.gateway, sent.state) == (gateway, SmsState.DELIVERED)
    assert len(sms.phones) == 1


@ON_SQLITE
async def test_an_answer_that_comes_too_late_is_a_lost_one(sms, clock, monkeypatch):
    monkeypatch.setattr("channels.sms.gateways.exchange.CALL_SECONDS", 0.2)
    order = sms.order()
    sms.carrier.faults.append(Fault.LATE_ANSWER)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)
    sms.carrier.late.set()

    monkeypatch.undo()
    clock.forward(minutes=2)
    await sms.desk.send(order)

    assert len(sms.phones) == 1


async def test_a_request_that_never_came_is_sent_again_once_that_is_certain(sms, clock):
    order = sms.order()
    sms.carrier.faults.append(Fault.LOST_REQUEST)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)

    clock.forward(minutes=9)
    with pytest.raises(SendUnknown, match=""):
        await sms.desk.send(order)
    clock.forward(minutes=2)
    await sms.desk.send(order)

    assert len(sms.phones) == 1


@pytest.mark.parametrize("gateway", ["tencent"], indirect=True)
@ON_SQLITE
async def test_what_nobody_will_ever_know_is_told_to_staff_and_not_sent_again(gateway, sms, clock):
    order = sms.order()
    sms.carrier.faults.append(Fault.LOST_REQUEST)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)
    clock.forward(hours=23)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)
    clock.forward(hours=2)

    told = await refused(sms, order)

    assert told.remedy is Remedy.PERMANENT
    assert "没有再发" in told.reason
    assert sms.phones == []


async def test_a_process_that_died_before_the_answer_is_asked_about(sms, clock):
    """The row stands, the call was made, and nothing more was written."""
    order = sms.order()
    sending = asyncio.create_task(sms.desk.send(order))
    while not sms.carrier.arrived:
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    with pytest.raises(SendUnknown):
        await sms.desk.send(order)  # it may be busy with it still
    clock.forward(seconds=61)
    await sms.desk.send(order)

    assert len(sms.phones) == 1


async def test_a_process_that_died_before_the_call_leaves_an_order_that_is_sent(sms, clock, monkeypatch):
    order = sms.order()

    async def die(self, message):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(type(sms.desk.gateways[0]), "send", die)
        with pytest.raises(KeyboardInterrupt):
            await sms.desk.send(order)
    clock.forward(minutes=11)
    await sms.desk.send(order)

    assert len(sms.phones) == 1


async def test_the_job_settles_what_nobody_asks_for(sms, clock):
    order = sms.order()
    sms.carrier.faults.append(Fault.LOST_ANSWER)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)
    sms.carrier.settle(sms.carrier.arrived[0])

    clock.forward(minutes=2)
    assert await sms.desk.ask_due() == 1

    assert (await sms.desk.state_of(order.id)).state is SmsState.DELIVERED
    assert await sms.desk.ask_due() == 0


@ON_SQLITE
@pytest.mark.parametrize("fault", [None, Fault.LOST_ANSWER])
async def test_a_report_that_never_comes_is_asked_for_ever_more_seldom_and_not_for_ever(fault, sms, clock):
    sms.carrier.faults.append(fault)
    with suppress(SendUnknown):
        await sms.desk.send(sms.order())

    asked = []
    for _ in range(4 * 24):
        clock.forward(hours=1)
        asked.append(await sms.desk.ask_due())

    assert 3 < sum(asked) < 12
    assert sum(asked[3 * 24 + 1 :]) == 0


@pytest.mark.usefixtures("both_gateways")
@pytest.mark.parametrize("code", ["isv.OUT_OF_SERVICE", "isp.SYSTEM_ERROR", "isv.SMS_TEMPLATE_ILLEGAL"])
@ON_SQLITE
async def test_what_one_gateway_surely_did_not_take_goes_by_the_next(code, sms):
    sms.carrier.faults.append(code)

    sent = await sms.desk.send(sms.order())

    assert sent.gateway == "tencent"
    assert len(sms.phones) == 1


@pytest.mark.usefixtures("both_gateways")
@ON_SQLITE
async def test_what_one_gateway_may_have_taken_goes_by_no_other(sms):
    sms.carrier.faults.append(Fault.LOST_ANSWER)

    with pytest.raises(SendUnknown):
        await sms.desk.send(sms.order())

    assert [each.gateway for each in sms.carrier.arrived] == ["aliyun"]


@pytest.mark.usefixtures("both_gateways")
@ON_SQLITE
async def test_a_bad_number_is_tried_nowhere_else(sms):
    sms.carrier.faults.append("isv.MOBILE_NUMBER_ILLEGAL")

    assert (await refused(sms, sms.order())).remedy is Remedy.PERMANENT
    assert sms.phones == []


@ON_SQLITE
@pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "isv.BUSINESS_LIMIT_CONTROL"])
async def test_a_refusal_is_told_in_chinese(code, sms):
    sms.carrier.faults.append(code)

    told = await refused(sms, sms.order())

    assert (told.service, told.code) == ("aliyun", code)
    assert code in told.reason


async def test_what_was_refused_for_now_is_sent_later_and_what_was_refused_for_good_is_not(sms):
    later, never = sms.order(), sms.order()
    sms.carrier.faults.extend(["isp.SYSTEM_ERROR", "isv.SMS_CONTENT_ILLEGAL"])
    await refused(sms, later)
    await refused(sms, never)

    await sms.desk.send(later)
    assert (await refused(sms, never)).code == "isv.SMS_CONTENT_ILLEGAL"
    assert len(sms.phones) == 1


@ON_SQLITE
async def test_a_landline_is_refused_for_good(sms):
    told = await refused(sms, sms.order(phone="010-12345678"))

    assert (told.remedy, told.code) == (Remedy.PERMANENT, "not_mobile")


@ON_SQLITE
async def test_at_night_only_what_is_urgent_goes(sms, clock):
    clock.forward(hours=13)  # 23:00 in China
    told = await refused(sms, sms.order())

    assert told.remedy is Remedy.DELAY
    assert told.after.total_seconds() == 9 * 3600
    await sms.desk.send(sms.order("code"))
    await sms.desk.send(sms.order(urgent=True))
    assert len(sms.phones) == 2


async def test_codes_to_a_number_are_limited(sms, clock):
    await sms.desk.send(sms.order("code"))

    told = await refused(sms, sms.order("code"))
    assert (told.remedy, told.after.total_seconds()) == (Remedy.DELAY, 60)
    clock.forward(seconds=60)
    await sms.desk.send(sms.order("code"))
    assert len(sms.phones) == 2


@pytest.mark.parametrize("gateway", ["aliyun", "tencent"], indirect=True)
@ON_SQLITE
async def test_our_limits_know_the_gateways(gateway, sms, clock):
    """No code is sent that the cloud would refuse: the delay is known before."""
    refusals = []
    for _ in range(16):
        try:
            await sms.desk.send(sms.order("code"))
        except SendRefused as told:
            refusals.append(told)
            clock.forward(seconds=told.after.total_seconds())
    assert len(refusals) > 5
    assert {told.service for told in refusals} == {"sms"}


@ON_SQLITE
async def test_a_code_is_not_kept(sms):
    order = sms.order("code")
    await sms.desk.send(order)

    kept = await sms.desk.state_of(order.id)
    assert VALUES["code"] in sms.phones[0]
    assert VALUES["code"] not in kept.text
    assert "******" in kept.text


@ON_SQLITE
async def test_a_code_that_is_too_old_is_not_sent(sms, clock):
    order = sms.order("code")
    sms.carrier.faults.append("isp.SYSTEM_ERROR")
    await refused(sms, order)
    clock.forward(minutes=6)

    assert (await refused(sms, order)).code == "too_late"


@pytest.mark.parametrize(
    "values",
    [
        {"number": "阳光小区3号楼"},
        {"number": "20261121-00042-0", "promised": "看 http://example.com"},
        {},
    ],
)
@ON_SQLITE
async def test_values_of_another_shape_are_refused_and_not_told(values, sms):
    told = await refused(sms, sms.order(values=values))

    assert (told.code, told.remedy) == ("values", Remedy.PERMANENT)
    assert "阳光" not in told.reason
    assert "example" not in told.reason


async def test_number_and_text_are_encrypted_and_no_row_shows_them(sms, database):
    await sms.desk.send(sms.order())

    rows = await database.read(lambda connection: connection.execute(select(messages)).all())
    shown = repr(rows)
    assert "13800138000" not in shown
    assert "诉求" not in shown


@ON_SQLITE
async def test_without_a_gateway_it_is_off(database, keyring, clock, tmp_path):
    from channels.sms.opening import open_sms
    from channels.sms.sending import SmsOrder
    from service.settings import Settings

    async with open_sms(Settings(data_dir=tmp_path), database, keyring, clock) as desk:
        with pytest.raises(SendRefused) as told:
            await desk.send(SmsOrder("o", PHONE, "code", VALUES))
    assert (told.value.code, told.value.remedy) == ("off", Remedy.ANOTHER_WAY)
