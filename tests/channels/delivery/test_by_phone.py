"""A request that came by phone: each step of it arrives on that phone once, whatever the gateway does."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, REPLY, clerk_of
from sqlalchemy import select

from channels.delivery.care import newest, retry
from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladders
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipients
from channels.delivery.rungs.sms import SmsRung
from channels.delivery.wording import NoticeWording
from service.inbox import inbox
from service.outbox import Notice, NoticeState
from simulators.sms.carrier import Fault
from tickets.moves import Verb

CALL = replace(DRAFT, channel="phone", conversation="call-1")


@pytest.fixture
def courier(sms, database, keyring, clock):
    return Courier(
        database,
        {"sms": SmsRung(sms.desk)},
        Ladders.load(),
        NoticeWording(None, keyring),
        Recipients(database, keyring.cipher("tickets")),
        clock,
    )


async def deliver(courier):
    while True:
        holder, ids = await courier.claim()
        if not ids:
            return
        await courier.carry(holder, ids)


async def led_to_its_answer(hotline):
    """A ticket that was taken down, dispatched, accepted and answered."""
    ticket = await hotline.lifecycle.submit(AGENT, CALL)
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg")
    await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)
    await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=REPLY)
    return await hotline.do(AGENT, ticket, Verb.APPROVE)


def said(sms):
    """What each message was about, by a word of it."""
    words = ("登记好了", "已转给", "已经签收", "问题解决了吗")
    return [word for text in sms.phones for word in words if word in text]


FAULTS = (Fault.LOST_ANSWER, Fault.LOST_REQUEST, None, Fault.GARBLED_ANSWER, "isp.SYSTEM_ERROR")


async def test_every_step_arrives_once_and_in_order_whatever_is_lost(hotline, sms, courier, clock):
    sms.carrier.faults.extend(FAULTS)
    ticket = await led_to_its_answer(hotline)
    for _ in range(80):
        await deliver(courier)
        clock.forward(minutes=1)

    assert said(sms) == ["登记好了", "已转给", "已经签收", "问题解决了吗"]
    for text in sms.phones:
        assert ticket.number in text
        assert REPLY not in text
        assert CALL.place not in text
        assert CALL.description not in text
    assert not re.search(r"\d{11}", "".join(sms.phones).replace(ticket.number, ""))


async def test_what_the_phone_did_not_get_after_all_somebody_calls_about(hotline, sms, courier, database, clock):
    sms.carrier.unreachable.add(CALL.phone)
    await led_to_its_answer(hotline)
    await deliver(courier)
    for message in sms.carrier.arrived:
        sms.carrier.settle(message)
    await sms.report()
    clock.forward(minutes=1)
    assert await Receipts(database, courier.rungs, clock).look() == 4
    await deliver(courier)

    failed = await database.read(newest(NoticeState.UNDELIVERED, None, 10))
    assert len(failed) == 4
    lines = await database.read(lambda connection: connection.execute(select(inbox)).all())
    assert [line.recipient for line in lines if line.kind == "undelivered"] == ["role:agent"]  # only for the answer


async def test_a_notice_goes_to_the_number_staff_were_told_and_later_news_to_the_tickets_own(
    hotline, sms, courier, database, keyring, clock
):
    sms.carrier.unreachable.add(CALL.phone)
    ticket = await hotline.lifecycle.submit(AGENT, CALL)
    await deliver(courier)
    for message in sms.carrier.arrived:
        sms.carrier.settle(message)
    await sms.report()
    clock.forward(minutes=1)
    await Receipts(database, courier.rungs, clock).look()
    await deliver(courier)
    (failed,) = await database.read(newest(NoticeState.UNDELIVERED, None, 10))
    arrived = len(sms.carrier.arrived)

    other = keyring.cipher("tickets").encrypt_text("+8613900139000")
    assert await database.write(retry(failed.id, clock(), "li", phone=other, reason="女儿的，本人说的"))
    await deliver(courier)
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg")
    await deliver(courier)

    assert [message.phone for message in sms.carrier.arrived[arrived:]] == ["+8613900139000", CALL.phone]


async def test_news_that_would_only_be_said_on_a_page_reach_another_number_as_well(
    hotline, sms, courier, database, keyring, clock
):
    await hotline.dispatched()  # by the widget, whose page is told of this and nobody else
    await deliver(courier)
    (notice,) = [each.id for each in await database.read(newest(None, None, 10))]
    other = keyring.cipher("tickets").encrypt_text("+8613900139000")
    assert await database.write(retry(notice, clock(), "li", phone=other, reason="女儿的，本人说的"))
    await deliver(courier)

    assert [message.phone for message in sms.carrier.arrived] == ["+8613900139000"]


async def test_who_has_proved_the_phone_on_wechat_can_be_told_there(hotline, database, keyring):
    ticket = await hotline.lifecycle.submit(AGENT, CALL)
    knows = {CALL.phone: SimpleNamespace(conversation="wechat-1", openid="o-1", followed=True)}

    async def follower_with(phone):
        return knows.get(phone)

    recipients = Recipients(database, keyring.cipher("tickets"), follower_with=follower_with)
    told = await recipients.of(Notice("key", "ticket", ticket.number, "call-1", "phone"))

    assert (told.follower.conversation, told.phone, told.conversation) == ("wechat-1", CALL.phone, None)
