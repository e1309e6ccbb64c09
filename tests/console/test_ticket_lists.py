"""Lists of tickets in the console: each role's own, with right counts, narrowed, several at once, given out."""

import asyncio
import os
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hotline import AGENT, DRAFT, REPLY, clerk_of
from office import open_console

from console.tickets.lists.export_files import ExportFiles
from service.identity.roles import Role
from service.inbox import unread
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Kind
from tickets.urgency import Urgency

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def draft(number, **changes):
    return replace(DRAFT, id=f"draft-{number}", conversation=f"conversation-{number}", **changes)


def numbers(page):
    """The tickets in the table."""
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'href="/console/tickets/([\d-]+)"', table)


def counts(page):
    """What the list's own navigation says of each list."""
    bar = page.text.partition('aria-label="清单"')[2].partition("</nav>")[0]
    return dict(re.findall(r'>([^<>]+?) <span class="count">(\d+)</span>', bar))


async def test_each_role_finds_its_lists_with_counts_that_are_right(console, hotline):
    waiting = [await hotline.submitted(draft(number)) for number in (1, 2)]
    sent = await hotline.dispatched("cg", draft(3))
    working = await hotline.accepted("zj", draft(4))
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    page = await dispatcher.get("/console/tickets")
    assert numbers(page) == [ticket.number for ticket in waiting]
    assert (counts(page)["待派单"], counts(page)["待签收"]) == ("2", "1")
    assert numbers(await dispatcher.get("/console/tickets?view=all"))[0] == working.number

    page = await clerk.get("/console/tickets")
    assert numbers(page) == [sent.number]
    assert counts(page)["待签收"] == "1"
    assert "待派单" not in counts(page)
    assert numbers(await clerk.get("/console/tickets?view=all")) == [sent.number]


async def test_what_is_due_today_what_is_late_and_what_is_mine(console, hotline, clock):
    ticket = await hotline.accepted("cg", draft(1))
    clerk = await console.staff("cg-clerk", Role.UNIT_CLERK, units=["cg"])
    await hotline.do(clerk_of("cg"), ticket, Verb.ASSIGN, handler="cg-clerk")
    assert numbers(await clerk.get("/console/tickets?view=mine")) == [ticket.number]
    assert numbers(await clerk.get("/console/tickets?view=today")) == []

    due = (await hotline.desk.of_conversation("conversation-1"))[0].step_due
    clock.moment = due
    clock.forward(minutes=-30)
    assert numbers(await (await console.signed_in("cg-clerk")).get("/console/tickets?view=today")) == [ticket.number]
    clock.moment = due
    clock.forward(minutes=1)
    clerk = await console.signed_in("cg-clerk")
    assert numbers(await clerk.get("/console/tickets?view=today")) == []
    assert numbers(await clerk.get("/console/tickets?view=step_overdue")) == [ticket.number]
    clock.forward(days=40)
    assert numbers(await (await console.signed_in("cg-clerk")).get("/console/tickets?view=long_overdue")) == [
        ticket.number
    ]


@ONE_KIND
async def test_what_others_have_to_do_is_not_late_for_the_unit(console, hotline, clock):
    ticket = await hotline.accepted("cg", draft(1))
    await hotline.do(clerk_of("cg"), ticket, Verb.REPLY, text=REPLY)  # the hotline is to check it now
    clock.moment = (await hotline.desk.of_conversation("conversation-1"))[0].step_due
    clock.forward(minutes=-10)
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    agent = await console.staff("agent", Role.AGENT)

    assert numbers(await clerk.get("/console/tickets?view=today")) == []
    assert numbers(await agent.get("/console/tickets?view=today")) == [ticket.number]
    clock.forward(minutes=11)
    assert numbers(await clerk.get("/console/tickets?view=step_overdue")) == []
    assert numbers(await agent.get("/console/tickets?view=step_overdue")) == [ticket.number]


async def test_a_list_is_narrowed_and_the_filter_kept_under_a_name(console, hotline):
    help_wanted = await hotline.submitted(draft(1, kind=Kind.HELP, urgency=Urgency.URGENT))
    await hotline.submitted(draft(2))
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    narrowed = await dispatcher.get("/console/tickets?view=to_dispatch&kind=help&urgency=urgent")
    assert numbers(narrowed) == [help_wanted.number]
    kept = await dispatcher.post("/console/tickets/filters", name="急的求助", query="view=to_dispatch&kind=help")
    assert kept.has("已存为“急的求助”")
    assert numbers(kept) == [help_wanted.number]
    assert "view=to_dispatch&amp;kind=help" in (await dispatcher.get("/console/tickets")).text

    colleague = await console.staff("colleague", Role.DISPATCHER)
    assert not (await colleague.get("/console/tickets")).has("急的求助")
    number = re.search(r"/tickets/filters/(\d+)/drop", kept.text)[1]
    await colleague.post(f"/console/tickets/filters/{number}/drop")
    assert (await dispatcher.get("/console/tickets")).has("急的求助")
    await dispatcher.post(f"/console/tickets/filters/{number}/drop")
    assert not (await dispatcher.get("/console/tickets")).has("急的求助")


@ONE_KIND
async def test_a_number_opens_its_ticket_from_the_list_and_from_the_search(console, hotline):
    ticket = await hotline.submitted()
    agent = await console.staff("agent", Role.AGENT)

    assert (await agent.get(f"/console/tickets?q={ticket.number}")).url == f"/console/tickets/{ticket.number}"
    assert (await agent.get("/console/tickets?q=42")).has("“42”不是完整的工单编号")
    assert (await agent.get(f"/console/search?q={ticket.number}")).has(ticket.number, "待派单")


async def test_pages_go_on_where_the_one_before_ended(console, hotline, monkeypatch):
    monkeypatch.setattr("console.tickets.lists.page.PAGE", 2)
    made = [await hotline.submitted(draft(number)) for number in range(5)]
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)

    page, seen = await dispatcher.get("/console/tickets"), []
    while True:
        seen += numbers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        if following is None:
            break
        page = await dispatcher.get(following[1].replace("&amp;", "&"))
    assert seen == [ticket.number for ticket in made]


async def test_several_are_dispatched_and_what_refuses_is_said(console, hotline):
    made = [await hotline.submitted(draft(number)) for number in range(3)]
    await hotline.do(AGENT, made[2], Verb.ADD, text="还有一件事")
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
    picked = [f"{ticket.number}:{ticket.revision}" for ticket in made]

    nothing = await dispatcher.post("/console/tickets/dispatch", picked=picked, unit="", query="view=to_dispatch")
    assert nothing.has("请选择派给哪个单位")
    told = await dispatcher.post("/console/tickets/dispatch", picked=picked, unit="cg", query="view=to_dispatch")

    assert told.has("2 张完成，1 张没有办成", made[2].number, "刚刚有了变化")
    states = [(await hotline.desk.of_conversation(f"conversation-{number}"))[0].state for number in range(3)]
    assert states == [State.DISPATCHED, State.DISPATCHED, State.SUBMITTED]


@ONE_KIND
async def test_several_are_urged_once_a_day(console, hotline):
    ticket = await hotline.accepted()
    agent = await console.staff("agent", Role.AGENT)
    picked = f"{ticket.number}:{ticket.revision}"

    assert (await agent.post("/console/tickets/urge", picked=picked, query="view=all")).has("催办完成：1 张")
    picked = f"{ticket.number}:{ticket.revision + 1}"
    assert (await agent.post("/console/tickets/urge", picked=picked, query="view=all")).has("今天已经替您催过一次")


@ONE_KIND
async def test_a_list_is_given_out_masked_only_to_who_asked(database, keyring, clock, hotline, tmp_path):
    await hotline.submitted(draft(1, description="=1+1 电梯坏了，请打13912345678"))
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
        link = await exported(dispatcher, "/console/tickets/export?view=to_dispatch", kind="csv", personal="yes")

        given = await dispatcher.get(link)
        assert "'=1+1 电梯坏了" in given.text
        assert "138****8000" in given.text
        assert "13800138000" not in given.text
        assert "13912345678" not in given.text
        kept = next(path for path in (tmp_path / "exports").rglob("*.csv"))
        assert b"\xe7\x94\xb5\xe6\xa2\xaf" not in kept.read_bytes()  # 电梯

        assert (await (await console.staff("other", Role.DISPATCHER)).get(link)).status == 404


@ONE_KIND
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_file_is_on_the_disk_only_encrypted_and_for_an_hour(database, keyring, clock, hotline, tmp_path, kind):
    for number in range(3):
        await hotline.submitted(draft(number))
    files = ExportFiles(tmp_path / "exports", keyring.cipher("exports"))
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        supervisor = await console.staff("supervisor", Role.SUPERVISOR)
        address = "/console/tickets/export?view=all"
        link = await exported(supervisor, address, kind=kind, personal="yes", reason="市里核查")

        (kept,) = [path for path in files.folder.rglob("*") if path.is_file()]
        content = kept.read_bytes()
        assert not [plain for plain in (b"13800138000", "电梯".encode(), b"PK\x03\x04") if plain in content]
        size, pieces = files.reading("supervisor", link.rpartition("/")[2])
        assert size == len(b"".join(pieces)) > 0

        clock.forward(minutes=61)
        os.utime(kept, (clock().timestamp() - 3660,) * 2)
        assert files.sweep(clock()) == 1
        assert (await (await console.signed_in("supervisor")).get(link)).status == 404


def test_what_a_crash_left_of_a_file_goes_and_was_never_plain(keyring, clock, tmp_path):
    files = ExportFiles(tmp_path, keyring.cipher("exports"))
    with suppress(KeyboardInterrupt), files.writing("wang", "1-20261121.csv") as file:
        file.write(("13800138000," * 20_000).encode())
        (part,) = [path for path in tmp_path.rglob("*") if path.is_file()]
        left = part.read_bytes()
        raise KeyboardInterrupt
    assert files.reading("wang", "1-20261121.csv") is None
    part.write_bytes(left)  # as a killed process leaves it
    os.utime(part, (clock().timestamp() - 3660,) * 2)

    assert len(left) > 0
    assert b"13800138000" not in left
    assert (files.sweep(clock()), list(part.parent.iterdir())) == (1, [])


@ONE_KIND
async def test_full_data_are_given_out_to_supervisors_with_a_reason(database, keyring, clock, hotline, tmp_path):
    await hotline.submitted(draft(1))
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        supervisor = await console.staff("supervisor", Role.SUPERVISOR)
        address = "/console/tickets/export?view=all"
        assert (await supervisor.post(address, kind="csv", personal="yes")).has("要写明为什么")
        link = await exported(supervisor, address, kind="csv", personal="yes", reason="市里核查")
        assert "13800138000" in (await supervisor.get(link)).text


async def exported(visitor, address, **form):
    """The address of a file, once it is there."""
    page = await visitor.post(address, **form)
    while not (link := re.search(r'href="/console(/tickets/exports/[^"]+)"', page.text)):
        assert "没有做完" not in page.text
        await asyncio.sleep(0.05)
        page = await visitor.get(page.url)
    return f"/console{link[1]}"


async def test_messages_are_read_by_whom_they_are_meant_for(console, hotline, database):
    ticket = await hotline.dispatched("cg")
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    page = await clerk.get("/console/messages")
    assert page.has("派单", ticket.number)
    lines = re.findall(r'name="shown" value="(\d+)"', page.text)
    await (await console.staff("stranger", Role.UNIT_CLERK, units=["zj"])).post("/console/messages/read", shown=lines)
    assert len(await database.read(unread(clerk_of("cg")))) == len(lines)

    assert (await clerk.post("/console/messages/read", shown=lines)).has(f"{len(lines)} 条标为已读")
    assert (await clerk.get("/console/messages")).has("没有没读的消息")


async def test_the_start_page_says_what_waits_for_whom(console, hotline):
    await hotline.submitted(draft(1))
    await hotline.dispatched("cg", draft(2))
    dispatcher = await console.staff("dispatcher", Role.DISPATCHER)
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])

    assert (await dispatcher.get("/console/")).has("1 张工单待派单")
    assert (await clerk.get("/console/")).has("1 张工单待签收")
    assert not (await clerk.get("/console/")).has("张工单待派单")
