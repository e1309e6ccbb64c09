"""A notice takes the first way that works, and no way twice."""

from datetime import timedelta

import pytest
from delivering import Remedy, World, refusal
from sqlalchemy import select

from channels.delivery.attempts import Receipt, attempts
from channels.delivery.care import cancel, newest, one, retry
from channels.delivery.ladder import Step
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipient
from channels.outcomes import SendUnknown
from service.identity.roles import Role
from service.inbox import inbox, to_role
from service.outbox import NoticeState, forget_within
from service.tasks import TaskKind, open_tasks

WIDGET = Step("widget", timedelta(minutes=3), timedelta(minutes=5), 100)
WECHAT = Step("wechat_template", None, timedelta(minutes=15), 100)
SMS = Step("sms", None, timedelta(days=3), 100)


@pytest.fixture
def world(database, clock):
    return World(database, clock, [WIDGET, SMS])


async def states(world):
    found = await world.database.read(newest(None, None, 100))
    return {each.notice.key: each.state for each in reversed(found)}


def receipts(world):
    return Receipts(world.database, world.ways, world.clock)


async def test_what_an_open_page_has_shown_goes_no_further(world, clock):
    await world.put("hello")
    await world.deliver()
    (attempt,) = (await world.database.read(one(1 + await offset(world))))[1]
    world.ways["widget"].receipts[f"notice-{attempt.notice}"] = Receipt(delivered=True)
    clock.forward(seconds=31)
    assert await receipts(world).look() == 1

    clock.forward(minutes=5)
    await world.deliver()
    assert (world.seen("widget"), world.seen("sms")) == (["hello"], [])
    assert await states(world) == {"hello": NoticeState.SENT}


async def offset(world):
    """How far the ids of this database had come."""
    found = await world.database.read(newest(None, None, 100))
    return min(each.id for each in found) - 1


async def test_what_no_page_has_shown_for_a_while_goes_on_by_sms(world, clock):
    await world.put("hello")
    await world.deliver()
    clock.forward(minutes=2, seconds=59)
    await world.deliver()
    assert world.seen("sms") == []

    clock.forward(seconds=1)
    await world.deliver()
    assert (world.seen("widget"), world.seen("sms")) == (["hello"], ["hello"])


async def test_where_no_further_way_leads_nothing_is_waited_for(world):
    del world.ways["sms"]
    await world.put("hello")
    await world.deliver()

    assert await states(world) == {"hello": NoticeState.SENT}


@pytest.mark.parametrize("remedy", [Remedy.ANOTHER_WAY, Remedy.PERMANENT, Remedy.SPLIT])
async def test_a_way_that_will_never_do_gives_place_to_the_next_at_once(database, clock, remedy):
    world = World(database, clock, [WECHAT, SMS])
    world.ways["wechat_template"].script = [refusal(remedy)]
    await world.put("hello")
    await world.deliver()

    assert (world.seen("wechat_template"), world.seen("sms")) == ([], ["hello"])


async def test_a_way_in_trouble_is_tried_for_a_while_before_the_next(database, clock):
    world = World(database, clock, [WECHAT, SMS])
    world.ways["wechat_template"].script = [refusal(Remedy.RETRY)] * 100
    await world.put("hello")
    for _ in range(14):
        await world.deliver()
        clock.forward(minutes=1)
    assert world.seen("sms") == []
    assert len(world.ways["wechat_template"].calls) > 2

    clock.forward(minutes=10)
    await world.deliver()
    assert world.seen("sms") == ["hello"]


async def test_who_is_to_be_told_later_is_told_later(world, clock):
    world.ways["widget"].script = [refusal(Remedy.PERMANENT)]
    world.ways["sms"].script = [refusal(Remedy.DELAY, timedelta(hours=9))]  # quiet hours
    await world.put("hello")
    await world.deliver()
    clock.forward(hours=8, minutes=59)
    await world.deliver()
    assert world.seen("sms") == []

    clock.forward(minutes=1)
    await world.deliver()
    assert world.seen("sms") == ["hello"]


async def test_whom_nothing_reaches_somebody_of_the_hotline_calls(world, clock):
    world.ways["widget"].script = world.ways["sms"].script = [refusal(Remedy.PERMANENT)] * 2
    await world.put("hello")
    await world.deliver()

    (failed,) = await world.database.read(newest(NoticeState.UNDELIVERED, None, 10))
    assert failed.failure == "对方说不行"
    lines = await world.database.read(lambda connection: connection.execute(select(inbox)).all())
    assert [(line.recipient, line.kind, line.subject) for line in lines] == [
        (to_role(Role.AGENT), "undelivered", "20261121-00001-1")
    ]
    assert [each.task.kind for each in await world.database.read(open_tasks())] == [TaskKind.UNDELIVERED]

    assert await world.database.write(retry(failed.id, clock(), "li"))
    await world.deliver()
    clock.forward(minutes=3)
    await world.deliver()
    assert (world.seen("widget"), world.seen("sms")) == (["hello"], ["hello"])
    assert await world.database.read(open_tasks()) == []
    assert {call[1] for call in world.ways["sms"].calls} == {f"notice-{failed.id}", f"notice-{failed.id}-1"}


async def test_one_who_was_called_instead_needs_no_further_call(world, clock):
    world.ways["widget"].script = world.ways["sms"].script = [refusal(Remedy.PERMANENT)] * 2
    await world.put("hello")
    await world.deliver()
    (failed,) = await world.database.read(newest(NoticeState.UNDELIVERED, None, 10))
    assert await world.database.write(cancel(failed.id, "已电话告知", clock(), "li"))

    assert await world.database.read(open_tasks()) == []
    assert await states(world) == {"hello": NoticeState.CANCELLED}


async def test_what_need_not_be_known_troubles_nobody_when_it_fails(database, clock):
    world = World(database, clock, [SMS], staff=False)
    world.ways["sms"].script = [refusal(Remedy.PERMANENT)]
    await world.put("hello")
    await world.deliver()

    assert await states(world) == {"hello": NoticeState.UNDELIVERED}
    assert await database.read(open_tasks()) == []


async def test_a_page_nobody_has_open_and_a_gateway_that_stays_away_are_told_to_staff(world, clock):
    world.ways["sms"].script = [refusal(Remedy.RETRY)] * 10_000
    await world.put("hello")
    for _ in range(80):
        await world.deliver()
        clock.forward(hours=1)

    assert await states(world) == {"hello": NoticeState.UNDELIVERED}
    assert len(await world.database.read(open_tasks())) == 1


async def test_a_message_that_did_not_arrive_after_all_goes_on_by_the_next_way(database, clock):
    world = World(database, clock, [WECHAT, SMS])
    await world.put("hello")
    await world.deliver()
    assert await states(world) == {"hello": NoticeState.SENT}

    (parcel,) = [parcel for parcel, _ in world.ways["wechat_template"].seen]
    world.ways["wechat_template"].receipts[parcel] = Receipt(False, "failed:user block", "诉求人屏蔽了公众号")
    clock.forward(minutes=1)
    await receipts(world).look()
    await world.deliver()
    assert world.seen("sms") == ["hello"]
    assert await states(world) == {"hello": NoticeState.SENT}


async def test_receipts_are_looked_for_ever_more_rarely_and_not_for_ever(database, clock):
    world = World(database, clock, [WECHAT])
    await world.put("hello")
    await world.deliver()
    looked = []
    world.ways["wechat_template"].receipt = lambda *_: looked.append(clock()) or nothing()
    for _ in range(4 * 24 * 60):
        await receipts(world).look() if await due(database, clock) else None
        clock.forward(minutes=1)
    assert 4 <= len(looked) <= 10


async def nothing():
    return None


async def due(database, clock):
    ask_at = await database.read(lambda connection: connection.scalar(select(attempts.c.ask_at)))
    return ask_at is not None and ask_at <= clock()


async def test_one_who_wants_no_messages_gets_none_but_about_their_own_ticket(database, clock):
    recipient = Recipient(None, None, "+8613800138000", opted_out=True)
    own = World(database, clock, [SMS], recipient=recipient)
    await own.put("own")
    await own.deliver()
    other = World(database, clock, [SMS], recipient=recipient, opt_out=True)
    await other.put("other")
    await other.deliver()

    assert (own.seen("sms"), other.seen("sms")) == (["own"], [])
    assert await states(other) == {"own": NoticeState.SENT, "other": NoticeState.CANCELLED}


async def test_who_left_no_way_to_reach_them_troubles_nobody(database, clock):
    world = World(database, clock, [SMS], recipient=Recipient(phone="none"))
    await world.put("hello")
    await world.deliver()

    assert await states(world) == {"hello": NoticeState.UNREACHABLE}
    assert await database.read(open_tasks()) == []


async def test_what_the_city_does_not_want_told_is_not_told(database, clock):
    world = World(database, clock, [])
    await world.put("hello")
    await world.deliver()

    assert await states(world) == {"hello": NoticeState.CANCELLED}


async def test_a_lost_answer_is_asked_about_before_anything_is_sent_again(world, clock):
    world.ways["widget"].script = ["lost after"]
    await world.put("hello")
    await world.deliver()
    clock.forward(minutes=1)
    await world.deliver()

    assert world.seen("widget") == ["hello"]
    assert [verb for verb, _ in world.ways["widget"].calls] == ["send", "ask"]


async def test_what_never_went_out_is_sent_again(world, clock):
    world.ways["widget"].script = ["lost before"]
    await world.put("hello")
    await world.deliver()
    clock.forward(minutes=1)
    await world.deliver()

    assert world.seen("widget") == ["hello"]
    assert [verb for verb, _ in world.ways["widget"].calls] == ["send", "ask", "send"]


async def test_where_nobody_can_say_whether_it_arrived_the_next_way_is_used_as_well(world, clock):
    world.ways["widget"].script = ["lost before"] + [SendUnknown("test", "查不到")] * 50
    await world.put("hello")
    for _ in range(10):
        await world.deliver()
        clock.forward(minutes=1)

    assert world.seen("sms") == ["hello"]
    assert [verb for verb, _ in world.ways["widget"].calls].count("send") == 1


async def test_forgetting_a_notice_forgets_its_attempts(world, clock):
    await world.put("hello")
    await world.deliver()
    clock.forward(days=31)
    assert await world.database.write(lambda connection: forget_within(connection, clock())) == 1

    assert await world.database.read(lambda connection: connection.execute(select(attempts)).all()) == []
