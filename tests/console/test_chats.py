"""The page of conversations with persons, without a script: what it answers to whom."""

import json

import pytest
from handover_office import ENTRY

from bot.transcript import Sender
from handover import queue
from handover.talk import Why
from service.identity.roles import Role

PHONE = "13800138000"


@pytest.fixture
def waits(console):
    """A citizen waits."""
    office = console.office

    async def wait(conversation="c-1", *texts):
        transcript = office.chat_desk.assistant.transcript
        said = [(Sender.CITIZEN, {"text": text}) for text in texts]

        def put(connection):
            if said:
                transcript.append(connection, conversation, "t-1", office.clock(), said)
            return queue.put_within(connection, conversation, "widget", Why.ASKED, office.clock())

        return await office.database.write(put)

    return wait


@pytest.fixture
async def agent(console):
    signed_in = await console.staff("agent", Role.AGENT)
    await signed_in.post("/console/chats/duty", on="yes")
    return signed_in


async def news_of(agent, path, count):
    """The first events of a stream."""
    events, event = [], ""
    async with agent.session.get(f"{agent.address}/console/chats/news?{path}") as stream:
        async for line in stream.content:
            name, _, value = line.decode().strip().partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                events.append((event, json.loads(value)))
                if len(events) == count:
                    return events
    return events


async def test_the_stream_tells_the_board_then_the_talk(agent, waits):
    number = await waits("c-1", "路灯坏了")
    await agent.post(f"/console/chats/{number}/take")
    events = await news_of(agent, f"talk={number}&after=0", 4)

    assert [name for name, _ in events] == ["board", "message", "message", "talk"]
    assert events[0][1]["me"] == {"name": "话务员 1 号", "on_duty": True}
    assert next(told["text"] for name, told in events if name == "message") == "路灯坏了"
    assert events[3][1]["talk"]["state"] == "taken"


async def test_what_is_said_and_sent_reaches_the_transcript(agent, waits, console):
    number = await waits()
    await agent.post(f"/console/chats/{number}/take")
    await agent.post(f"/console/chats/{number}/say", message="m-1", text="您好")
    await agent.post(f"/console/chats/{number}/entry", message="m-2", slug=ENTRY.slug, facet="materials")
    history = await console.office.chat_desk.assistant.transcript.history("c-1")

    assert [m.body["text"] for m in history if m.sender is Sender.AGENT] == ["您好", "户口簿"]


async def test_a_refusal_comes_back_in_words(agent, waits, console):
    number = await waits()
    await agent.post(f"/console/chats/{number}/take")
    colleague = await console.staff("colleague", Role.AGENT)
    await colleague.post("/console/chats/duty", on="yes")
    refused = await colleague.post(f"/console/chats/{number}/say", message="m-1", text="您好")

    assert refused.status == 409
    assert "不在您手上" in json.loads(refused.text)["error"]


async def test_a_ticket_is_registered_once_its_fields_are_right(agent, waits, console):
    number = await waits("c-1", "幸福路12号的路灯坏了一个月", PHONE)
    await agent.post(f"/console/chats/{number}/take")
    draft = json.loads((await agent.get(f"/console/chats/{number}/draft")).text)
    assert (draft["description"], draft["phone"]) == ("幸福路12号的路灯坏了一个月", PHONE)

    wrong = await agent.post(f"/console/chats/{number}/ticket", **(draft | {"phone": "1"}))
    assert (wrong.status, list(json.loads(wrong.text)["errors"])) == (422, ["phone"])
    made = [json.loads((await agent.post(f"/console/chats/{number}/ticket", **draft)).text) for _ in range(2)]
    assert made[0] == made[1]
    tickets = await console.office.desk.of_conversation("c-1")
    assert [ticket.number for ticket in tickets] == [made[0]["number"]]


async def test_a_supervisor_reads_and_puts_back_and_does_not_talk(agent, waits, console):
    number = await waits("c-1", PHONE)
    await agent.post(f"/console/chats/{number}/take")
    supervisor = await console.staff("supervisor", Role.SUPERVISOR)
    events = await news_of(supervisor, f"talk={number}&after=0", 2)
    assert events[1][1]["text"] == "138****8000"
    assert (await supervisor.post(f"/console/chats/{number}/say", message="m", text="您好")).status == 403
    assert (await supervisor.post(f"/console/chats/{number}/release")).status == 200

    board = (await news_of(supervisor, "after=0", 1))[0][1]
    assert [talk["id"] for talk in board["waiting"]] == [number]


async def test_the_rail_counts_who_waits(agent, waits):
    await waits("c-1")
    await waits("c-2")

    assert json.loads((await agent.get("/console/counts")).text)["counts"]["chats_waiting"] == 2


async def test_what_is_not_there_is_not_there(agent):
    for path in ("/console/chats/999999/draft", "/console/chats/nothing/draft", "/console/chats/news?after=x"):
        assert (await agent.get(path)).status in (404, 409)


async def test_phrases_are_kept_and_given_back_when_they_are_taken_away(agent, console):
    await agent.post("/console/chats/phrases", text="我马上帮您看")
    refused = await agent.post("/console/chats/phrases", text="您好", **{"for": "hotline"})
    (kept,) = json.loads((await agent.get("/console/chats/phrases")).text)["phrases"]
    gone = json.loads((await agent.post(f"/console/chats/phrases/{kept['id']}/remove")).text)["gone"]

    assert (refused.status, "值班负责人" in json.loads(refused.text)["error"]) == (409, True)
    assert kept["text"] == gone["text"] == "我马上帮您看"
    assert json.loads((await agent.get("/console/chats/phrases")).text)["phrases"] == []
