"""What agents do, and what waiting citizens hear, on both databases."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from handover_office import COLLEAGUE, ENTRY
from hotline import AGENT, DISPATCHER, SUPERVISOR
from sqlalchemy import select

from bot.assistant import Assistant
from bot.locks import LocalLocks
from bot.sessions import SqlSessions
from bot.transcript import Sender
from channels.handover.watch import HandoverWatch
from handover.due import LATE
from handover.presence import GONE_AFTER
from handover.talk import Deed, Ending, HandoverRefused, State
from service.inbox import unread
from service.outbox import outbox
from tickets.ticket import Draft, Kind

_WATCH_PARTS = ("database", "assistant", "arrivals", "cipher", "settings", "clock")


async def test_a_whole_talk(handovers):
    number = await handovers.talks()
    said = await handovers.desk.say(AGENT, number, "m-1", "您好，\x00我帮您查一下")
    again = await handovers.desk.say(AGENT, number, "m-1", "您好，我帮您查一下")
    await handovers.desk.send_entry(AGENT, number, "m-2", "id-card")
    await handovers.desk.end(AGENT, number)

    assert said == again
    assert said.body["agent"] == "话务员 1 号"
    assert await handovers.heard() == [
        (Sender.ASSISTANT, "话务员 1 号来了，您前面说的话都能看到，接着说就行。"),
        (Sender.AGENT, "您好，我帮您查一下"),
        (Sender.AGENT, ENTRY.answer),
        (Sender.ASSISTANT, "话务员 1 号结束了这次人工服务。还有别的事随时问我。"),
    ]
    assert await handovers.deeds(number) == [Deed.ASK, Deed.TAKE, Deed.ANSWER, Deed.ENTRY, Deed.END]
    ended = await handovers.of(number)
    assert (ended.state, ended.ending) == (State.ENDED, Ending.AGENT)


async def test_of_two_agents_who_take_at_once_one_is_told_it_is_gone(handovers):
    number = await handovers.waits()
    takes = (handovers.desk.take(agent, number) for agent in (AGENT, COLLEAGUE))
    outcomes = await asyncio.gather(*takes, return_exceptions=True)

    assert sorted(type(each) for each in outcomes if each) == [HandoverRefused]
    assert len(await handovers.heard()) == 1


async def test_only_the_agent_who_has_it_can_speak_in_it(handovers):
    number = await handovers.talks()
    for actor in (COLLEAGUE, DISPATCHER):
        with pytest.raises(HandoverRefused):
            await handovers.desk.say(actor, number, "m-1", "您好")
    await handovers.desk.transfer(AGENT, number, "colleague")
    with pytest.raises(HandoverRefused, match="不在您手上"):
        await handovers.desk.say(AGENT, number, "m-2", "您好")
    await handovers.desk.say(COLLEAGUE, number, "m-3", "您好")

    assert "接下来由话务员 2 号帮您" in (await handovers.heard())[1][1]


@pytest.mark.parametrize(("text", "why"), [(" \n", "写点内容"), ("字" * 1001, "最多 1000 个字")])
async def test_an_agent_says_something_and_not_too_much(handovers, text, why):
    number = await handovers.talks()
    with pytest.raises(HandoverRefused, match=why):
        await handovers.desk.say(AGENT, number, "m-1", text)


async def test_nobody_gets_a_colleague_who_is_not_there(handovers):
    number = await handovers.talks()
    await handovers.desk.leave(COLLEAGUE)
    with pytest.raises(HandoverRefused, match="不在线"):
        await handovers.desk.transfer(AGENT, number, "colleague")
    with pytest.raises(HandoverRefused, match="上线"):
        await handovers.desk.take(COLLEAGUE, await handovers.waits("c-2"))


async def test_a_supervisor_can_put_a_talk_back_into_the_queue(handovers):
    number = await handovers.talks()
    with pytest.raises(HandoverRefused):
        await handovers.desk.release(COLLEAGUE, number)
    await handovers.desk.release(SUPERVISOR, number)

    assert (await handovers.of(number)).state is State.WAITING
    assert "马上换一位" in (await handovers.heard())[-1][1]


async def test_who_waits_hears_kind_words_then_an_apology_and_supervisors_know(handovers):
    number = await handovers.waits()
    await handovers.after(seconds=59)
    assert await handovers.heard() == []
    await handovers.after(seconds=1)
    await handovers.after(seconds=1)
    assert [text[:6] for _, text in await handovers.heard()] == ["还在帮您接人"]
    await handovers.after(minutes=2)
    await handovers.after(seconds=1)

    assert [text[:5] for _, text in await handovers.heard()] == ["还在帮您接", "对不起，让"]
    lines = await handovers.desk.database.read(unread(SUPERVISOR))
    assert [(line.kind, line.subject) for line in lines] == [(LATE, str(number))]


async def test_several_processes_watch_and_each_thing_is_said_once(handovers):
    await handovers.waits()
    handovers.clock.forward(seconds=61)
    others = [replace(handovers.watch, assistant=handovers.watch.assistant) for _ in range(3)]

    assert sum(await asyncio.gather(*(watch.run() for watch in (handovers.watch, *others)))) == 1
    assert len(await handovers.heard()) == 1


async def test_when_the_last_agent_leaves_those_who_wait_are_told_at_once(handovers):
    number = await handovers.waits()
    for agent in (AGENT, COLLEAGUE):
        await handovers.desk.leave(agent)
    await handovers.watch.run()

    assert (await handovers.of(number)).ending is Ending.NOBODY
    assert "接不上了" in (await handovers.heard())[0][1]


async def test_who_is_being_talked_with_stays_when_the_agent_takes_no_one_new(handovers):
    number = await handovers.talks()
    await handovers.desk.leave(AGENT)
    await handovers.after(seconds=30)

    assert (await handovers.of(number)).agent == AGENT.name


async def test_an_agent_whose_page_is_gone_loses_the_talk_to_the_queue(handovers):
    number = await handovers.talks()
    handovers.clock.forward(seconds=GONE_AFTER.seconds)
    await handovers.desk.give_sign(COLLEAGUE)
    await handovers.watch.run()
    await handovers.desk.take(COLLEAGUE, number)

    assert (await handovers.of(number)).agent == "colleague"
    assert [text[:7] for _, text in await handovers.heard()] == ["话务员 1 号", "刚才和您说话的", "话务员 2 号"]


async def test_a_service_that_was_down_takes_nobody_for_gone_at_its_start(handovers):
    waiting, number = await handovers.waits("c-2"), await handovers.talks()
    handovers.clock.forward(minutes=10)
    watch = HandoverWatch(*(getattr(handovers.watch, name) for name in _WATCH_PARTS))
    await watch.run()

    assert (await handovers.of(number)).state is State.TAKEN
    assert "对不起，让您久等了" in (await handovers.heard("c-2"))[-1][1]
    assert (await handovers.of(waiting)).state is State.WAITING


async def test_nobody_waits_for_ever_and_a_silent_talk_ends(handovers):
    number = await handovers.talks()
    await handovers.desk.say(AGENT, number, "m-1", "您还在吗？")
    waiting = await handovers.waits("c-2")
    await handovers.after(minutes=15)
    assert (await handovers.of(number)).ending is Ending.TIMED_OUT
    await handovers.after(minutes=15)

    assert (await handovers.of(waiting)).ending is Ending.TIMED_OUT
    assert "没有接上" in (await handovers.heard("c-2"))[-1][1]


async def test_a_citizen_who_gets_no_answer_is_given_to_another(handovers):
    number = await handovers.talks()
    await handovers.after(minutes=15)

    assert (await handovers.of(number)).state is State.WAITING


async def test_leaving_the_queue_and_ending_the_talk(handovers):
    number = await handovers.waits()
    assert "不等了" in (await handovers.clicks("/end_handover"))[0]["text"]
    assert (await handovers.of(number)).ending is Ending.CITIZEN
    number = await handovers.talks()
    assert "人工服务结束了" in (await handovers.clicks("/end_handover"))[0]["text"]
    with pytest.raises(HandoverRefused, match="市民结束了"):
        await handovers.desk.say(AGENT, number, "m-1", "您好")
    assert "没有在接人工" in (await handovers.clicks("/end_handover"))[0]["text"]


async def test_asking_again_tells_where_one_stands(handovers):
    await handovers.waits("c-0")
    await handovers.waits()
    handovers.clock.forward(seconds=1)

    assert "前面还有 1 位" in (await handovers.clicks("/ask_for_person"))[0]["text"]


async def test_what_is_clicked_beside_a_person_is_heard_and_the_assistant_is_silent(handovers):
    number = await handovers.talks()
    await handovers.desk.say(AGENT, number, "m-1", "您好")
    handovers.clock.forward(seconds=5)

    assert await handovers.clicks("/request_help") == []
    assert (await handovers.of(number)).awaits_answer


async def test_where_the_transcript_is_not_seen_words_go_through_the_outbox(handovers, keyring):
    number = await handovers.talks(channel="wechat")
    await handovers.desk.say(AGENT, number, "m-1", "您好")
    await handovers.desk.say(AGENT, number, "m-1", "您好")
    rows = await handovers.desk.database.read(
        lambda connection: connection.execute(select(outbox).order_by(outbox.c.id)).all()
    )

    assert [(row.kind, row.channel, row.conversation) for row in rows] == [("agent", "wechat", "c-1")] * 2
    carried = json.loads(keyring.cipher("conversations").decrypt_text(rows[1].content))
    assert carried["text"] == "话务员 1 号：您好"


async def test_a_ticket_out_of_a_talk_is_opened_once_and_the_citizen_gets_its_number(handovers):
    number = await handovers.talks()
    draft = Draft("talk-1", Kind.HELP, "widget", "c-1", "电梯坏了半个月", "阳光小区", "王女士", "+8613800138000")
    tickets = [await handovers.desk.open_ticket(AGENT, number, draft) for _ in range(2)]
    rows = await handovers.desk.database.read(lambda connection: connection.execute(select(outbox)).all())

    assert tickets[0].number == tickets[1].number
    assert [(row.kind, row.subject, row.conversation) for row in rows] == [("ticket", tickets[0].number, "c-1")]
    assert (await handovers.deeds(number)).count(Deed.TICKET) == 1


async def test_what_was_told_becomes_a_ticket_also_when_the_citizen_has_gone_meanwhile(handovers):
    number = await handovers.talks()
    draft = replace(await handovers.desk.draft(AGENT, number), description="路灯坏了一个月", phone="+8613800138000")
    await handovers.desk.end(AGENT, number)

    assert (await handovers.desk.open_ticket(AGENT, number, draft)).description == "路灯坏了一个月"
    with pytest.raises(HandoverRefused):
        await handovers.desk.open_ticket(COLLEAGUE, number, draft)


async def test_of_two_processes_one_takes(handovers):
    number = await handovers.waits()
    desk = handovers.desk
    elsewhere = Assistant(
        desk.database,
        SqlSessions(desk.database),
        LocalLocks(),  # another process holds other locks
        desk.assistant.transcript,
        SimpleNamespace(answer_log=None, handovers=None, settings=desk.settings, clock=handovers.clock),
        desk.cipher,
        timedelta(hours=1),
    )
    takes = (desk.take(AGENT, number), replace(desk, assistant=elsewhere).take(COLLEAGUE, number))
    outcomes = await asyncio.gather(*takes, return_exceptions=True)

    assert [type(each) for each in outcomes if each] == [HandoverRefused]
    assert (await handovers.deeds(number)).count(Deed.TAKE) == 1
    assert len(await handovers.heard()) == 1


async def test_nobody_talks_with_more_at_once_than_the_settings_allow(handovers):
    most = handovers.desk.settings.handover_talks_per_agent
    mine = [await handovers.talks(f"c-{number}") for number in range(most)]
    number = await handovers.waits("c-next")
    with pytest.raises(HandoverRefused, match=f"您手上已经有 {most} 个会话，先结束一个"):
        await handovers.desk.take(AGENT, number)
    await handovers.desk.take(COLLEAGUE, number)
    with pytest.raises(HandoverRefused, match="这位同事手上"):
        await handovers.desk.transfer(COLLEAGUE, number, AGENT.name)

    await handovers.desk.end(AGENT, mine[0])
    await handovers.desk.transfer(COLLEAGUE, number, AGENT.name)
    assert (await handovers.of(number)).agent == AGENT.name
