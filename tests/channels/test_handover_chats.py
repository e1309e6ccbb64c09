"""What agents and supervisors see of hand-overs."""

import pytest
import pytest_asyncio
from handover_office import COLLEAGUE
from hotline import AGENT, DISPATCHER, SUPERVISOR

from bot.transcript import Sender
from channels.handover.chats import Chats
from channels.handover.draft import draft_of
from handover.talk import HandoverRefused


@pytest_asyncio.fixture
async def chats(handovers):
    desk = handovers.desk
    return Chats(desk.database, desk.assistant.transcript, desk.knowledge, desk.settings, handovers.clock)


@pytest.fixture
def says(handovers):
    """A citizen says something, without anybody answering."""

    async def say(*texts, conversation="c-1", **more):
        transcript = handovers.desk.assistant.transcript
        said = [(Sender.CITIZEN, {"text": text} | more) for text in texts]
        await handovers.desk.database.write(
            lambda connection: transcript.append(connection, conversation, texts[0], handovers.clock(), said)
        )

    return say


async def test_the_board_shows_who_waits_longest_with_clocks_and_last_words(handovers, chats, says):
    await says("你好", "我的电话13800138000")
    await handovers.waits()
    await handovers.after(minutes=2)
    await handovers.waits("c-2", channel="wechat")
    await handovers.after(minutes=2)
    board = await chats.board(AGENT)

    shown = [(talk["channel"], talk["waited_seconds"], talk["late"], talk["words"]) for talk in board["waiting"]]
    assert shown == [("网页", 240, True, "我的电话138****8000"), ("微信", 120, False, "")]
    assert board["me"] == {"name": "话务员 1 号", "on_duty": True}
    assert board["colleagues"] == [{"username": "colleague", "name": "话务员 2 号", "busy": 0}]


async def test_mine_and_those_of_others_are_told_apart(handovers, chats):
    mine, other = await handovers.talks(), await handovers.waits("c-2")
    await handovers.desk.take(COLLEAGUE, other)
    board = await chats.board(AGENT)
    assert [talk["id"] for talk in board["mine"]] == [mine]
    assert board["others"] == []
    assert board["colleagues"][0]["busy"] == 1

    board = await chats.board(SUPERVISOR)
    assert {talk["id"] for talk in board["others"]} == {mine, other}
    await handovers.desk.end(AGENT, mine)
    assert [talk["ending"] for talk in (await chats.board(AGENT))["mine"]] == ["话务员结束"]


async def test_only_the_agent_who_talks_reads_personal_data(handovers, chats, says):
    number = await handovers.talks()
    await says("我的电话13800138000")

    async def words(actor):
        return (await chats.talk(actor, number))["messages"][-1]["text"]

    assert await words(AGENT) == "我的电话13800138000"
    assert await words(SUPERVISOR) == "我的电话138****8000"
    for stranger in (COLLEAGUE, DISPATCHER):
        with pytest.raises(HandoverRefused):
            await words(stranger)
    await handovers.desk.end(AGENT, number)
    assert await words(AGENT) != "我的电话13800138000"


async def test_what_came_after_a_message_is_given_with_who_said_it(handovers, chats, says):
    number = await handovers.talks()
    last = (await chats.talk(AGENT, number))["messages"][-1]["id"]
    await handovers.desk.send_entry(AGENT, number, "m-1", "id-card")
    await says("材料", clicked=True)
    talk = await chats.talk(AGENT, number, last)

    shown = [(m["from"], m["who"], m["kind"], m["entry"]) for m in talk["messages"]]
    assert shown == [
        ("agent", "话务员 1 号", "answer", "身份证丢了怎么办"),
        ("citizen", None, "clicked", None),
    ]
    assert [step["deed"] for step in talk["steps"]] == ["要求人工", "接入", "第一次答复", "发送条目"]


async def test_only_what_can_be_sent_is_found(chats):
    found = await chats.entries(AGENT, "身份证丢了")

    assert [(entry["slug"], entry["facets"]) for entry in found] == [
        ("id-card", [{"name": "materials", "title": "材料", "text": "户口簿"}])
    ]
    assert await chats.entries(AGENT, "  ") == []


async def test_a_draft_has_the_story_place_name_and_phone(handovers, says):
    number = await handovers.waits()
    await says("你好", "幸福路12号楼下的路灯坏了一个月没人修")
    await says("帮我登记", clicked=True)
    await says("我叫王小明", "电话是13800138000", "晚上回家很不方便，打 13800138000 找我")
    await handovers.desk.take(AGENT, number)
    draft = await handovers.desk.draft(AGENT, number)

    assert draft.description == "幸福路12号楼下的路灯坏了一个月没人修\n晚上回家很不方便，打 13800138000 找我"
    assert draft.place.startswith("幸福路12号")
    assert (draft.name, draft.phone) == ("王小明", "+8613800138000")


async def test_a_draft_of_nothing_is_empty(handovers):
    talk = await handovers.of(await handovers.waits())
    draft = draft_of(talk, [], "d-1")

    assert (draft.description, draft.place, draft.name, draft.phone) == ("", "", "", None)
