"""A request that came by WeChat: as a chat while WeChat allows it, by template when not, by SMS when both fail."""

from dataclasses import replace

import pytest
import pytest_asyncio
from hotline import AGENT, DISPATCHER, DRAFT, REPLY, clerk_of
from sqlalchemy import select

from channels.delivery.attempts import attempts
from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladders
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipients
from channels.delivery.rungs.sms import SmsRung
from channels.delivery.rungs.wechat_message import WechatMessageRung
from channels.delivery.rungs.wechat_template import WechatTemplateRung
from channels.delivery.wording import NoticeWording
from channels.wechat.arriving.arrival import Arrival
from channels.wechat.followers import Followers
from channels.wechat.receipts import Receipts as WechatReceipts
from channels.wechat.rendering import as_menu, as_texts
from simulators.wechat.account import Via
from simulators.wechat.pushing import Pusher, Server
from tickets.moves import Verb


class Conversation:
    """Stands for the transcript, which is the page's business."""

    async def say(self, conversation, parcel):
        """Keep nothing."""


@pytest.fixture
def followers(database, keyring, clock):
    return Followers.open(database, keyring, clock)


@pytest_asyncio.fixture
async def conversation(followers, wechat, database, clock):
    """Where the follower has just written."""
    name = await followers.followed(wechat.openid, clock())
    await database.write(lambda connection: followers.wrote_within(connection, name, clock()))
    return name


@pytest.fixture
def reports(database, followers, clock):
    return WechatReceipts(database, followers, clock)


@pytest_asyncio.fixture
async def courier(wechat, sms, database, keyring, clock, followers, reports):
    async with wechat.client(database, keyring) as client:
        rungs = {
            "wechat_message": WechatMessageRung(
                client, followers.take_message, as_texts, Conversation(), lambda reply: as_menu([reply])
            ),
            "wechat_template": WechatTemplateRung(client, reports.of, "https://12345.example", clock),
            "sms": SmsRung(sms.desk),
        }
        recipients = Recipients(database, keyring.cipher("tickets"), follower_of=followers.of_conversation)
        yield Courier(database, rungs, Ladders.load(), NoticeWording(None, keyring), recipients, clock)


async def deliver(courier):
    while True:
        holder, ids = await courier.claim()
        if not ids:
            return
        await courier.carry(holder, ids)


async def led_to_its_answer(hotline, conversation):
    ticket = await hotline.lifecycle.submit(AGENT, replace(DRAFT, channel="wechat", conversation=conversation))
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg")
    await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)
    await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=REPLY)
    return await hotline.do(AGENT, ticket, Verb.APPROVE)


async def test_what_wechat_allows_no_longer_as_a_chat_comes_as_a_template(
    hotline, wechat, courier, conversation, followers, sms
):
    for _ in range(3):
        await followers.take_message(conversation)
    await led_to_its_answer(hotline, conversation)
    await deliver(courier)

    arrived = wechat.account.arrived_at(wechat.openid)
    assert [each.via for each in arrived] == [Via.CUSTOM, Via.CUSTOM, Via.TEMPLATE, Via.TEMPLATE]
    assert "登记" in wechat.texts_by_chat[0]
    assert REPLY not in str(arrived[3].body)
    assert sms.phones == []


async def test_an_answer_the_follower_has_blocked_comes_by_sms(
    hotline, wechat, courier, conversation, reports, sms, database, clock
):
    clock.forward(days=3)  # they wrote too long ago for a chat
    ticket = await led_to_its_answer(hotline, conversation)
    await deliver(courier)
    assert sms.phones == []

    pusher = Pusher(wechat.account, Server("", "token"), None)
    for message in await database.read(lambda connection: connection.scalars(select(attempts.c.provider_id)).all()):
        event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": message, "Status": "failed:user block"}
        await reports.record(Arrival.of(pusher.xml(wechat.openid, event)))
    clock.forward(minutes=1)
    await Receipts(database, courier.rungs, clock).look()
    await deliver(courier)
    (told,) = sms.phones  # the answer; where a request has come to is no matter for an SMS
    assert ticket.number in told
    assert "问题解决了吗" in told
