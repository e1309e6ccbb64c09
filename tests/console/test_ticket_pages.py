"""One ticket in the console: what each role sees of it and can do with it."""

import re
from dataclasses import replace

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, REPLY, clerk_of, head_of
from office import open_console
from sqlalchemy import update

from service.audit import Deed, Search, found
from service.identity.roles import Role
from service.identity.tables import staff
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Kind

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PHONE = "13800138000"
EMPTY = "已收到，正在处理中。"
PASSED_ON = "您的诉求已转相关部门处理。"


def at(ticket):
    return f"/console/tickets/{ticket.number}"


async def state_of(hotline, ticket):
    return (await hotline.desk.find(ticket.number, conversation=ticket.conversation)).state


async def test_the_page_shows_what_was_asked_masked_and_what_happened(console, hotline):
    ticket = await hotline.accepted()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    page = await clerk.get(at(ticket))

    assert page.status == 200
    assert page.has(f"工单 {ticket.number}", "已签收", "阳光小区3号楼电梯坏了半个月", "签收", "派单", "登记")
    assert page.has("主办单位", "示例区城市管理局")
    assert page.has("王*", "138****8000")
    assert PHONE not in page.text
    assert page.has("剩余")
    assert page.has("给诉求人的通知", "等待送出", "城市管理局已签收您的诉求")


@ONE_KIND
async def test_a_unit_does_not_learn_of_anothers_ticket(console, hotline):
    ticket = await hotline.accepted("cg")
    stranger = await console.staff("stranger", Role.UNIT_HEAD, units=["zj"])

    assert (await stranger.get(at(ticket))).status == 404
    assert (await stranger.post(f"{at(ticket)}/moves/reply", text=REPLY)).status == 404
    assert (await stranger.post(f"{at(ticket)}/full", why="想看")).status == 404
    assert (await stranger.post(f"{at(ticket)}/words", verb="reply", text=REPLY)).status == 404
    assert not (await stranger.get("/console/tickets?view=all&unit=cg")).has(ticket.number)
    assert not (await stranger.get(f"/console/search?q={ticket.number}")).has("已签收")


@ONE_KIND
async def test_full_data_ask_for_a_reason_and_are_recorded(console, hotline, database):
    ticket = await hotline.submitted()
    agent = await console.staff("agent", Role.AGENT)

    refused = await agent.post(f"{at(ticket)}/full", why=" ")
    assert (refused.status, PHONE in refused.text) == (422, False)
    assert refused.has("请写明为什么要看")
    shown = await agent.post(f"{at(ticket)}/full", why="诉求人来电核对")

    assert PHONE in shown.text
    assert shown.has("王女士", "已记录")
    looks = await database.read(found(Search(deed=Deed.LOOK), 10))
    assert [(one.done.actor, one.done.subject, one.done.reason) for one in looks] == [
        ("agent", ticket.number, "诉求人来电核对")
    ]


@ONE_KIND
async def test_a_unit_never_learns_who_reported_whatever_the_reason(console, hotline):
    ticket = await hotline.accepted(draft=replace(DRAFT, kind=Kind.REPORT))
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    assert (await clerk.get(at(ticket))).has("保密的诉求", "请找热线转达")
    shown = await clerk.post(f"{at(ticket)}/full", why="想联系诉求人")

    assert shown.status == 200
    assert PHONE not in shown.text
    assert "王女士" not in shown.text


@ONE_KIND
async def test_nor_from_what_was_written_on_the_way(console, hotline):
    ticket = await hotline.submitted(replace(DRAFT, kind=Kind.REPORT))
    await hotline.do(AGENT, ticket, Verb.ADD, text=f"她改了号码，现在是 {PHONE}")
    await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit="cg", reason=f"可以打 {PHONE} 问")
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    agent = await console.staff("agent", Role.AGENT)

    assert PHONE not in (await clerk.post(f"{at(ticket)}/full", why="想联系诉求人")).text
    assert PHONE in (await agent.post(f"{at(ticket)}/full", why="诉求人来电核对")).text


@ONE_KIND
async def test_numbers_in_what_was_told_are_masked_like_the_rest_of_the_page(console, hotline):
    ticket = await hotline.accepted("cg")
    await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=f"{REPLY}维修前我们会打您的电话 {PHONE}。")
    await hotline.do(AGENT, ticket, Verb.APPROVE)
    agent = await console.staff("agent", Role.AGENT)

    page = await agent.get(at(ticket))
    assert page.has("给诉求人的通知", "有答复了", "138****8000")
    assert PHONE not in page.text
    assert PHONE in (await agent.post(f"{at(ticket)}/full", why="诉求人来电核对")).text


@ONE_KIND
async def test_who_has_left_a_unit_no_longer_sees_what_they_worked_on_there(console, hotline):
    ticket = await hotline.accepted("cg")
    await console.account("li", Role.UNIT_CLERK, units=["cg"])
    await hotline.do(clerk_of("cg"), ticket, Verb.ASSIGN, handler="li")
    mover = await console.signed_in("li")
    assert (await mover.get(at(ticket))).status == 200

    await console.office.database.write(
        lambda connection: connection.execute(update(staff).where(staff.c.username == "li").values(units=["zj"]))
    )
    assert (await mover.get(at(ticket))).status == 404


@ONE_KIND
async def test_a_ticket_is_handed_only_to_who_can_work_on_it(console, hotline, clock):
    ticket = await hotline.accepted("cg")
    await console.account("editor", Role.CURATOR, units=["cg"], name="编辑小周")
    await console.account("gone", Role.UNIT_CLERK, units=["cg"], name="离职小吴", disabled_at=clock())
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"], name="经办小郑")

    page = await clerk.get(f"{at(ticket)}?move=assign")
    assert page.has("经办小郑")
    assert not page.has("编辑小周")
    assert not page.has("离职小吴")
    for handler in ("editor", "gone"):
        refused = await clerk.post(f"{at(ticket)}/moves/assign", handler=handler)
        assert (refused.status, refused.has("不在本单位办工单")) == (422, True)


@ONE_KIND
async def test_a_category_that_is_in_no_list_is_given_to_no_ticket(console, hotline):
    ticket = await hotline.submitted()
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    page = await dispatcher.post(f"{at(ticket)}/moves/classify", category="没有的/分类")
    assert (page.status, page.has("这个分类已经没有了")) == (422, True)
    page = await dispatcher.post(
        "/console/dispatching", number=ticket.number, choice="cg", category="没有的/分类", was_category=""
    )
    assert (page.status, page.has("这个分类已经没有了")) == (422, True)
    assert await state_of(hotline, ticket) is State.SUBMITTED


@ONE_KIND
async def test_only_moves_that_are_possible_are_offered(console, hotline):
    ticket = await hotline.dispatched()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    agent = await console.staff("agent", Role.AGENT)
    boss = await console.staff("boss", Role.ADMINISTRATOR)

    def offered(page):
        return {verb for verb in Verb if f"?move={verb}#" in page.text}

    assert offered(await clerk.get(at(ticket))) == {Verb.ACCEPT}
    assert offered(await agent.get(at(ticket))) == {
        Verb.CLASSIFY,
        Verb.ADD,
        Verb.URGE,
        Verb.MERGE,
        Verb.LINK,
        Verb.TRANSFER,
    }
    assert offered(await boss.get(at(ticket))) == set()


async def test_a_move_says_before_what_it_announces_and_to_whom(console, hotline):
    ticket = await hotline.dispatched()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    page = await clerk.get(f"{at(ticket)}?move=accept")
    assert page.has("诉求人会收到：", f"示例区城市管理局 已签收您的诉求 {ticket.number}") or page.has(
        "诉求人会收到：", "已签收您的诉求"
    )
    assert page.has("同时告诉：", "派单员")

    done = await clerk.post(f"{at(ticket)}/moves/accept", revision=ticket.revision)
    assert done.has("签收完成，现在是“已签收”。")
    assert await state_of(hotline, ticket) is State.ACCEPTED


@ONE_KIND
async def test_a_reply_that_says_nothing_is_stopped_and_stays_in_the_form(console, hotline):
    ticket = await hotline.accepted()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    refused = await clerk.post(f"{at(ticket)}/moves/reply", text=EMPTY, revision=ticket.revision)

    assert refused.status == 422
    assert refused.has("有几处必须改好才能发")
    assert f"{EMPTY}</textarea>" in refused.text
    assert await state_of(hotline, ticket) is State.ACCEPTED


@ONE_KIND
async def test_a_doubtful_reply_leaves_once_it_is_confirmed(console, hotline):
    ticket = await hotline.accepted()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    first = await clerk.post(f"{at(ticket)}/moves/reply", text=PASSED_ON, revision=ticket.revision)
    assert (first.status, first.has("请再看一眼", "只说转办", "看过了，没有问题")) == (422, True)
    second = await clerk.post(
        f"{at(ticket)}/moves/reply", text=PASSED_ON, revision=ticket.revision, confirmed="only_passed_on"
    )

    assert second.has("答复完成")
    assert await state_of(hotline, ticket) is State.REPLIED


async def test_words_are_checked_while_they_are_written_and_kept(console, hotline):
    ticket = await hotline.accepted()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    told = await clerk.post(f"{at(ticket)}/words", verb="reply", text=EMPTY)

    assert '"stops": true' in told.text
    assert f"{EMPTY}</textarea>" in (await clerk.get(at(ticket))).text
    colleague = await console.staff("colleague", Role.UNIT_CLERK, units=["cg"])
    assert EMPTY not in (await colleague.get(at(ticket))).text

    await clerk.post(f"{at(ticket)}/moves/reply", text=REPLY, revision=ticket.revision)
    await hotline.do(AGENT, ticket, Verb.SEND_BACK, reason="请写明以后怎么维护")
    assert EMPTY not in (await clerk.get(at(ticket))).text


async def test_what_others_did_meanwhile_is_told_and_nothing_typed_is_lost(console, hotline):
    ticket = await hotline.accepted()
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    await hotline.do(AGENT, ticket, Verb.ADD, text="孩子今天被困在电梯里")

    told = await clerk.post(f"{at(ticket)}/moves/reply", text=REPLY, revision=ticket.revision)
    assert told.status == 409
    assert told.has("这张工单刚刚有了变化", "补充", "孩子今天被困在电梯里")
    assert f"{REPLY}</textarea>" in told.text

    assert (await clerk.post(f"{at(ticket)}/moves/reply", text=REPLY, revision=ticket.revision + 1)).has("答复完成")


@ONE_KIND
async def test_what_is_missing_is_said_at_its_field(console, hotline):
    ticket = await hotline.dispatched()
    head = await console.staff("head", Role.UNIT_HEAD, units=["cg"])

    refused = await head.post(f"{at(ticket)}/moves/request_return", reason="", unit="", revision=ticket.revision)

    assert refused.status == 422
    assert 'id="unit-error"' in refused.text
    assert 'id="reason-error"' in refused.text


@ONE_KIND
async def test_a_merge_can_be_taken_back(console, hotline):
    ticket = await hotline.submitted()
    other = await hotline.submitted(replace(DRAFT, id="draft-2", conversation="conversation-2"))
    agent = await console.staff("agent", Role.AGENT)

    merged = await agent.post(
        f"{at(ticket)}/moves/merge", other=other.number.replace("-", " "), revision=ticket.revision
    )
    assert merged.has("并单完成", "撤销")
    assert merged.has("有关系的工单", other.number)
    await agent.post(f"{at(ticket)}/moves/separate")

    assert await state_of(hotline, ticket) is State.SUBMITTED


@ONE_KIND
async def test_a_return_is_decided_with_its_reason_before_the_eyes(console, hotline):
    ticket = await hotline.dispatched()
    reason = "该电梯属住宅小区共有设施，由住房和城乡建设局监管，现场物业已确认。"
    await hotline.do(head_of("cg"), ticket, Verb.REQUEST_RETURN, reason=reason, unit="zj")
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    page = await dispatcher.get(at(ticket))
    assert page.has("申请退单", "认为应由示例区住房和城乡建设局", reason)
    done = await dispatcher.post(f"{at(ticket)}/moves/grant_return")

    assert done.has("同意退单完成")


async def test_every_field_of_every_move_can_be_shown(console, hotline):
    everyone = await console.staff(
        "everyone", Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.UNIT_HEAD, Role.UNIT_CLERK, units=["cg"]
    )
    tickets = [await hotline.submitted(), await hotline.dispatched(draft=replace(DRAFT, id="d-2"))]
    tickets.append(await hotline.accepted(draft=replace(DRAFT, id="d-3")))
    tickets.append(await hotline.called_back(draft=replace(DRAFT, id="d-4")))
    tickets.append(await hotline.accepted(draft=replace(DRAFT, id="d-5")))
    await hotline.do(clerk_of("cg"), tickets[-1], Verb.REPLY, text=REPLY)
    tickets.append(await hotline.dispatched(draft=replace(DRAFT, id="d-6")))
    await hotline.do(DISPATCHER, tickets[-1], Verb.INVESTIGATE, units=("cg", "zj"))

    shown = set()
    for ticket in tickets:
        first = await everyone.get(at(ticket))
        for verb in [verb for verb in Verb if f"?move={verb}#" in first.text]:
            page = await everyone.get(f"{at(ticket)}?move={verb}")
            assert page.status == 200
            assert f'/moves/{verb}"' in page.text
            shown.add(verb)
    assert len(shown) >= 20


async def test_a_request_is_put_into_its_street_by_the_districts_own_list(console, hotline):
    ticket = await hotline.submitted()
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER, name="小李")
    street = next(each for each in sorted(hotline.lifecycle.gazetteer.streets) if each != ticket.street)

    refused = await dispatcher.post(f"{at(ticket)}/moves/classify", street="没有这条街", revision=ticket.revision)
    assert (refused.status, refused.has("街道名单里没有“没有这条街”")) == (422, True)
    assert (await dispatcher.post(f"{at(ticket)}/moves/classify", street=street)).has("修改分类", "小李")

    moved = await hotline.desk.find(ticket.number, conversation=ticket.conversation)
    assert (moved.street, moved.community) == (street, None)


@ONE_KIND
async def test_a_file_is_saved_by_who_may_see_its_ticket_and_never_shown(database, keyring, clock, hotline, tmp_path):
    async def content():
        yield b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

    ticket = await hotline.accepted("cg")
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        files = console.office.attachments
        received = await files.take_in(content(), "现场照片.pdf")
        await database.write(lambda connection: files.put_within(connection, ticket.id, received, "citizen", clock()))
        clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
        stranger = await console.staff("stranger", Role.UNIT_CLERK, units=["zj"])
        page = await clerk.get(at(ticket))
        assert page.has("现场照片.pdf")
        link = re.search(r'href="(/console/tickets/[^"]+/files/\d+)"', page.text)[1]

        saved = await clerk.get(link)
        assert saved.headers["Content-Disposition"].startswith("attachment")
        assert saved.text.startswith("%PDF-1.7")
        assert (await stranger.get(link)).status == 404
    (line,) = await database.read(found(Search(deed=Deed.FILE), 5))
    assert (line.done.actor, line.done.subject) == ("clerk", ticket.number)
