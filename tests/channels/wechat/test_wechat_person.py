"""A person instead of the assistant, by WeChat: what the agent says comes as customer messages, each once."""

import asyncio
from dataclasses import replace

import pytest
from handover_office import desk_of
from hotline import AGENT
from pushed_wechat import Via, platform, shown
from test_wechat_webhook import Client

from handover.queue import handover_within, open_all_within
from simulators.wechat.account import Account


async def arrived(account, openid, count):
    """What came by customer message, once there is so much."""
    async with asyncio.timeout(60):
        while len(said := shown(account, openid, Via.CUSTOM)) < count:
            await asyncio.sleep(0.1)
    return said


@pytest.fixture
async def talking(parts):
    """A follower with a person; the platform, the follower and the agent's side."""
    account = Account()
    parts = replace(parts, wechat=Client(account))
    desk = desk_of(parts)
    await desk.come(AGENT)
    async with platform(parts, account) as wechat:
        person = wechat.account.follow().openid
        queued = await wechat.say(person, "转人工")
        assert "您是下一位" in queued.text
        (talk,) = await parts.database.read(open_all_within)
        await desk.take(AGENT, talk.id)
        yield wechat, person, desk, talk.id
    await desk.leave(AGENT)


async def test_a_talk_by_wechat(talking):
    wechat, person, desk, number = talking
    told = await arrived(wechat.account, person, 1)
    assert "来了，您前面说的话都能看到" in told[0]
    heard = await wechat.say(person, "路灯坏了一个月")
    assert (heard.understood, heard.text) == (True, "")

    await desk.say(AGENT, number, "m-1", "您好，在哪条路？")
    told = await arrived(wechat.account, person, 2)
    assert told[1].endswith("：您好，在哪条路？")
    ended = await wechat.say(person, "结束人工")
    assert "人工服务结束了" in ended.text
    talk = await desk.database.read(lambda connection: handover_within(connection, number))
    history = await desk.assistant.transcript.history(talk.conversation)
    assert [message.body["text"] for message in history if message.sender == "agent"] == ["您好，在哪条路？"]


async def test_long_words_of_an_agent_arrive_whole_and_in_order(talking):
    wechat, person, desk, number = talking
    await wechat.say(person, "路灯坏了一个月")
    words = "".join(f"第{each}步，带上身份证原件到窗口办理。" for each in range(50))
    await desk.say(AGENT, number, "m-1", words)
    told = await arrived(wechat.account, person, 3)

    assert "".join(told[1:]).partition("：")[2] == words
    await desk.end(AGENT, number)
