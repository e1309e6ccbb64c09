import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.arriving.arrival import Arrival
from channels.wechat.arriving.envelope import EnvelopeRefused
from channels.wechat.arriving.replays import RedisReplays, SqlReplays
from channels.wechat.followers import Followers
from channels.wechat.rendering import Menu
from channels.wechat.sending import Sender
from channels.wechat.tables import arrivals, nonces, waiting
from channels.wechat.telling import Telling
from channels.wechat.waiting import Waiting

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz0"


class Phone:
    """Takes customer messages, or refuses them."""

    def __init__(self):
        self.messages = []
        self.fails = []
        self.record = None

    async def send_text(self, openid, text):
        assert openid == OPENID
        if self.fails:
            raise self.fails.pop(0)
        self.messages.append(text)

    async def send_menu(self, openid, menu, text):
        await self.send_text(openid, menu.head)

    async def was_sent(self, openid, text, since):
        return self.record


class Account:
    """A process's view of one conversation."""

    def __init__(self, database, keyring, clock, conversation, phone=None):
        self.followers = Followers.open(database, keyring, clock)
        cipher = keyring.cipher("wechat")
        waiting = Waiting(database, cipher, self.followers, phone is not None, clock)
        self.telling = Telling(database, cipher, self.followers, waiting, clock)
        self.sender = phone and Sender(phone, self.followers, waiting)
        self.conversation = conversation
        self.clock = clock

    def message(self, number, **fields):
        sent = str(int(self.clock().timestamp()))
        common = {"ToUserName": "gh", "FromUserName": OPENID, "CreateTime": sent}
        return Arrival.from_fields(common | {"MsgType": "text", "MsgId": str(number)} | fields)

    async def answer(self, arrival, *texts):
        return (await self.telling.answer(arrival, self.conversation, texts)).text

    async def postpone(self, arrival):
        return (await self.telling.postpone(arrival, self.conversation)).text

    async def follow(self, arrival, *texts, menu=None):
        told = await self.telling.follow(arrival, self.conversation, texts, menu)
        await self.send()
        return told.more

    async def send(self):
        return await self.sender.send(self.conversation) if self.sender else 0


@pytest.fixture
def phone():
    return Phone()


@pytest_asyncio.fixture
async def account(database, keyring, clock, phone):
    conversation = await Followers.open(database, keyring, clock).conversation_of(OPENID)
    return Account(database, keyring, clock, conversation, phone)


@pytest_asyncio.fixture
async def mute(database, keyring, clock):
    """An account that may not send by itself."""
    conversation = await Followers.open(database, keyring, clock).conversation_of(OPENID)
    return Account(database, keyring, clock, conversation)


async def test_every_retry_gets_the_same_answer(account):
    message = account.message(1)

    assert await account.answer(message, "答") == "答"
    assert await account.answer(message, "别的") == "答"


async def test_a_postponed_answer_goes_out_once(account, phone):
    message = account.message(1)

    assert await account.postpone(message) == ""
    assert await account.follow(message, "答")
    assert not await account.follow(message, "答")
    assert phone.messages == ["答"]
    assert await account.answer(message, "答") == ""  # a late retry hears nothing twice


async def test_a_retry_that_can_be_answered_spares_the_message(account, phone):
    message = account.message(1)
    await account.postpone(message)

    assert await account.answer(message, "答") == "答"
    assert not await account.follow(message, "答")
    assert phone.messages == []


async def test_a_delivery_that_came_before_success_was_said_to_another_hears_nothing(account, phone, clock):
    message, came = account.message(1), clock()
    clock.forward(seconds=4)
    await account.postpone(message)  # said to the first of two that came together: WeChat has its reply

    assert (await account.telling.answer(message, account.conversation, ["答"], came)).text == ""
    await account.send()
    assert phone.messages == ["答"]


async def test_whatever_the_order_an_answer_is_told_once(account, phone):
    for number in range(8):
        message = account.message(number)
        await account.postpone(message)
        passive, followed = await asyncio.gather(
            account.answer(message, f"{number}"), account.follow(message, f"{number}")
        )
        assert bool(passive) is not followed
        assert phone.messages.count(str(number)) == followed


async def test_what_is_too_long_follows_by_itself(account, phone):
    long = ["一" * 600, "二" * 600, "三" * 600]

    assert await account.answer(account.message(1), *long) == long[0]
    await account.send()
    assert phone.messages == long[1:]


async def test_what_cannot_be_sent_comes_with_the_next_answer(account, phone):
    phone.fails = [SendRefused("wechat", "45047", "次数用完", Remedy.ANOTHER_WAY)]
    first = account.message(1)
    await account.postpone(first)
    await account.follow(first, "第一句的答复")
    second = account.message(2)
    assert await account.telling.waiting.has_kept(account.conversation)

    expected = "刚才没来得及发给您的：\n第一句的答复\n\n第二句的答复"
    assert await account.answer(second, "第二句的答复") == expected
    assert await account.answer(second, "第二句的答复") == expected
    assert await account.answer(account.message(3), "第三句的答复") == "第三句的答复"
    assert not await account.telling.waiting.has_kept(account.conversation)


async def test_when_wechat_allows_no_more_the_rest_waits(account, phone):
    message = account.message(1)
    await account.answer(message, *(str(number) * 1500 for number in range(8)))
    await account.send()

    assert [text[0] for text in phone.messages] == list("12345")
    assert await account.answer(account.message(2), "新答复") == "新答复\n\n刚才没来得及发给您的：\n" + "6" * 1500
    await account.send()
    assert [text[0] for text in phone.messages] == list("123457")


async def cut_off(account, phone, clock):
    phone.fails = [SendUnknown("wechat", "没有回音")]
    first = account.message(1)
    await account.postpone(first)
    await account.follow(first, "答复")
    await account.sender.settle()
    assert await account.telling.waiting.take(account.conversation) is None  # it may still be on its way
    clock.forward(seconds=61)
    await account.sender.settle()


@pytest.mark.parametrize(("record", "messages"), [(True, []), (False, ["答复"])])
async def test_a_lost_answer_is_settled_by_wechats_own_record(account, phone, clock, record, messages):
    phone.record = record
    await cut_off(account, phone, clock)
    await account.send()

    assert phone.messages == messages
    assert await account.answer(account.message(2), "新答复") == "新答复"


async def test_two_processes_that_settle_send_it_once(account, phone, clock):
    phone.record = False
    await cut_off(account, phone, clock)
    [stuck] = [await account.telling.waiting.take(account.conversation)]
    clock.forward(seconds=61)
    [seen_here], [seen_there] = await account.telling.waiting.stuck(), await account.telling.waiting.stuck()
    await account.telling.waiting.again(seen_here)
    await account.send()
    await account.telling.waiting.again(seen_there)
    await account.telling.waiting.sent(stuck)
    await account.send()

    assert phone.messages == ["答复"]


async def test_what_became_of_a_menu_no_record_tells(account, phone, clock):
    phone.record = False  # menus do not stand there as they were sent
    phone.fails = [SendUnknown("wechat", "没有回音")]
    first = account.message(1)
    await account.postpone(first)
    await account.follow(first, "答复\n1. 费用", menu=Menu("答复", (("/facet", "费用"),)))
    clock.forward(seconds=61)
    await account.sender.settle()

    assert await account.answer(account.message(2), "新") == "这条您可能已经收到了：\n答复\n1. 费用\n\n新"


async def test_where_there_is_no_record_it_is_told_again_and_said_to_be(account, phone, clock):
    await cut_off(account, phone, clock)

    assert await account.answer(account.message(2), "新答复") == "这条您可能已经收到了：\n答复\n\n新答复"


async def test_wechats_own_trouble_passes(account, phone, clock):
    phone.fails = [SendRefused("wechat", "-1", "系统繁忙", Remedy.RETRY)]
    message = account.message(1)
    await account.postpone(message)
    await account.follow(message, "答复")
    assert phone.messages == []
    assert await account.telling.waiting.ready() == []

    clock.forward(seconds=31)
    assert await account.telling.waiting.ready() == [account.conversation]
    await account.send()
    assert phone.messages == ["答复"]


async def test_a_process_that_died_is_made_good(account, phone, clock, database):
    message = account.message(1, Content="你好")
    await account.postpone(message)
    assert await account.telling.abandoned() == []

    clock.forward(seconds=61)
    assert await account.telling.abandoned() == [message]
    assert await account.telling.abandoned() == []  # somebody is at it
    await account.follow(message, "答复")
    clock.forward(minutes=5)
    assert await account.telling.abandoned() == []
    assert phone.messages == ["答复"]


async def test_what_was_half_sent_when_a_process_died_is_doubtful(account, clock):
    message = account.message(1)
    await account.postpone(message)
    await account.telling.follow(message, account.conversation, ["一", "二" * 900])
    assert (await account.telling.waiting.take(account.conversation)).text == "一"
    assert await account.telling.waiting.take(account.conversation) is None  # the first is on its way

    clock.forward(seconds=61)
    text = await account.answer(account.message(2), "新")
    assert text == "新\n\n这条您可能已经收到了：\n一"


async def test_without_a_way_to_send_the_rest_is_asked_for(mute):
    first = await mute.answer(mute.message(1), "一" * 600, "二" * 600)

    assert first.endswith("……回复“继续”接着看")
    assert await mute.answer(mute.message(2)) == "二" * 600
    assert await mute.answer(mute.message(3)) == ""


async def test_processes_that_send_at_once_send_each_text_once_and_in_order(account, phone, database, keyring, clock):
    other = Account(database, keyring, clock, account.conversation, phone)
    await account.answer(account.message(1), *(str(number) * 1500 for number in range(5)))
    for _ in range(4):
        await asyncio.gather(account.send(), other.send())

    assert [text[0] for text in phone.messages] == list("1234")


async def test_old_answers_are_forgotten(account, database, clock):
    await account.answer(account.message(1), "一" * 600, "二" * 600)
    clock.forward(days=2)
    await account.answer(account.message(2), "答")
    at = clock()
    await database.write(lambda c: account.telling.forget_within(c, at - timedelta(days=1), at - timedelta(days=30)))

    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(arrivals))) == 1
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(waiting))) == 0


@pytest_asyncio.fixture(params=["sql", "redis"])
async def replays(request, database, clock):
    if request.param == "sql":
        yield SqlReplays(database, clock)
        return
    from redis.asyncio import Redis

    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    await redis.flushall()
    yield RedisReplays(redis)
    await redis.aclose()


async def test_a_signature_serves_for_one_message(replays):
    await replays.check("1.abc", "message-1")
    await replays.check("1.abc", "message-1")
    await replays.check("1.abd", "message-2")
    with pytest.raises(EnvelopeRefused):
        await replays.check("1.abc", "message-2")


async def test_of_messages_with_one_signature_at_the_same_moment_one_passes(replays):
    came = await asyncio.gather(*(replays.check("2.x", f"m{number}") for number in range(8)), return_exceptions=True)

    assert [each for each in came if each is None] == [None]


async def test_old_signatures_are_forgotten(database, clock):
    replays = SqlReplays(database, clock)
    await replays.check("1.abc", "message-1")
    clock.forward(minutes=9)
    assert await replays.forget() == 0
    clock.forward(minutes=2)
    assert await replays.forget() == 1
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(nonces))) == 0
