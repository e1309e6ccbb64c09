"""What happens on the way to a person and beside one, through the whole assistant."""

import pytest
import pytest_asyncio
from handover_office import desk_of
from hotline import AGENT

from handover import queue
from handover.asking import standing_within
from handover.queue import end_within, open_within
from handover.talk import Ending, State, Why


@pytest_asyncio.fixture
async def desk(parts):
    """The desk with one agent on duty; nobody is left waiting afterwards."""
    opened = desk_of(parts)
    await opened.come(AGENT)
    yield opened
    await opened.leave(AGENT)
    await parts.database.write(end_all)


def end_all(connection):
    for talk in queue.open_all_within(connection):
        end_within(connection, talk, Ending.AGENT, talk.asked_at, "test")


async def talk_of(parts, citizen):
    return await parts.database.read(lambda connection: open_within(connection, citizen.id))


async def taken(parts, citizen, desk):
    await citizen.say("转人工")
    talk = await talk_of(parts, citizen)
    await desk.take(AGENT, talk.id)
    return talk.id


async def test_asking_joins_the_queue_and_tells_where_one_stands(citizen, another_citizen, parts, desk):
    await another_citizen.say("转人工")
    await citizen.say("我要找人工客服")

    assert citizen.kinds == ["handover"]
    assert "前面还有 1 位" in citizen.text
    standing = await parts.database.read(lambda connection: standing_within(connection, citizen.id))
    assert (standing.state, standing.ahead) == (State.WAITING, 1)


async def test_where_nobody_is_there_the_citizen_hears_it_at_once(citizen, parts):
    await citizen.say("转人工")

    assert "现在没有人工在线" in citizen.text
    assert [button["title"] for button in citizen.replies[0]["buttons"]] == ["拨打12345", "帮我登记"]
    assert await talk_of(parts, citizen) is None
    await citizen.say("好的")
    assert citizen.kinds == ["prompt"]  # the form that was offered


async def test_why_a_person_is_wanted_is_kept(citizen, another_citizen, parts, desk):
    await citizen.say("怎么申请在阳台上架设业余无线电天线")
    await citizen.click("转人工")
    assert (await talk_of(parts, citizen)).why is Why.FAILED_ANSWERS
    await another_citizen.say("我家着火了")
    await another_citizen.say("转人工")
    urgent = await talk_of(parts, another_citizen)
    assert urgent.why is Why.EMERGENCY
    assert urgent.urgent


async def test_what_is_typed_while_waiting_is_kept_and_acknowledged_once(citizen, parts, desk):
    await citizen.say("转人工")
    await citizen.say("我家楼下的路灯坏了一个月")
    assert "记下了" in citizen.text
    await citizen.say("幸福路12号")

    assert citizen.replies == []
    said = [message.body["text"] for message in await parts.transcript.history(citizen.id)]
    assert said[-1] == "幸福路12号"


async def test_while_waiting_the_assistant_still_looks_up_what_is_clicked(citizen, desk):
    await citizen.say("身份证过期了在外地能换吗")
    asked = citizen.replies
    await citizen.say("转人工")
    citizen.replies = asked
    await citizen.click("材料")

    assert citizen.kinds == ["answer"]


async def test_who_waits_can_fill_in_a_ticket_meanwhile(citizen, parts, desk):
    await citizen.say("转人工")
    await citizen.send("/request_help")
    await citizen.say("阳光小区3号楼的电梯坏了半个月没人修")

    assert citizen.kinds == ["prompt"]
    assert await talk_of(parts, citizen) is not None


@pytest.mark.parametrize("words", ["不等了", "取消排队", "不用人工了"])
async def test_words_leave_the_queue(citizen, parts, desk, words):
    await citizen.say("转人工")
    await citizen.say(words)

    assert "不等了" in citizen.text
    assert await talk_of(parts, citizen) is None


async def test_beside_a_person_the_assistant_is_silent(citizen, parts, desk):
    number = await taken(parts, citizen, desk)
    await desk.say(AGENT, number, "m-1", "请问是哪里的路灯？")
    for words in ("身份证过期了在外地能换吗", "不用了", "转人工", "你好"):
        await citizen.say(words)
        assert citizen.replies == [], words

    assert (await talk_of(parts, citizen)).awaits_answer


async def test_danger_is_heard_beside_a_person_and_goes_before_everything(citizen, parts, desk):
    await citizen.say("转人工")
    await citizen.say("着火了救命")

    assert citizen.kinds == ["emergency"]
    assert "119" in citizen.text
    assert (await talk_of(parts, citizen)).urgent


async def test_after_the_person_the_assistant_answers_again(citizen, parts, desk):
    number = await taken(parts, citizen, desk)
    await desk.end(AGENT, number)
    await citizen.say("好的")
    assert citizen.kinds == ["notice"]
    await citizen.say("身份证过期了在外地能换吗")

    assert citizen.kinds == ["answer"]


async def test_the_citizen_ends_the_talk(citizen, parts, desk):
    await taken(parts, citizen, desk)
    await citizen.say("结束人工")

    assert "人工服务结束了" in citizen.text
    assert await talk_of(parts, citizen) is None


async def test_a_message_sent_twice_is_heard_once(citizen, parts, desk):
    from bot.assistant import Incoming

    await taken(parts, citizen, desk)
    for _ in range(2):
        await parts.assistant.turn(Incoming(citizen.id, "widget", "same", text="路灯坏了"))
    said = [message.body["text"] for message in await parts.transcript.history(citizen.id)]

    assert said.count("路灯坏了") == 1


async def test_words_reach_the_person_also_when_nothing_understands_them(citizen, parts, desk, monkeypatch):
    await taken(parts, citizen, desk)
    monkeypatch.setattr(parts.assistant, "_loaded", None)
    await citizen.say("路灯坏了")

    assert [message.body["text"] for message in await parts.transcript.history(citizen.id)][-1] == "路灯坏了"


async def test_a_failed_turn_asks_for_nobody(citizen, parts, desk, monkeypatch):
    from actions import conversation

    def broken(*_args):
        raise RuntimeError

    monkeypatch.setattr(conversation, "asked", broken)
    await citizen.say("转人工")

    assert "没能答上来" in citizen.text
    assert await talk_of(parts, citizen) is None
