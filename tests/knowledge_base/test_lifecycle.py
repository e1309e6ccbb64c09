import asyncio
import random
from datetime import date

import pytest
from published import publish as publish_untried

from knowledge_base.entry import Entry, Facets
from knowledge_base.gate import Trial, digest_of
from knowledge_base.imports import EntryImports, UndoRefused
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.preview import preview
from knowledge_base.store import EntryStore
from knowledge_base.versions import MOVES, OPEN, FieldChange, NotAllowed, VersionState, compare
from service.identity.roles import Actor, Role

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))
BOTH = Actor("zhao.min", frozenset({Role.CURATOR, Role.REVIEWER}))
CLERK = Actor("ma.jun", frozenset({Role.AGENT}))
BEES = Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。", review_by=date(2027, 1, 31))


@pytest.fixture
def store(database, clock):
    return EntryStore(database, clock)


@pytest.fixture
def imports(database, store, clock):
    return EntryImports(database, store, clock)


@pytest.fixture
def desk(database, store, clock):
    return EntryLifecycle(database, store, clock)


async def publish(desk, entry, author=LI, reviewer=WANG):
    draft = await desk.save_draft(author, entry)
    await desk.submit(author, entry.slug, draft.number)
    await desk.approve(reviewer, entry.slug, draft.number)
    return await publish_untried(desk, reviewer, entry.slug, draft.number)


async def told(store):
    changes = await store.changes_since(0)
    return {entry.slug: entry.answer for entry in changes.put} if changes else {}


async def test_an_entry_is_told_only_once_another_person_has_approved_it(desk, store):
    draft = await desk.save_draft(LI, BEES)
    await desk.submit(LI, "bees", draft.number)
    assert await told(store) == {}

    await desk.approve(WANG, "bees", draft.number)
    assert await told(store) == {}

    published = await publish_untried(desk, WANG, "bees", draft.number)
    assert await told(store) == {"bees": "不用。"}
    assert (published.state, published.author, published.reviewer) == (VersionState.PUBLISHED, "li.hua", "wang.fang")
    assert [item.verb for item in await desk.history("bees")] == ["draft", "submit", "approve", "publish"]


async def test_nobody_approves_what_they_wrote_whatever_their_roles(desk):
    draft = await desk.save_draft(BOTH, BEES)
    await desk.submit(BOTH, "bees", draft.number)

    with pytest.raises(NotAllowed, match="请另一位同事"):
        await desk.approve(BOTH, "bees", draft.number)


async def test_who_wrote_of_it_does_not_approve_it_though_a_colleague_saved_last(desk):
    draft = await desk.save_draft(BOTH, BEES)
    await desk.save_draft(LI, BEES.model_copy(update={"answer": "不用管。"}))
    await desk.submit(LI, "bees", draft.number)

    with pytest.raises(NotAllowed, match="请另一位同事"):
        await desk.approve(BOTH, "bees", draft.number)


@pytest.mark.parametrize("verb", ["save_draft", *MOVES])
async def test_without_the_role_nothing_can_be_done(desk, verb):
    await publish(desk, BEES)
    arguments = {"save_draft": (BEES,), "withdraw": ("bees", "原因"), "send_back": ("bees", 1, "原因")}

    arguments["publish"] = ("bees", 1, Trial(digest_of(BEES), 0, ()))

    with pytest.raises(NotAllowed, match="权限"):
        await getattr(desk, verb)(CLERK, *arguments.get(verb, ("bees", 1)))


async def test_a_new_version_takes_the_place_of_the_old_and_the_old_can_be_brought_back(desk, store):
    await publish(desk, BEES)
    await publish(desk, BEES.model_copy(update={"answer": "要。"}))
    assert await told(store) == {"bees": "要。"}
    assert [v.state for v in await desk.versions("bees")] == [VersionState.PUBLISHED, VersionState.SUPERSEDED]

    restored = await desk.restore(LI, "bees", 1)
    assert (restored.number, restored.state, restored.entry.answer) == (3, VersionState.DRAFT, "不用。")
    await desk.submit(LI, "bees", 3)
    await desk.approve(WANG, "bees", 3)
    await publish_untried(desk, WANG, "bees", 3)

    assert await told(store) == {"bees": "不用。"}
    assert "取自第 1 版" in [item.note for item in await desk.history("bees")]


async def test_a_withdrawn_entry_is_told_no_longer_and_says_why(desk, store):
    await publish(desk, BEES)
    with pytest.raises(NotAllowed, match="原因"):
        await desk.withdraw(WANG, "bees", "  ")

    await desk.withdraw(WANG, "bees", "规定改了")
    assert await told(store) == {}
    assert (await desk.history("bees"))[-1].note == "规定改了"
    with pytest.raises(NotAllowed, match="没有已发布"):
        await desk.withdraw(WANG, "bees", "再撤一次")


async def test_who_withdrew_by_mistake_puts_it_back_at_once_and_nobody_else_or_later(desk, store, clock):
    await publish(desk, BEES)
    await desk.withdraw(WANG, "bees", "看错了")
    with pytest.raises(NotAllowed, match="只有刚撤下的人"):
        await desk.put_back(LI, "bees", 1)
    await desk.put_back(WANG, "bees", 1)
    assert await told(store) == {"bees": "不用。"}
    assert [item.verb for item in await desk.history("bees")][-2:] == ["withdraw", "put_back"]

    await desk.withdraw(WANG, "bees", "规定改了")
    clock.forward(days=1)
    with pytest.raises(NotAllowed, match="只有刚撤下的人"):
        await desk.put_back(WANG, "bees", 1)


async def test_what_was_handed_in_too_early_is_taken_back(desk):
    draft = await desk.save_draft(LI, BEES)
    await desk.submit(LI, "bees", draft.number)
    assert (await desk.take_back(LI, "bees", draft.number)).state is VersionState.DRAFT


async def test_what_is_under_review_is_not_changed_and_can_be_sent_back(desk):
    draft = await desk.save_draft(LI, BEES)
    await desk.submit(LI, "bees", draft.number)
    with pytest.raises(NotAllowed, match="请先退回"):
        await desk.save_draft(LI, BEES)

    await desk.send_back(WANG, "bees", draft.number, "没有写依据")
    changed = await desk.save_draft(LI, BEES.model_copy(update={"answer": "不用，见某条。"}))
    assert (changed.number, changed.entry.answer) == (1, "不用，见某条。")


async def test_two_people_do_not_overwrite_each_other(desk, clock):
    read = await desk.save_draft(LI, BEES)
    clock.forward(minutes=1)
    await desk.save_draft(BOTH, BEES.model_copy(update={"answer": "要。"}), seen=read.changed_at)

    with pytest.raises(NotAllowed, match=r"zhao\.min 刚刚保存过"):
        await desk.save_draft(LI, BEES, seen=read.changed_at)


async def test_drafts_saved_at_once_are_one_draft(desk):
    outcomes = await asyncio.gather(
        *(desk.save_draft(LI, BEES.model_copy(update={"answer": str(n)})) for n in range(6))
    )

    assert {outcome.number for outcome in outcomes} == {1}
    assert [item.verb for item in await desk.history("bees")] == ["draft", *["edit"] * 5]


async def test_an_import_is_a_version_like_any_other(desk, store, imports):
    await publish(desk, BEES)
    await imports.put([BEES.model_copy(update={"answer": "看情况。"})])

    newest, first = await desk.versions("bees")
    assert (newest.number, newest.author, newest.state) == (2, "import", VersionState.PUBLISHED)
    assert first.state is VersionState.SUPERSEDED


async def test_entries_to_look_at_again_come_in_time(desk):
    await publish(desk, BEES)
    await publish(desk, BEES.model_copy(update={"slug": "wasps", "review_by": date(2026, 12, 31)}))
    await publish(desk, BEES.model_copy(update={"slug": "ants", "review_by": None}))

    assert [entry.slug for entry in await desk.reviews_due(date(2026, 12, 30))] == []
    assert [entry.slug for entry in await desk.reviews_due(date(2027, 1, 31))] == ["wasps", "bees"]


def test_versions_are_compared_field_by_field():
    newer = BEES.model_copy(update={"answer": "要。", "facets": Facets(fee="10 元"), "similar_questions": ("养蜂",)})

    assert compare(BEES, newer) == [
        FieldChange("answer", "不用。", "要。"),
        FieldChange("similar_questions", "", "养蜂"),
        FieldChange("fee", "", "10 元"),
    ]
    assert compare(BEES, BEES) == []


async def test_however_it_is_used_one_version_is_told_and_one_is_open_at_most(desk, store):
    chance = random.Random(4)
    refused, every = 0, []
    for step in range(200):
        actor, number = chance.choice((LI, WANG, BOTH)), chance.choice([1, 2, *[len(every) or 1] * 6])
        verb = chance.choice(["save_draft", "restore", *MOVES])
        arguments = {
            "save_draft": (BEES.model_copy(update={"answer": f"第 {step} 步"}),),
            "withdraw": ("bees", "原因"),
            "send_back": ("bees", number, "原因"),
        }
        try:
            if verb == "publish":
                await publish_untried(desk, actor, "bees", number)
            else:
                await getattr(desk, verb)(actor, *arguments.get(verb, ("bees", number)))
        except NotAllowed:
            refused += 1
        every = await desk.versions("bees")
        published = [v for v in every if v.state is VersionState.PUBLISHED]
        assert len(published) <= 1
        assert len([v for v in every if v.state in OPEN]) <= 1
        assert await told(store) == {v.entry.slug: v.entry.answer for v in published}
        assert all(v.reviewer not in (None, v.author) for v in published)
    assert refused < 180
    assert {item.verb for item in await desk.history("bees")} >= {"draft", "edit", "submit", "approve", "publish"}


async def test_an_import_can_be_undone_as_a_whole(desk, store, imports):
    await publish(desk, BEES)
    wasps = BEES.model_copy(update={"slug": "wasps", "answer": "不行。"})
    batch = await imports.put([BEES.model_copy(update={"answer": "看情况。"}), wasps])
    assert await told(store) == {"bees": "看情况。", "wasps": "不行。"}

    assert (await imports.undo(batch)).entries == 2
    assert await told(store) == {"bees": "不用。"}
    assert [v.state for v in await desk.versions("bees")] == [VersionState.WITHDRAWN, VersionState.PUBLISHED]
    with pytest.raises(UndoRefused, match="后来又改过"):
        await imports.undo(batch)
    with pytest.raises(UndoRefused, match="没有编号为 999"):
        await imports.undo(999)


async def test_an_import_whose_entries_were_changed_since_is_not_undone(desk, store, imports):
    wasps = BEES.model_copy(update={"slug": "wasps"})
    batch = await imports.put([BEES, wasps])
    await publish(desk, BEES.model_copy(update={"answer": "要。"}))

    with pytest.raises(UndoRefused, match=r"有 1 条后来又改过[\s\S]*bees：后来发布了第 2 版（li.hua）"):
        await imports.undo(batch)
    assert await told(store) == {"bees": "要。", "wasps": "不用。"}


def test_a_preview_tells_new_changed_and_same():
    wasps, ants = (BEES.model_copy(update={"slug": slug}) for slug in ("wasps", "ants"))
    changed = BEES.model_copy(update={"answer": "要。"})

    found = preview([BEES, wasps], [changed, wasps.model_copy(update={"version": 7}), ants])
    assert (found.new, found.same) == ((ants,), (wasps.model_copy(update={"version": 7}),))
    assert found.changed == ((changed, (FieldChange("answer", "不用。", "要。"),)),)
    assert found.to_put == [ants, changed]
