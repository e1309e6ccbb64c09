"""What the pages of the console ask the database, on both of them."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from knowledge_base import catalogue
from knowledge_base.coverage.suggestions import open_questions_near
from knowledge_base.entry import Entry
from knowledge_base.entry_use import unhelpful_since, unused_since, use_since
from knowledge_base.feedback import Reason
from knowledge_base.gate import Effect, Origin, Trial, Verdict
from knowledge_base.import_log import recent_imports
from knowledge_base.imports import EntryImports
from knowledge_base.kept_trials import GOOD_FOR, forget_trials, keep_trial, kept_trial
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.reviewers import is_alone
from knowledge_base.store import EntryStore
from knowledge_base.tables import answers
from knowledge_base.versions import VersionState
from service.identity.roles import Actor, Role
from service.identity.staff import add_staff

LI = Actor("li", frozenset({Role.CURATOR}))
ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
TRIAL = Trial("0123", 2, (Effect("养蜂", Origin.ASKED, Verdict.LOST, "直接回答 bees", "没有答案"),))


def bees(number):
    return Entry(slug=f"bees-{number}", question=f"养 {number} 箱蜜蜂要许可吗", answer="不用。")


@pytest.fixture
def desk(database, clock):
    return EntryLifecycle(database, EntryStore(database, clock), clock)


async def test_what_stands_somewhere_is_read_page_by_page_each_once(database, desk, clock):
    for number in range(7):
        await desk.save_draft(LI, bees(number))
        clock.forward(seconds=number % 2)  # some at the same moment
    seen, after = [], None
    while page := await database.read(
        catalogue.in_state(VersionState.DRAFT, lambda entry: "3" not in entry.slug, 2, after)
    ):
        seen += [each.entry.slug for each in page]
        after = (page[-1].changed_at, page[-1].id)
    assert seen == [f"bees-{number}" for number in (6, 5, 4, 2, 1, 0)]
    assert (await database.read(catalogue.counts))[VersionState.DRAFT] == 7
    found = await database.read(lambda connection: catalogue.on_their_way(connection, ["bees-1", "wasps"]))
    assert found == {"bees-1": VersionState.DRAFT}


async def test_the_use_of_entries_is_counted_since_a_day(database, clock):
    said = [("answer", None)] * 3 + [("helped", None), ("not_helped", None), ("reason", "outdated")]
    row = {"conversation": "c", "channel": "widget", "clicked": False, "entry": "bees"}
    rows = [row | {"at": clock(), "verb": verb, "reason": reason} for verb, reason in said]
    rows.append(row | {"at": clock() - timedelta(days=31), "verb": "answer", "reason": None})
    await database.write(lambda connection: connection.execute(insert(answers), rows))
    (use,) = (await database.read(use_since(clock() - timedelta(days=30), ["bees", "wasps"]))).values()
    assert (use.told, use.helped, use.not_helped, use.reasons) == (3, 1, 1, ((Reason.OUTDATED, 1),))


async def test_entries_that_are_not_asked_for_or_do_not_help_are_named(database, clock):
    at, since = clock(), clock() - timedelta(days=30)
    store = EntryStore(database, clock)
    await EntryImports(database, store, clock).put([bees(number) for number in range(4)])
    said = [
        *((at, "bees-0", verb) for verb in ("answer", "helped", "helped", "not_helped")),
        *((at, "bees-1", verb) for verb in ("answer", "helped", "not_helped")),  # too few to say anything
        *((at - timedelta(days=31), "bees-2", verb) for verb in ("answer", "not_helped", "not_helped", "not_helped")),
        *((at, "bees-3", "helped") for _ in range(9)),
    ]
    row = {"conversation": "c", "channel": "widget", "clicked": False}
    rows = [row | {"at": when, "entry": entry, "verb": verb} for when, entry, verb in said]
    await database.write(lambda connection: connection.execute(insert(answers), rows))

    assert await database.read(unused_since(since)) == {"bees-2", "bees-3"}
    assert await database.read(unhelpful_since(since)) == {"bees-0"}


async def test_open_questions_near_an_entry_are_found_without_its_own(database, keyring, clock):
    cipher = keyring.cipher("conversations")
    row = {"at": clock(), "conversation": "c", "channel": "widget", "verb": "no_answer", "clicked": False, "gap": 1}
    asked = (
        ("养蜜蜂要什么证", None),
        ("蜂箱放哪里", ["bees-1"]),
        ("养 1 箱蜜蜂要许可吗", ["bees-1"]),
        ("火星旅游", None),
    )
    rows = [row | {"question": cipher.encrypt_text(text), "nearest": near} for text, near in asked]
    for each in rows:
        await database.write(lambda connection, each=each: connection.execute(insert(answers).values(each)))
    assert set(await database.read(open_questions_near(cipher, bees(1)))) == {"养蜜蜂要什么证", "蜂箱放哪里"}


async def test_a_trial_is_kept_sealed_for_a_while_and_then_believed_no_longer(database, keyring, clock):
    cipher = keyring.cipher("conversations")
    await database.write(keep_trial(cipher, "bees", 1, Trial("old", 1, ()), clock()))
    await database.write(keep_trial(cipher, "bees", 1, TRIAL, clock()))
    assert await database.read(kept_trial(cipher, "bees", 1, clock())) == TRIAL
    assert await database.read(kept_trial(cipher, "bees", 2, clock())) is None
    clock.forward(hours=GOOD_FOR / timedelta(hours=1), seconds=1)
    assert await database.read(kept_trial(cipher, "bees", 1, clock())) is None
    assert await database.write(lambda connection: forget_trials(connection, clock())) == 1


async def test_imports_are_listed_with_what_was_taken_back(database, clock):
    imports = EntryImports(database, EntryStore(database, clock), clock)
    first = await imports.put([bees(1), bees(2)], actor="li")
    second = await imports.put([bees(3)])
    await imports.undo(first, actor="wang")
    found = await database.read(recent_imports)
    assert [(each.batch, each.actor, each.entries, each.undone) for each in found] == [
        (second, "import", 1, 0),
        (first, "li", 2, 2),
    ]


async def test_an_administrator_is_alone_until_somebody_else_could_review(database, clock):
    await add_staff(database, "root", [Role.ADMINISTRATOR], "one-time", clock=clock)
    await add_staff(database, "li", [Role.CURATOR], "one-time", clock=clock)
    assert await database.read(lambda connection: is_alone(connection, ROOT))
    assert not await database.read(lambda connection: is_alone(connection, LI))
    await add_staff(database, "wang", [Role.REVIEWER], "one-time", clock=clock)
    assert not await database.read(lambda connection: is_alone(connection, ROOT))
