"""Reports and replies the gateways push: early, late, twice, broken; the ticket and its row end as they should."""

import asyncio
import json
from dataclasses import replace

import pytest
from hotline import DRAFT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sms_world import ON_SQLITE, PHONE, SECRET, unmatched
from sqlalchemy import func, select

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.callbacks import BODY_LIMIT
from channels.sms.gateways.gateway import SmsState
from channels.sms.stops import BY_REPLY, resume_within, stopped
from channels.sms.tables import early_reports, replies
from channels.sms.unmatched import looked_at
from service import limited_body
from service.audit import Deed, Search
from service.audit import found as audited
from service.identity.roles import Actor, Role
from service.inbox import unread
from simulators.sms.carrier import Fault
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Satisfaction

AGENT = Actor("agent", frozenset({Role.AGENT}))


@pytest.fixture
def gateway(request, sms_settings):
    sms_settings["sms_gateways"] = (request.param,)
    return request.param


EACH = pytest.mark.parametrize("gateway", ["aliyun", "tencent"], indirect=True)


async def rows(database, table):
    return await database.read(lambda connection: connection.execute(select(table)).all())


async def post(sms, path, body, secret=SECRET):
    address = sms.address.replace(SECRET, secret)
    async with sms.simulated.pusher.session.post(f"{address}/{path}", data=body) as response:
        return response.status, await response.text()


# Reports


@EACH
async def test_a_report_tells_that_it_arrived(gateway, sms):
    order = sms.order()
    await sms.desk.send(order)

    assert await sms.report()

    kept = await sms.desk.state_of(order.id)
    assert (kept.state, kept.failure) == (SmsState.DELIVERED, None)
    assert kept.settled_at is not None


@EACH
@ON_SQLITE
async def test_a_report_that_it_never_will_is_told_in_chinese(gateway, sms):
    order = sms.order()
    sms.carrier.unreachable.add(PHONE)
    await sms.desk.send(order)

    await sms.report()

    kept = await sms.desk.state_of(order.id)
    assert kept.state is SmsState.FAILED
    assert "号码" in kept.failure or "送达" in kept.failure
    with pytest.raises(SendRefused) as told:
        await sms.desk.send(order)
    assert told.value.remedy is Remedy.PERMANENT


@EACH
async def test_a_report_quicker_than_the_answer_waits_for_it(gateway, sms):
    """The message is on the phone and reported while our own row still waits for the gateway's answer."""
    order = sms.order()
    sms.carrier.faults.append(Fault.LATE_ANSWER)
    sending = asyncio.create_task(sms.desk.send(order))
    while not sms.carrier.arrived:
        await asyncio.sleep(0.01)

    assert await sms.report()
    sms.carrier.late.set()

    assert (await sending).state is SmsState.DELIVERED


async def test_a_report_of_nobody_knows_what_is_kept_once_and_forgotten(sms, database):
    body = json.dumps(
        [
            {
                "mobile": "13800138000",
                "report_status": "SUCCESS",
                "sid": "1",
                "phone_number": "13800138000",
                "success": True,
                "biz_id": "unknown",
                "err_code": "DELIVERED",
            }
        ]
    )
    for _ in range(2):
        assert (await post(sms, "aliyun/report", body))[0] == 200

    assert len(await rows(database, early_reports)) == 1


@ON_SQLITE
async def test_a_report_again_or_of_another_mind_changes_nothing(sms):
    order = sms.order()
    await sms.desk.send(order)
    await sms.report()
    first = await sms.desk.state_of(order.id)

    sms.carrier.arrived[0].delivered = False
    assert await sms.report()

    assert await sms.desk.state_of(order.id) == first


async def test_a_report_settles_a_lost_answer(sms):
    order = sms.order()
    sms.carrier.faults.append(Fault.LOST_ANSWER)
    with pytest.raises(SendUnknown):
        await sms.desk.send(order)

    await sms.report()

    sent = await sms.desk.send(order)
    assert sent.state is SmsState.DELIVERED
    assert len(sms.phones) == 1


@ON_SQLITE
async def test_a_report_for_another_number_moves_nothing(sms):
    order = sms.order()
    sent = await sms.desk.send(order)
    body = [{"phone_number": "13900139000", "success": False, "biz_id": sent.provider_id, "err_code": "X"}]

    assert (await post(sms, "aliyun/report", json.dumps(body)))[0] == 200

    assert (await sms.desk.state_of(order.id)).state is SmsState.SUBMITTED


@ON_SQLITE
async def test_a_report_without_our_reference_is_known_by_the_gateways_id(sms):
    order = sms.order()
    sent = await sms.desk.send(order)
    body = {"phone_number": "13800138000", "success": True, "biz_id": sent.provider_id, "out_id": None}

    assert (await post(sms, "aliyun/report", json.dumps([body])))[0] == 200

    assert (await sms.desk.state_of(order.id)).state is SmsState.DELIVERED


@ON_SQLITE
async def test_one_broken_report_holds_up_no_other(sms):
    order = sms.order()
    sent = await sms.desk.send(order)
    good = {"phone_number": "13800138000", "success": True, "biz_id": sent.provider_id, "err_code": "DELIVERED"}

    assert (await post(sms, "aliyun/report", json.dumps([{"phone_number": 5}, good, None])))[0] == 200

    assert (await sms.desk.state_of(order.id)).state is SmsState.DELIVERED


# What is not let in


@pytest.mark.parametrize("path", ["aliyun/report", "aliyun/reply"])
@ON_SQLITE
async def test_without_the_secret_nothing_is_there(path, sms):
    assert (await post(sms, path, "[]", "a-secret-of-more-than-24-lettert"))[0] == 404
    assert (await post(sms, path.replace("aliyun", "tencent"), "[]"))[0] == 404  # not set up


@ON_SQLITE
async def test_what_is_too_large_is_refused(sms):
    assert (await post(sms, "aliyun/report", b" " * (BODY_LIMIT + 1)))[0] == 413


@ON_SQLITE
async def test_who_never_ends_holds_nobody_up(sms, monkeypatch):
    monkeypatch.setattr(limited_body, "SECONDS", 0.05)

    async def endless():
        yield b"["
        await asyncio.Event().wait()

    async with sms.simulated.pusher.session.post(f"{sms.address}/aliyun/report", data=endless()) as response:
        assert response.status == 408


WHOLE = {
    "phone_number": "13800138000",
    "success": True,
    "biz_id": "1^1",
    "out_id": "x",
    "err_code": "DELIVERED",
    "sms_size": "1",
    "report_time": "2026-11-21 10:00:00",
    "send_time": "2026-11-21 10:00:00",
    "content": "1",
    "sequence_id": "1",
    "mobile": "13800138000",
    "report_status": "SUCCESS",
    "sid": "1:1",
    "errmsg": "DELIVRD",
    "user_receive_time": "2026-11-21 10:00:00",
    "text": "1",
    "time": 1795226400,
    "id": "1",
    "state": "DELIVRD",
}


def anything():
    """Any JSON, and pushes that are right but for some of their fields."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    likely = st.sampled_from(["13900139000", "1", "退订", "\x00", "\ud800", "a\x00b", 2**70, 10**400, -1, "9" * 5000])
    leaves = plain | likely
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner), max_leaves=6
    )
    broken = st.dictionaries(st.sampled_from(sorted(WHOLE)), values, max_size=3).map(lambda wrong: WHOLE | wrong)
    pushed = st.lists(broken, min_size=1, max_size=3)
    return values | broken | pushed | pushed.map(lambda items: {"list": items})


@ON_SQLITE
async def test_no_push_whatever_it_holds_is_a_failure_of_ours(sms_settings, database, keyring, clock, lifecycle):
    from sms_world import open_world

    sms_settings["sms_gateways"] = ("aliyun", "tencent", "http")
    sms_settings["sms_http"] = {
        "url": "https://sms.example.cn",
        "fields": {"to": "{phone}"},
        "success": {"ok": "1"},
        "id_path": "id",
        "report_list": "list",
        "reply_list": "list",
        "report_phone": "mobile",
        "reply_phone": "mobile",
    }
    paths = [f"{gateway}/{kind}" for gateway in ("aliyun", "tencent", "http") for kind in ("report", "reply")]
    async with open_world(database, keyring, clock, lifecycle, sms_settings) as sms:
        loop = asyncio.get_running_loop()

        @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(paths), anything().map(lambda body: json.dumps(body).encode()) | st.binary(max_size=300))
        def push(path, body):
            status, _ = asyncio.run_coroutine_threadsafe(post(sms, path, body), loop).result(30)
            assert status in (200, 400)

        await asyncio.to_thread(push)


# Replies


@pytest.fixture
async def surveyed(hotline, sms):
    """A ticket that waits for the word of its requester, who was asked by SMS."""
    ticket = await hotline.called_back()
    await sms.desk.send(sms.order("ticket_call_back", values={"number": ticket.number}, subject=ticket.number))
    return ticket


async def again(hotline, ticket):
    return await hotline.desk.find(ticket.number, conversation=ticket.conversation)


async def surveys_of(database, ticket):
    from tickets.tables import surveys

    statement = select(surveys.c.solved, surveys.c.satisfaction).where(surveys.c.ticket_id == ticket.id)
    return await database.read(lambda connection: [tuple(row) for row in connection.execute(statement)])


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("1", State.RESOLVED, (True, Satisfaction.SATISFIED)),
        ("２。", State.RESOLVED, (True, Satisfaction.BASICALLY_SATISFIED)),
        ("3", State.DISPUTED, (False, Satisfaction.DISSATISFIED)),
    ],
)
async def test_one_two_or_three_is_what_they_think_of_their_ticket(text, state, said, surveyed, hotline, sms, database):
    assert await sms.reply(text)

    assert (await again(hotline, surveyed)).state is state
    assert await surveys_of(database, surveyed) == [said]


async def test_a_reply_pushed_again_counts_once(surveyed, sms, database):
    body = json.dumps([{"phone_number": "13800138000", "content": "3", "sequence_id": 7}])
    for _ in range(3):
        assert (await post(sms, "aliyun/reply", body))[0] == 200

    assert len(await surveys_of(database, surveyed)) == 1
    assert len(await rows(database, replies)) == 1


async def test_words_after_a_survey_are_a_note_for_staff(surveyed, hotline, sms, database):
    await sms.reply("3")
    await sms.reply("电梯修了两天又坏了，麻烦再来看看")

    line = (await hotline.desk.timeline(surveyed))[-1]
    assert (line.verb, line.note) == (Verb.ADD, "电梯修了两天又坏了，麻烦再来看看")
    told = await database.read(unread(AGENT))
    assert (Verb.ADD, surveyed.number) in {(each.kind, each.subject) for each in told}


@ON_SQLITE
async def test_the_ticket_asked_about_last_is_meant(surveyed, hotline, sms, clock):
    clock.forward(hours=1)
    other = await hotline.called_back(draft=replace(DRAFT, id="draft-2"))
    await sms.desk.send(sms.order("ticket_call_back", values={"number": other.number}, subject=other.number))

    await sms.reply("1")

    assert (await again(hotline, other)).state is State.RESOLVED
    assert (await again(hotline, surveyed)).state is State.CALLBACK


async def test_a_reply_nobody_asked_for_is_kept_and_staff_are_told(sms, database, hotline):
    await sms.reply("我家没水了怎么办")

    kept = await unmatched(sms)
    assert [(each.text, each.phone) for each in kept] == [("我家没水了怎么办", "138****8000")]
    assert "sms_reply" in {each.kind for each in await database.read(unread(AGENT))}
    assert "没水" not in repr(await rows(database, replies))


@ON_SQLITE
async def test_a_ticket_that_cannot_take_it_any_more_comes_to_staff(surveyed, hotline, sms, clock):
    await sms.reply("1")
    clock.forward(days=16)

    await sms.reply("3")

    assert [each.subject for each in await unmatched(sms)] == [surveyed.number]
    assert (await again(hotline, surveyed)).state is State.RESOLVED


async def test_who_wants_no_more_gets_only_what_is_their_own(sms, keyring, database):
    await sms.reply("退订")

    with pytest.raises(SendRefused) as told:
        await sms.desk.send(sms.order("answered", values={"guide": "id-card"}))
    assert (told.value.code, told.value.remedy) == ("stopped", Remedy.PERMANENT)
    await sms.desk.send(sms.order())
    await sms.desk.send(sms.order("code"))
    assert len(sms.phones) == 2
    cipher = keyring.cipher("sms")
    assert [(each.phone, each.source) for each in await database.read(stopped(cipher, 10))] == [(PHONE, BY_REPLY)]


@ON_SQLITE
async def test_staff_can_undo_a_stop(sms, keyring, database):
    await sms.reply("退订")
    await database.write(lambda connection: resume_within(connection, keyring.cipher("sms"), PHONE))

    await sms.desk.send(sms.order("answered", values={"guide": "id-card"}))

    assert sms.phones[0].endswith("https://12345.example.gov.cn/guide/id-card 还有不清楚的，可以拨打12345。")


@ON_SQLITE
async def test_tencents_replies_have_no_number_and_count_once_all_the_same(
    sms_settings, database, keyring, clock, lifecycle
):
    from sms_world import open_world

    sms_settings["sms_gateways"] = ("tencent",)
    async with open_world(database, keyring, clock, lifecycle, sms_settings) as sms:
        for _ in range(2):
            assert await sms.reply("退订", "tencent")
    assert await database.read(lambda connection: connection.scalar(select(func.count()).select_from(replies))) == 1


async def test_a_look_at_the_whole_reply_is_recorded_with_its_reason(sms, database, clock):
    await sms.reply("请打13900139000找我妈")

    assert [each.text for each in await unmatched(sms)] == ["请打139****9000找我妈"]
    looking = looked_at(sms.desk.ledger.cipher, 10, "li", "回电", clock())
    (whole,) = await database.write(looking)

    assert (whole.phone, whole.text) == ("13800138000", "请打13900139000找我妈")
    (line,) = await database.read(audited(Search(deed=Deed.LOOK), 5))
    assert (line.done.actor, line.done.reason, line.done.details["lines"]) == ("li", "回电", 1)
