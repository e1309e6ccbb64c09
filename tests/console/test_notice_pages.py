"""What citizens were told, as staff see it: the list, one notice and what can be done with it, ways, costs, replies."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hotline import DRAFT
from office import open_console
from sqlalchemy import insert, update

from channels.delivery.attempts import Handed, begin_within, handed_within, refused_within
from channels.delivery.breaker import all_breakers, failed_within
from channels.delivery.care import one
from channels.delivery.lists import Wanted, listed
from channels.delivery.staff import undelivered_within
from channels.outcomes import Remedy, SendRefused
from channels.sms.gateways.console import ConsoleGateway
from channels.sms.gateways.gateway import Reply
from channels.sms.replies import Replies
from channels.sms.tables import messages
from service.audit import Deed, Search, found
from service.identity.roles import Role
from service.outbox import NoticeState, outbox
from service.tasks import open_tasks

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NO_MOBILE = SendRefused("aliyun", "isv.MOBILE_NUMBER_ILLEGAL", "号码是空号", Remedy.PERMANENT)


@pytest.fixture
async def failed(hotline, database, clock):
    """A notice of a ticket that no way has brought to its citizen; its id."""
    await hotline.dispatched()

    def fail(connection):
        (notice,) = listed(Wanted(), 2)(connection)
        attempt = begin_within(connection, notice, "sms", clock())
        refused_within(connection, attempt, NO_MOBILE, clock())
        change = {"state": "undelivered", "failure": NO_MOBILE.reason, "rung": "sms"}
        connection.execute(update(outbox).values(change))
        undelivered_within(connection, notice, clock())
        return notice.id

    return await database.write(fail)


@pytest.fixture
async def supervisor(console):
    return await console.staff("duban", Role.SUPERVISOR)


async def kept(database, notice):
    return (await database.read(one(notice)))[0]


async def recorded(database):
    return [line.done for line in await database.read(found(Search(deed=Deed.NOTICE), 10))]


async def test_what_did_not_arrive_comes_first_with_why(failed, supervisor, hotline):
    page = await supervisor.get("/console/notices")

    assert page.has("没有送到", "您的诉求", "号码是空号", "短信")
    page = await supervisor.get(f"/console/notices/{failed}")
    assert page.has("没有送到", "号码是空号", "短信", "isv.MOBILE_NUMBER_ILLEGAL")
    assert "13800138000" not in page.text


async def test_notices_of_a_day_of_a_way_and_of_a_ticket_are_found(failed, console, hotline, clock):
    clock.forward(days=1)
    supervisor = await console.staff("duban", Role.SUPERVISOR)
    ticket = await hotline.dispatched(draft=replace(DRAFT, id="draft-2", conversation="conversation-2"))

    async def rows(query):
        return (await supervisor.get(f"/console/notices?{query}")).text.count('<td class="said">')

    assert await rows("state=all") == 1  # today
    assert await rows("state=all&day=2026-11-21") == 1
    assert await rows("state=undelivered") == 1
    assert await rows("state=undelivered&way=sms") == 1
    assert await rows("state=waiting") == 1
    assert await rows(f"state=all&about={ticket.number}") == 1
    assert (await supervisor.get("/console/notices?state=undelivered&way=widget")).has("没有没送到的通知")
    assert (await supervisor.get("/console/notices?state=nothing&day=x&way=y&after=z")).status == 200


async def test_a_closed_notice_is_sent_again_once(failed, supervisor, database):
    page = await supervisor.post(f"/console/notices/{failed}/retry")

    assert page.has("马上从头再送", "等待送出")
    assert (await supervisor.post(f"/console/notices/{failed}/retry")).status == 409
    (done,) = await recorded(database)
    assert (done.actor, done.details) == ("duban", {"notice": failed, "what": "重送"})


async def test_who_was_called_closes_the_notice_and_its_task(failed, supervisor, database):
    assert (await supervisor.post(f"/console/notices/{failed}/cancel", reason="")).status == 422
    await supervisor.post(f"/console/notices/{failed}/cancel", reason="已打13800138000告知")

    notice = await kept(database, failed)
    assert (notice.state, notice.failure) == (NoticeState.CANCELLED, "已打138****8000告知")
    assert await database.read(open_tasks()) == []


async def test_another_number_is_used_for_this_notice_alone(failed, database, keyring, clock, tmp_path, hotline):
    async with open_console(
        database, keyring, clock, gateways=[ConsoleGateway("示例区12345")], data_dir=tmp_path
    ) as console:
        agent = await console.staff("agent", Role.AGENT)
        path = f"/console/notices/{failed}/elsewhere"

        assert (await agent.post(path, phone="12345", why="她女儿")).has("不是")
        assert (await agent.post(path, phone="13900139000", why="")).status == 422
        page = await agent.post(path, phone="139 0013 9000", why="她女儿的，她本人说的")

    assert page.has("马上用短信", "另一个号码 139****9000")
    notice = await kept(database, failed)
    assert notice.state is NoticeState.WAITING
    assert keyring.cipher("tickets").decrypt_text(notice.notice.phone) == "+8613900139000"
    (done,) = await recorded(database)
    assert (done.reason, done.details["what"]) == ("她女儿的，她本人说的", "改发另一个号码")


@ONE_KIND
async def test_without_sms_there_is_no_other_number(failed, supervisor):
    page = await supervisor.post(f"/console/notices/{failed}/elsewhere", phone="13900139000", why="她女儿的")

    assert page.status == 409


@ONE_KIND
async def test_a_notice_that_is_not_there_is_told(supervisor):
    for number in ("0", "99", "x", "9" * 30):
        assert (await supervisor.get(f"/console/notices/{number}")).status == 404
        assert (await supervisor.post(f"/console/notices/{number}/retry")).status == 404


async def test_a_way_that_is_shut_says_why_and_is_opened_at_once(failed, console, supervisor, database, clock):
    def shut(connection):
        failed_within(connection, "sms", "余额不足", clock(), alarm=True)

    await database.write(shut)
    page = await supervisor.get("/console/notices/ways")
    assert page.has("短信", "暂停", "余额不足", "马上再试")
    assert page.has("微信客服消息", "没有开通")

    assert (await supervisor.post("/console/notices/ways/sms/try")).has("短信马上再试")

    assert await database.read(all_breakers) == {}
    assert (await supervisor.post("/console/notices/ways/sms/try")).has("没有停")
    assert (await supervisor.post("/console/notices/ways/pigeon/try")).status == 404


async def test_todays_attempts_are_counted_by_way(hotline, supervisor, database, clock):
    await hotline.dispatched()

    def attempts(connection):
        (notice,) = listed(Wanted(), 2)(connection)
        for days in (0, 1):
            at = clock() - timedelta(days=days)
            handed_within(connection, begin_within(connection, notice, "widget", at), Handed("turn"), at)

    await database.write(attempts)

    page = await supervisor.get("/console/notices/ways")

    assert page.has("网页", "正常", "0", "1", "0", "0", "0", "微信客服消息")


async def test_costs_are_added_up_by_month_and_gateway(supervisor, database, clock):
    def sent(gateway, at, fen, number):
        given = {"order_id": f"o{number}", "reference": f"r{number}", "purpose": "code", "subject": ""}
        return given | {
            "gateway": gateway,
            "state": "delivered",
            "attempts": 1,
            "parts": 2,
            "cost_fen": fen,
            "created_at": at,
        }

    day = timedelta(days=1)
    at = clock()  # 2026-11-21
    rows = [sent("aliyun", at, 9.0, 1), sent("aliyun", at - day, 9.0, 2), sent("tencent", at, 10.0, 3)]
    rows += [sent("aliyun", at - 21 * day, 1000.0, 4), sent("aliyun", at - 300 * day, 7.0, 5), sent(None, at, None, 6)]
    await database.write(lambda connection: connection.execute(insert(messages), rows))

    page = await supervisor.get("/console/notices/costs")

    assert page.has("2026-06 到 2026-11")
    assert page.has(
        "2026-11", "阿里云", "2", "4", "0.18", "2026-11", "腾讯云", "1", "2", "0.10", "2026-10", "阿里云", "10.00"
    )
    assert page.has("合计", "10.28")
    assert (await supervisor.get("/console/notices/costs?until=2026-05")).has("2025-12 到 2026-05", "2026-01", "0.07")
    assert (await supervisor.get("/console/notices/costs?until=9999-13")).status == 200


async def test_replies_by_sms_are_masked_until_somebody_says_why(console, supervisor, database, lifecycle, clock):
    sms = console.office.sms
    reply = Reply("+8613800138000", "打13900139000找我", clock(), "1")
    await Replies(database, sms.ledger, sms.texts, lifecycle).take(ConsoleGateway("示例区"), [reply])

    page = await supervisor.get("/console/notices/replies")
    assert page.has("138****8000", "打139****9000找我", "没有被问过")
    assert (await supervisor.post("/console/notices/replies/full", why="")).status == 422
    page = await supervisor.post("/console/notices/replies/full", why="回电")

    assert page.has("13800138000", "打13900139000找我")
    (line,) = await database.read(found(Search(deed=Deed.LOOK), 5))
    assert (line.done.actor, line.done.reason) == ("duban", "回电")
    agent = await console.staff("agent", Role.AGENT)
    assert (await agent.get("/console/messages")).has("有一条短信回复要看", "看短信回复")


async def test_a_ticket_leads_to_its_notices_and_a_message_to_what_did_not_arrive(failed, console, hotline, database):
    agent = await console.staff("agent", Role.AGENT)
    number = (await kept(database, failed)).notice.subject

    assert f'href="/console/notices/{failed}"' in (await agent.get(f"/console/tickets/{number}")).text
    page = await agent.get("/console/messages")
    assert page.has("通知没有送到诉求人，请打电话", number, "看没送到的通知")
    assert f"/console/notices?about={number}" in page.text


async def test_agents_see_no_costs_and_open_no_ways(failed, console):
    agent = await console.staff("agent", Role.AGENT)

    assert not (await agent.get("/console/notices")).has("短信费用")
    assert (await agent.get("/console/notices/costs")).status == 403
    assert (await agent.post("/console/notices/ways/sms/try")).status == 403
