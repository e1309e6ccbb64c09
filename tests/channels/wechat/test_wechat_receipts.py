import pytest

from channels.wechat.arriving.arrival import Arrival
from channels.wechat.followers import Followers
from channels.wechat.receipts import KINDS, Receipts
from simulators.wechat.account import Account
from simulators.wechat.pushing import Pusher, Server

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz0"


@pytest.fixture
def receipts(database, keyring, clock):
    return Receipts(database, Followers.open(database, keyring, clock), clock)


def event(name, **fields):
    pusher = Pusher(Account(), Server("", "token"), None)
    return Arrival.of(pusher.xml(OPENID, {"MsgType": "event", "Event": name, **fields}))


def answers(*said, time="100"):
    """How a follower answered the question for subscriptions."""
    listed = [{"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "1"} for template, status in said]
    return event("subscribe_msg_popup_event", CreateTime=time, SubscribeMsgPopupEvent={"List": listed})


async def test_a_template_message_that_arrived(receipts):
    await receipts.record(event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="success"))
    found = (await receipts.of(["200163836", "other"]))["200163836"]

    assert (found.delivered, found.reason) == (True, "")


@pytest.mark.parametrize("status", ["failed:user block", "failed: system failed", "failed:freq limit"])
async def test_a_template_message_that_did_not(receipts, status):
    await receipts.record(event("TEMPLATESENDJOBFINISH", MsgID="1", Status=status))

    assert (await receipts.of(["1"]))["1"].reason == status


async def test_a_report_that_comes_again_changes_nothing(receipts):
    for status in ("success", "failed:user block"):
        await receipts.record(event("TEMPLATESENDJOBFINISH", MsgID="1", Status=status))

    assert (await receipts.of(["1"]))["1"].delivered


@pytest.mark.parametrize("count", [1, 2])
async def test_subscription_messages_one_or_several(receipts, count):
    listed = [
        {"TemplateId": "t", "MsgID": str(number), "ErrorCode": "0" if number else "43101", "ErrorStatus": "refused"}
        for number in range(count)
    ]
    await receipts.record(event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": listed}))
    found = await receipts.of(["0", "1"])

    assert found["0"].reason == "43101 refused"
    assert len(found) == count
    assert count == 1 or found["1"].delivered


async def test_the_newest_answer_counts(receipts):
    conversation = await receipts.followers.conversation_of(OPENID)
    await receipts.record(answers(("a", "accept"), ("b", "reject"), time="100"))
    assert await receipts.allows(conversation, "a") is True
    assert await receipts.allows(conversation, "b") is False
    assert await receipts.allows(conversation, "c") is None

    await receipts.record(answers(("a", "reject"), time="200"))
    await receipts.record(answers(("a", "accept"), time="150"))
    assert await receipts.allows(conversation, "a") is False


@pytest.mark.parametrize(
    "fields",
    [{}, {"SubscribeMsgPopupEvent": "x"}, {"SubscribeMsgPopupEvent": {"List": ["x", {"TemplateId": {"a": "b"}}]}}],
)
async def test_reports_of_another_form_are_passed_over(receipts, fields):
    for kind in KINDS:
        await receipts.record(event(kind.removeprefix("event."), **fields))

    assert await receipts.of([""]) == {}


async def test_old_receipts_are_forgotten(receipts, clock):
    await receipts.record(event("TEMPLATESENDJOBFINISH", MsgID="1", Status="success"))
    clock.forward(days=2)

    assert await receipts.forget(clock()) == 1
    assert await receipts.of(["1"]) == {}
