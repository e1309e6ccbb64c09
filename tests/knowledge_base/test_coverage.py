import asyncio
from datetime import date, timedelta

import pytest
from published import publish as publish_untried
from sqlalchemy import func, select

from knowledge_base.answer_log import AnswerLog, Base
from knowledge_base.answered import answered
from knowledge_base.coverage.gaps import Gaps
from knowledge_base.coverage.grouping import Grouping, forget_groups
from knowledge_base.coverage.groups import Centre
from knowledge_base.coverage.meaning import Meaning, most_typical
from knowledge_base.coverage.states import GapState
from knowledge_base.decision import Decision
from knowledge_base.entry import TO_BE_WRITTEN, Entry
from knowledge_base.feedback import Reason
from knowledge_base.imports import EntryImports
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.reviews import raise_reviews
from knowledge_base.store import EntryStore
from knowledge_base.tables import answers, gaps
from knowledge_base.usage import usage
from knowledge_base.versions import NotAllowed
from service.identity.roles import Actor, Role
from service.outbox import due
from service.tasks import TaskKind, open_tasks

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))
CLERK = Actor("ma.jun", frozenset({Role.AGENT}))
BASE = Base(revision=7, answer_at=0.9, offer_at=0.1)
BEES = Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。")
SHEEP = Entry(slug="sheep", question="在小区养羊要许可吗", answer="不行。")
ANTENNA = ["阳台上能装业余无线电天线吗", "业余无线电天线装在阳台要申请吗", "我想在阳台装业余无线电的天线，行不行"]
PIANO = ["晚上几点以后不能弹钢琴", "邻居晚上弹钢琴几点以后不允许", "弹钢琴晚上到几点"]


@pytest.fixture
def log(keyring):
    return AnswerLog(keyring.cipher("conversations"))


@pytest.fixture
def lifecycle(database, clock):
    return EntryLifecycle(database, EntryStore(database, clock), clock)


@pytest.fixture
def desk(database, keyring, lifecycle, clock):
    return Gaps(database, keyring.cipher("conversations"), lifecycle, clock)


@pytest.fixture
def grouping(database, keyring, clock):
    return Grouping(database, keyring.cipher("conversations"), Meaning(None), lambda: ["身份证过期了怎么办"], clock)


@pytest.fixture
def happens(database, log, clock):
    """What a turn logs: `await happens("conversation", ("question", decision), "ticket", …)`."""

    async def happen(conversation, *noted):
        for what in noted:
            if isinstance(what, str):
                getattr(log, what)(conversation, "widget")
            elif isinstance(what[-1], Decision):
                log.record(conversation, "widget", *what, BASE)
            else:
                name, *values = what
                keywords = values.pop() if values and isinstance(values[-1], dict) else {}
                getattr(log, name)(conversation, "widget", *values, **keywords)
        rows = log.take(conversation)
        await database.write(lambda connection: log.write(connection, rows, clock()))

    return happen


@pytest.fixture
def unanswered(happens):
    async def ask(*questions, conversation=""):
        for number, question in enumerate(questions):
            await happens(conversation or f"{question}{number}"[:64], (question, Decision("no_answer", 0.02)))

    return ask


async def publish(lifecycle, slug, number):
    await lifecycle.submit(LI, slug, number)
    await lifecycle.approve(WANG, slug, number)
    return await publish_untried(lifecycle, WANG, slug, number)


async def write_and_publish(lifecycle, gap, desk, unit="区城管局", answer="向区城管局申请。"):
    draft = await desk.draft(LI, gap, unit, date(2026, 12, 1))
    entry = draft.entry.model_copy(update={"answer": answer})
    await lifecycle.save_draft(LI, entry)
    return await publish(lifecycle, draft.entry.slug, draft.number)


async def test_questions_that_ask_the_same_come_together_and_others_do_not(unanswered, grouping, desk):
    await unanswered(*ANTENNA, *PIANO)
    await grouping.run()

    found = await desk.most_asked()
    assert sorted((gap.conversations, gap.questions) for gap in found) == [(3, 3), (3, 3)]
    assert {frozenset(gap.examples) for gap in found} == {frozenset(ANTENNA), frozenset(PIANO)}


async def test_a_group_keeps_its_number_and_name_when_more_is_asked(unanswered, grouping, desk):
    await unanswered(ANTENNA[0])
    await grouping.run()
    before = (await desk.most_asked())[0]
    await unanswered(*ANTENNA[1:], *PIANO)
    await grouping.run()

    after = await desk.one(before.id)
    assert (after.name, after.conversations) == (before.name, 3)


async def test_one_person_who_asks_five_times_counts_once(unanswered, grouping, desk):
    await unanswered(*[ANTENNA[0]] * 5, conversation="one")
    await grouping.run()

    gap = (await desk.most_asked())[0]
    assert (gap.conversations, gap.questions, gap.last_week) == (1, 5, 1)


async def test_the_trend_compares_the_last_seven_days_with_the_seven_before(unanswered, grouping, desk, clock):
    await unanswered(ANTENNA[0])
    clock.forward(days=8)
    await unanswered(*ANTENNA[1:])
    await grouping.run()

    gap = (await desk.most_asked())[0]
    assert (gap.last_week, gap.week_before, gap.conversations) == (2, 1, 3)


CHOICES = Decision("choices", 0.4, choices=(BEES, SHEEP))
ANSWER = Decision("answer", 0.95, BEES)
CHOSEN = ("", Decision.chosen(BEES))


@pytest.mark.parametrize(
    ("noted", "cause"),
    [
        ([(ANTENNA[0], ANSWER)], None),
        ([(ANTENNA[0], ANSWER), ("feedback", "bees", {"helped": True})], None),
        ([(ANTENNA[0], ANSWER), ("feedback", "bees", {"helped": False})], "说没帮助"),
        ([(ANTENNA[0], ANSWER), ("feedback", "sheep", {"helped": False})], None),
        ([(ANTENNA[0], ANSWER), "ticket"], "后来登记了工单"),
        ([(ANTENNA[0], CHOICES)], "选项都没选"),
        ([(ANTENNA[0], CHOICES), CHOSEN], None),
        ([(ANTENNA[0], CHOICES), CHOSEN, ("feedback", "bees", {"helped": False})], "说没帮助"),
        ([(ANTENNA[0], CHOICES), ("多少钱", Decision("no_answer", 0.0))], "选项都没选"),
        ([("那要多少钱", Decision("no_answer", 0.0))], None),
    ],
)
async def test_a_question_is_open_by_what_happened_within_the_hour(happens, grouping, desk, clock, noted, cause):
    for what in noted:
        await happens("one", what)
        clock.forward(minutes=5)
    clock.forward(hours=1)
    await grouping.run()

    assert [list(gap.causes) for gap in await desk.most_asked()] == ([[cause]] if cause else [])


async def test_a_ticket_after_more_than_an_hour_says_nothing_about_the_answer(happens, grouping, desk, clock):
    await happens("one", (ANTENNA[0], ANSWER))
    clock.forward(minutes=61)
    await happens("one", "ticket")
    await grouping.run()

    assert await desk.most_asked() == []


async def test_two_processes_at_once_group_everything_once(unanswered, grouping, desk, database, keyring, clock):
    await unanswered(*[f"{question}{suffix}" for question in ANTENNA + PIANO for suffix in "甲乙丙丁戊"])
    other = Grouping(database, keyring.cipher("conversations"), Meaning(None), list, clock)
    await asyncio.gather(grouping.run(), other.run(), grouping.run())

    found = await desk.most_asked()
    members = await database.read(lambda c: c.scalar(select(func.count()).where(answers.c.gap.is_not(None))))
    assert members == 30
    assert sum(gap.questions for gap in found) == sum(gap.conversations for gap in found) == 30


async def test_a_crash_while_grouping_loses_and_repeats_nothing(unanswered, grouping, desk, database, monkeypatch):
    await unanswered(*ANTENNA)

    def crash(*_):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(Grouping, "_tell_latecomers", staticmethod(crash))
        with pytest.raises(RuntimeError):
            await grouping.run()
    assert await desk.most_asked() == []
    await grouping.run()
    await grouping.run()

    assert [(gap.conversations, gap.questions) for gap in await desk.most_asked()] == [(3, 3)]


async def test_a_draft_asks_what_people_asked_and_cannot_be_submitted_unwritten(unanswered, grouping, desk, lifecycle):
    await unanswered(*ANTENNA, "我是13800138000，阳台上能装业余无线电天线吗")
    await grouping.run()
    gap = (await desk.most_asked())[0]
    draft = await desk.draft(LI, gap.id, "区城管局", date(2026, 12, 1))

    wordings = {draft.entry.question, *draft.entry.similar_questions}
    assert set(ANTENNA) < wordings
    assert "13800138000" not in str(wordings)
    assert (draft.entry.answer, draft.entry.issuing_unit) == (TO_BE_WRITTEN, "区城管局")
    with pytest.raises(NotAllowed, match="还没有写完（答案）"):
        await lifecycle.submit(LI, draft.entry.slug, draft.number)
    with pytest.raises(NotAllowed, match="正在写"):
        await desk.draft(LI, gap.id, "区城管局", date(2026, 12, 1))


async def test_a_draft_needs_the_right_a_unit_and_a_day_to_come(unanswered, grouping, desk):
    await unanswered(*ANTENNA)
    await grouping.run()
    gap = (await desk.most_asked())[0].id

    for actor, unit, day, complaint in (
        (CLERK, "区城管局", date(2026, 12, 1), "权限"),
        (LI, " ", date(2026, 12, 1), "哪个单位"),
        (LI, "区城管局", date(2026, 11, 20), "已经过了"),
    ):
        with pytest.raises(NotAllowed, match=complaint):
            await desk.draft(actor, gap, unit, day)
    assert (await desk.one(gap)).state is GapState.OPEN


async def test_publishing_closes_task_and_group_and_tells_those_who_asked(
    unanswered, happens, grouping, desk, lifecycle, database, keyring, clock
):
    await unanswered(ANTENNA[0], conversation="one")
    for _ in range(2):
        await happens("one", ("tell_me", ANTENNA[0]))
    await unanswered(ANTENNA[1], conversation="two")
    await grouping.run()
    gap = (await desk.most_asked())[0].id
    await desk.draft(LI, gap, "区城管局", date(2026, 12, 1))
    assert [(one.task.unit, one.task.due_on) for one in await database.read(open_tasks(unit="区城管局"))] == [
        ("区城管局", date(2026, 12, 1))
    ]
    await happens("three", ("tell_me", ANTENNA[2]))  # not grouped yet when the answer comes
    await lifecycle.save_draft(LI, Entry(slug=f"gap-{gap}", question=ANTENNA[0], answer="可以。"))
    clock.forward(seconds=1)
    await publish(lifecycle, f"gap-{gap}", 1)
    clock.forward(seconds=2)  # by then every process tells it

    assert await database.read(open_tasks()) == []
    assert (await desk.one(gap)).state is GapState.ANSWERED
    assert [w.notice.conversation for w in await database.read(due(clock(), 9))] == ["one"]
    await grouping.run()
    waiting = await database.read(due(clock(), 9))
    assert [w.notice.conversation for w in waiting] == ["one", "three"]
    assert keyring.cipher("conversations").decrypt_text(waiting[0].notice.content) == ANTENNA[0]


async def test_a_publication_that_fails_tells_nobody(unanswered, happens, grouping, desk, lifecycle, database, clock):
    await happens("one", ("tell_me", ANTENNA[0]))
    await grouping.run()
    gap = (await desk.most_asked())[0].id
    draft = await desk.draft(LI, gap, "区城管局", date(2026, 12, 1))
    with pytest.raises(NotAllowed):
        await publish_untried(lifecycle, WANG, draft.entry.slug, draft.number)

    assert await database.read(due(clock(), 9)) == []
    assert len(await database.read(open_tasks())) == 1


async def test_a_group_that_is_asked_again_after_its_answer_opens_again(unanswered, grouping, desk, lifecycle, clock):
    await unanswered(*ANTENNA)
    await grouping.run()
    gap = (await desk.most_asked())[0].id
    await write_and_publish(lifecycle, gap, desk)
    clock.forward(hours=1)
    await unanswered("阳台装业余无线电天线要不要申请")
    await grouping.run()

    assert (await desk.one(gap)).state is GapState.OPEN
    assert (await write_and_publish(lifecycle, gap, desk, answer="不用申请。")).number == 2


async def test_a_group_that_has_an_answer_shows_how_often_it_was_asked_and_answered_since(
    unanswered, happens, grouping, desk, lifecycle, clock
):
    await unanswered(ANTENNA[0])
    await grouping.run()
    (gap,) = await desk.most_asked()
    written = (await write_and_publish(lifecycle, gap.id, desk)).entry
    clock.forward(days=1)
    for citizen in ("乙", "丙"):
        await happens(citizen, (ANTENNA[1], Decision("answer", 1.0, written)))
    answered = await desk.most_asked((GapState.ANSWERED,))
    since = (await desk.filled(answered))[gap.id]
    assert (since.asked, since.answered) == (2, 2)

    clock.forward(days=31)
    await happens("丁", (ANTENNA[1], Decision("answer", 1.0, written)))
    assert (await desk.filled(answered))[gap.id] == since


async def test_a_dismissed_group_keeps_counting_out_of_sight(unanswered, grouping, desk):
    await unanswered(*ANTENNA[:2])
    await grouping.run()
    gap = (await desk.most_asked())[0].id
    with pytest.raises(NotAllowed, match="原因"):
        await desk.dismiss(LI, gap, " ")
    await desk.dismiss(LI, gap, "不归热线管")
    await unanswered(ANTENNA[2])
    await grouping.run()

    assert await desk.most_asked() == []
    found = await desk.one(gap)
    assert (found.state, found.note, found.conversations) == (GapState.DISMISSED, "不归热线管", 3)


async def test_what_few_asked_is_forgotten_what_many_asked_keeps_its_name(unanswered, grouping, desk, database, clock):
    await unanswered(*ANTENNA, *PIANO[:2])
    await grouping.run()
    clock.forward(days=31)
    before = clock() - timedelta(days=30)
    await database.write(lambda connection: AnswerLog.forget_questions(connection, before))
    assert await database.write(lambda connection: forget_groups(connection, before)) == 1

    found = await desk.most_asked()
    assert [(gap.conversations, gap.examples) for gap in found] == [(3, ())]
    kept = await database.read(lambda c: c.execute(select(gaps.c.questions, gaps.c.name, gaps.c.centre)).all())
    assert [row.questions for row in kept if row.name is None and row.centre is None] == [2]
    with pytest.raises(NotAllowed, match="原话已按规定删除"):
        await desk.draft(LI, found[0].id, "区城管局", clock().date())
    await unanswered(PIANO[2])
    await grouping.run()
    assert sorted(gap.conversations for gap in await desk.most_asked()) == [1, 3]


async def test_an_answer_can_be_shown_as_it_was_given(happens, lifecycle, database, keyring, clock):
    for answer in ("不用。", "要许可。"):
        draft = await lifecycle.save_draft(LI, BEES.model_copy(update={"answer": answer}))
        told = await publish(lifecycle, "bees", draft.number)
        await happens("one", ("阳台能养蜜蜂吗", Decision("answer", 0.95, told.entry)))
    await happens("two", (ANTENNA[0], CHOICES))

    cipher = keyring.cipher("conversations")
    given = await database.read(answered(cipher, conversation="one"))
    assert [(one.version, one.text, one.revision) for one in given] == [(2, "要许可。", 7), (1, "不用。", 7)]
    assert given[0].question == "阳台能养蜜蜂吗"
    assert given[0].decided_by.endswith("0.9/0.1 1*+0")
    assert (await database.read(answered(cipher, since=clock())))[0].offered == ("bees", "sheep")
    assert len(await database.read(answered(cipher, entry="bees"))) == 2


async def test_the_figures_of_some_days(happens, lifecycle, database, clock):
    await EntryImports(database, EntryStore(database, clock), clock).put([BEES, SHEEP])
    first = date(2026, 11, 21)
    await happens("resolved", (ANTENNA[0], CHOICES), CHOSEN, ("feedback", "bees", {"helped": True}))
    await happens("unhappy", (ANTENNA[0], ANSWER), ("feedback", "bees", {"helped": False}))
    await happens("unhappy", ("reason", "bees", Reason.OUTDATED))
    await happens("open", (ANTENNA[0], ANSWER), (ANTENNA[1], Decision("no_answer", 0.0)))
    await happens("ticket", (ANTENNA[0], ANSWER))
    await happens("again", (ANTENNA[0], ANSWER))
    clock.forward(hours=23)
    await happens("ticket", "ticket")
    clock.forward(days=2)
    await happens("again", (ANTENNA[0], ANSWER))

    found = await database.read(usage(first, first))
    assert (found.questions, found.answered, found.choices, found.no_answer) == (6, 4, 1, 1)
    assert (found.helped, found.not_helped, found.reasons["内容过时或有错"]) == (1, 1, 1)
    assert (found.conversations, found.tickets, found.resolved, found.self_service_rate) == (5, 1, 1, 0.2)
    assert (found.top, found.never_told) == ([("bees", 5)], ["sheep"])
    assert (await database.read(usage(date(2026, 1, 1), date(2026, 1, 2)))).self_service_rate is None


async def test_a_review_becomes_a_task_once_and_is_done_by_the_next_version(lifecycle, database, clock):
    due_soon = BEES.model_copy(update={"review_by": date(2026, 12, 20), "issuing_unit": "区农业农村局"})
    later = SHEEP.model_copy(update={"review_by": date(2027, 3, 1)})
    await EntryImports(database, EntryStore(database, clock), clock).put([due_soon, later])
    assert [entry.slug for entry in await lifecycle.reviews_due(date(2026, 12, 21))] == ["bees"]
    raised = [await database.write(raise_reviews(clock(), timedelta(days=30))) for _ in range(2)]

    tasks = await database.read(open_tasks())
    assert raised == [1, 0]
    assert [(t.task.kind, t.task.unit, t.task.due_on) for t in tasks] == [
        (TaskKind.REVIEW, "区农业农村局", date(2026, 12, 20))
    ]
    assert len(await database.read(open_tasks(due_before=date(2026, 12, 21)))) == 1
    await EntryImports(database, EntryStore(database, clock), clock).put(
        [due_soon.model_copy(update={"review_by": date(2027, 12, 20)})]
    )
    assert await database.read(open_tasks()) == []
    assert await database.write(raise_reviews(clock(), timedelta(days=30))) == 0


async def test_a_removed_entry_is_not_reviewed(database, clock):
    store = EntryStore(database, clock)
    await EntryImports(database, store, clock).put([BEES.model_copy(update={"review_by": date(2026, 12, 1)})])
    await store.remove(["bees"])

    assert await database.write(raise_reviews(clock(), timedelta(days=30))) == 0


def test_a_group_that_is_stored_comes_back_as_it_was():
    meaning = Meaning(None)
    from knowledge_base.coverage.meaning import Common

    read, common = meaning.read(ANTENNA), Common()
    common.add(read)
    centre = Centre.unpack(Centre(meaning.vectors(read, common).sum(axis=0), 3).pack())

    assert centre.members == 3
    assert all(float(centre.pull @ vector) > meaning.near for vector in meaning.vectors(read, common))


def test_the_most_typical_wording_is_the_one_the_others_share():
    assert most_typical(["天线", *ANTENNA[:2], "晚上几点"]) in ANTENNA


async def test_publishing_while_grouping_tells_everyone_who_asked_once(
    happens, grouping, desk, lifecycle, database, clock
):
    await happens("first", ("tell_me", ANTENNA[0]))
    await grouping.run()
    gap = (await desk.most_asked())[0].id
    slug = (await desk.draft(LI, gap, "区城管局", date(2026, 12, 1))).entry.slug
    await lifecycle.save_draft(LI, Entry(slug=slug, question=ANTENNA[0], answer="可以。"))
    await lifecycle.submit(LI, slug, 1)
    await lifecycle.approve(WANG, slug, 1)
    for number in range(5):
        await happens(f"late {number}", ("tell_me", ANTENNA[0]))
    clock.forward(seconds=1)
    await asyncio.gather(grouping.run(), publish_untried(lifecycle, WANG, slug, 1), grouping.run())
    clock.forward(seconds=2)

    told = [waiting.notice.conversation for waiting in await database.read(due(clock(), 9))]
    assert sorted(told) == ["first", *(f"late {number}" for number in range(5))]
