"""“Still right”: who says so, by what, and how it is taken back; on both databases."""

from datetime import date

import pytest
from sqlalchemy import select

from knowledge_base.confirmations import Confirmations, last_confirmation, overdue
from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.reviews import raise_reviews
from knowledge_base.store import EntryStore
from knowledge_base.tables import entries
from knowledge_base.versions import NotAllowed
from service.clock import china_date
from service.identity.roles import Actor, Role
from service.tasks import open_tasks

LI = Actor("li.hua", frozenset({Role.CURATOR}))
CLERK = Actor("ma.jun", frozenset({Role.UNIT_CLERK}), units=frozenset({"rs"}))
OTHER = Actor("wu.di", frozenset({Role.UNIT_CLERK}), units=frozenset({"cg"}))
AGENT = Actor("sun.yi", frozenset({Role.AGENT}))
LINK = "https://example.gov.cn/card"


@pytest.fixture
def lifecycle(database, clock):
    return EntryLifecycle(database, EntryStore(database, clock), clock, lambda _connection, _codes: {"rs": "市人社局"})


@pytest.fixture
def today(clock):
    return china_date(clock())


@pytest.fixture
async def desk(database, lifecycle, clock, today):
    card = Entry(slug="card", question="社保卡丢了怎么办", answer="补办。", issuing_unit="市人社局", review_by=today)
    await EntryImports(database, lifecycle.store, clock).put([card])
    clock.forward(days=2)
    return Confirmations(lifecycle)


async def told(database):
    statement = select(entries.c.content, entries.c.review_by)
    row = await database.read(lambda connection: connection.execute(statement).one())
    return Entry.model_validate_json(row.content), row.review_by


async def test_the_unit_says_an_entry_is_still_right_and_its_task_is_done(desk, database, lifecycle, clock):
    await database.write(raise_reviews(clock(), ahead=clock().resolution))
    assert await database.read(overdue({"市人社局"}, china_date(clock()))) == 1
    done = await desk.confirm(CLERK, "card", LINK, date(2028, 1, 31))

    entry, review_by = await told(database)
    assert (entry.review_by, review_by, entry.version, entry.answer) == (done.until, done.until, 1, "补办。")
    assert await database.read(open_tasks()) == []
    assert await database.read(overdue(None, china_date(clock()))) == 0
    assert [(item.verb, item.actor) for item in await lifecycle.history("card")][-1] == ("confirm", "ma.jun")
    assert LINK in (await lifecycle.history("card"))[-1].note
    assert (await lifecycle.version("card", 1)).entry.review_by == done.until
    assert len((await lifecycle.store.changes_since(1)).put) == 1  # every process hears of it


async def test_what_was_said_last_is_taken_back_by_who_said_it_within_a_day(desk, database, clock, today):
    await desk.confirm(CLERK, "card", LINK, date(2028, 1, 31))
    with pytest.raises(NotAllowed, match="没有可以撤销的复核"):
        await desk.take_back(LI, "card")
    assert await desk.take_back(CLERK, "card") == today
    assert (await told(database))[1] == today
    assert await database.read(last_confirmation("card")) is None
    with pytest.raises(NotAllowed, match="没有可以撤销的复核"):
        await desk.take_back(CLERK, "card")

    await desk.confirm(CLERK, "card", LINK, date(2028, 1, 31))
    clock.forward(days=1)
    with pytest.raises(NotAllowed, match="没有可以撤销的复核"):
        await desk.take_back(CLERK, "card")


@pytest.mark.parametrize(
    ("actor", "slug", "evidence", "day", "why"),
    [
        (OTHER, "card", LINK, date(2028, 1, 31), "由市人社局负责"),
        (AGENT, "card", LINK, date(2028, 1, 31), "没有复核条目的权限"),
        (LI, "bees", LINK, date(2028, 1, 31), "没有已发布的版本"),
        (LI, "card", " ", date(2028, 1, 31), "核对了什么"),
        (LI, "card", LINK, date(2026, 1, 1), "今天以后"),
        (LI, "card", LINK, date(2100, 1, 1), "三年以内"),
    ],
)
async def test_it_takes_the_right_evidence_and_a_day_to_come(desk, actor, slug, evidence, day, why):
    with pytest.raises(NotAllowed, match=why):
        await desk.confirm(actor, slug, evidence, day)
