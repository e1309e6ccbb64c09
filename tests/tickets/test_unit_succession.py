"""A unit that is renamed keeps what is its own; of one that is retired nothing is left that goes nowhere."""

from dataclasses import replace
from datetime import date

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, REPLY, UNITS, clerk_of
from sqlalchemy import select

from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.reviews import raise_reviews
from knowledge_base.store import EntryStore
from knowledge_base.unsaved import Unsaved, keep_within, unsaved_of
from knowledge_base.versions import VersionState
from service.audit import recorded_of
from service.clock import china_date
from service.identity.roles import Actor, Role
from service.identity.staff import actor_of, add_staff
from service.inbox import unread
from service.tasks import TaskKind, open_tasks
from service.unit_list import open_unit_list
from tickets.moves import Verb
from tickets.parties import CITIZEN
from tickets.states import State
from tickets.succession import Succession
from tickets.tables import timeline
from tickets.units import Unit, UnitRefused, names_within, put_within

ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
LI = Actor("li.hua", frozenset({Role.CURATOR}))
CG, ZJ, SW = UNITS
BEES = Entry(slug="bees", question="养蜂要许可吗", answer="不用。", issuing_unit=CG.name, review_by=date(2026, 12, 1))
TAPS = BEES.model_copy(update={"slug": "taps", "question": "停水找谁", "issuing_unit": ZJ.name, "review_by": None})


@pytest.fixture
async def units(database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    return open_unit_list(database, clock)


@pytest.fixture
def entries(database, clock):
    return EntryLifecycle(database, EntryStore(database, clock), clock, names_within)


@pytest.fixture
async def told(database, clock, units):
    store = EntryStore(database, clock)
    await EntryImports(database, store, clock).put([BEES, TAPS])
    return store


async def issuers(store):
    return {entry.slug: entry.issuing_unit for entry in await store.published(["bees", "taps"])}


async def test_entries_go_along_with_a_new_name_and_keep_what_was_told_before(units, told, entries):
    await entries.save_draft(LI, TAPS.model_copy(update={"slug": "wells"}))
    await units.put(ROOT, [replace(CG, name="市城管局"), replace(ZJ, name="市住建局")], reason="机构改革")

    assert await issuers(told) == {"bees": "市城管局", "taps": "市住建局"}
    now, before = await entries.versions("bees")
    assert (now.state, now.number, now.entry.answer) == (VersionState.PUBLISHED, 2, "不用。")
    assert (before.state, before.entry.issuing_unit) == (VersionState.SUPERSEDED, CG.name)
    (draft,) = await entries.versions("wells")
    assert (draft.state, draft.number, draft.entry.issuing_unit) == (VersionState.DRAFT, 1, "市住建局")
    newest = (await entries.history("bees"))[-1]
    assert (newest.verb, newest.actor, newest.note) == ("unit", "root", f"发布单位：{CG.name} → 市城管局")


async def test_a_clerk_still_writes_the_entries_of_a_unit_that_was_renamed(units, told, entries):
    clerk = clerk_of("cg")
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="机构改革")
    found = (await entries.versions("bees"))[0].entry
    assert (await entries.save_draft(clerk, found)).entry.issuing_unit == "市城管局"


async def test_two_units_that_change_names_do_not_end_with_one(units, told):
    await units.put(ROOT, [replace(CG, name=ZJ.name), replace(ZJ, name="暂名")], reason="对调")
    assert await issuers(told) == {"bees": ZJ.name, "taps": "暂名"}


async def test_what_is_to_be_done_and_what_is_being_typed_goes_along_with_the_name(units, told, database, clock):
    await database.write(raise_reviews(clock(), date(2026, 12, 5) - china_date(clock())))
    typed = Unsaved("bees", {"issuing_unit": CG.name, "answer": "不用了。"}, "", clock())
    await database.write(lambda connection: keep_within(connection, "li.hua", typed))
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="机构改革")
    await database.write(raise_reviews(clock(), date(2026, 12, 5) - china_date(clock())))

    (task,) = await database.read(open_tasks())
    assert (task.task.kind, task.task.subject, task.task.unit) == (TaskKind.REVIEW, "bees", "市城管局")
    assert (await database.read(unsaved_of("li.hua", "bees"))).fields["issuing_unit"] == "市城管局"


async def test_a_successor_gets_tickets_accounts_entries_and_news(hotline, units, told, database, clock):
    await add_staff(database, "zhao", [Role.UNIT_CLERK], "Long-enough-1", units=["cg", "sw"])
    waits = await hotline.dispatched("cg")
    works = await hotline.accepted("cg", replace(DRAFT, id="draft-2"))
    assists = await hotline.submitted(replace(DRAFT, id="draft-3"))
    await hotline.do(DISPATCHER, assists, Verb.DISPATCH, unit="sw", units=("cg", "zj"))
    other = await hotline.accepted("sw", replace(DRAFT, id="draft-4"))
    handed = (waits, works, assists, other)
    told_before = await database.read(unread(clerk_of("cg")))

    await units.put(ROOT, [replace(CG, active=False, successor="zj")], reason="并入住建局")
    assert await Succession(hotline.lifecycle).run() == 3
    assert await Succession(hotline.lifecycle).run() == 0

    found = {each.number: await hotline.desk.find(each.number, conversation=each.conversation) for each in handed}
    assert (found[waits.number].called, found[waits.number].state) == ("zj", State.DISPATCHED)
    assert (found[works.number].lead, found[works.number].promised_at) == ("zj", works.promised_at)
    assert found[assists.number].lead == "sw"
    assert found[other.number].revision == other.revision
    await hotline.do(clerk_of("zj"), works, Verb.REPLY, text=REPLY)
    assert (await actor_of(database, "zhao")).units == {"sw", "zj"}
    (line,) = [each for each in await database.read(recorded_of("zhao")) if each.deed == "rights"]
    assert line.details == {"before": ["cg", "sw"], "after": ["sw", "zj"]}
    assert await issuers(told) == {"bees": ZJ.name, "taps": ZJ.name}
    assert {each.id for each in told_before} <= {each.id for each in await database.read(unread(clerk_of("zj")))}
    assert (await units.ties(CG)).tickets == 0
    assert not (await units.ties(CG)).held


async def test_a_ticket_that_is_opened_again_later_goes_to_the_successor(hotline, units):
    ticket = await hotline.dispatched("cg")
    await hotline.replied("cg", ticket)
    await hotline.do(CITIZEN, ticket, Verb.RESOLVE, solved=True)
    await units.put(ROOT, [replace(CG, active=False, successor="zj")], reason="并入住建局")
    assert await Succession(hotline.lifecycle).run() == 0

    await hotline.do(CITIZEN, ticket, Verb.DISPUTE, reason="又坏了")
    assert await Succession(hotline.lifecycle).run() == 1
    reopened = await hotline.do(AGENT, ticket, Verb.REWORK, reason="又坏了，请再修")
    assert reopened.lead == "zj"


async def test_the_timeline_says_who_took_over(hotline, units, database):
    ticket = await hotline.accepted("cg")
    await units.put(ROOT, [replace(CG, active=False, successor="zj")], reason="并入住建局")
    await Succession(hotline.lifecycle).run()
    last = select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id.desc()).limit(1)
    row = await database.read(lambda connection: connection.execute(last).one())
    assert (row.verb, row.actor, row.details) == (Verb.SUCCEED, "system", {"unit": "zj", "before": ["cg"]})


@pytest.mark.parametrize("hangs", ["ticket", "account", "entry", "past"])
async def test_a_unit_on_which_something_hangs_is_not_retired_without_a_successor(
    hotline, units, told, database, hangs, clock
):
    unit = Unit("new", "新单位")
    await units.put(ROOT, [unit], reason="新设")
    if hangs == "ticket":
        await hotline.dispatched("new")
    elif hangs == "account":
        await add_staff(database, "zhao", [Role.UNIT_CLERK], "Long-enough-1", units=["new"])
    elif hangs == "entry":
        entry = BEES.model_copy(update={"slug": "new", "issuing_unit": "新单位"})
        await EntryImports(database, told, clock).put([entry])
    else:
        await units.put(ROOT, [replace(SW, active=False, successor="new")], reason="并入")
    with pytest.raises(UnitRefused, match=r"“新单位”还有.*请选由哪个单位接续") as refused:
        await units.put(ROOT, [replace(unit, active=False)], reason="撤销")
    assert refused.value.field == "successor"


async def test_nobody_takes_over_who_is_no_longer_in_use_and_no_plan_leaves_that_open(units):
    await units.put(ROOT, [replace(ZJ, active=False)], reason="撤销")
    with pytest.raises(UnitRefused, match="已经停用，不能接续"):
        await units.put(ROOT, [replace(CG, active=False, successor="zj")], reason="并入")
    with pytest.raises(UnitRefused, match="请先选好由哪个单位接续"):
        await units.put(ROOT, [replace(CG, active=False)], reason="撤销", begins_on=date(2026, 12, 1))
