from datetime import timedelta

import pytest

from knowledge_base.answer_log import AnswerLog, Base
from knowledge_base.corrections import read_correction, renew_correction
from knowledge_base.decision import UNCORRECTED, AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.gate import BankQuestion, Origin, Trial, Verdict, digest_of, near_questions, try_change
from knowledge_base.imports import EntryImports
from knowledge_base.knowledge import Knowledge
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.live import open_knowledge, refresh_knowledge
from knowledge_base.question_bank import QuestionBank, QuestionRefused, bank_for
from knowledge_base.sample import sample_entries
from knowledge_base.store import EntryStore
from knowledge_base.versions import NotAllowed
from service.identity.roles import Actor, Role
from service.settings import Settings

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))
CLERK = Actor("ma.jun", frozenset({Role.AGENT}))

BEES = Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。", similar_questions=("家里能养蜂吗",))
WASPS = Entry(slug="wasps", question="小区里有马蜂窝找谁摘除", answer="打119。", similar_questions=("马蜂窝谁来摘",))


@pytest.fixture
async def knowledge(clock):
    opened = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await opened.replace([*sample_entries(), BEES, WASPS])
    return opened


def asked(text, *expected, origin=Origin.TEST):
    return BankQuestion(text, origin, frozenset(expected))


async def effects(knowledge, entry, *bank):
    trial = await try_change(knowledge, [entry], bank)
    assert trial.tried == len(bank)
    return {effect.question: effect.verdict for effect in trial.effects}


async def test_what_changes_nothing_shows_nothing(knowledge):
    longer = BEES.model_copy(update={"answer": "不用许可，但不能扰邻。"})
    assert await effects(knowledge, longer, asked("家里能养蜂吗", "bees"), asked("马蜂窝谁来摘", "wasps")) == {}


async def test_an_entry_that_takes_anothers_question_is_seen(knowledge):
    greedy = BEES.model_copy(update={"similar_questions": ("家里能养蜂吗", "马蜂窝谁来摘")})
    found = await try_change(knowledge, [greedy], [asked("马蜂窝谁来摘", "wasps")])

    assert [(effect.verdict.is_drop, effect.before) for effect in found.effects] == [(True, "直接回答 wasps")]
    assert found.drops == found.effects


async def test_a_question_that_is_stolen_for_good_is_called_so(knowledge):
    wordings = ("马蜂窝找谁摘", "马蜂窝在小区里谁摘除", "小区马蜂窝怎么摘", "谁来摘马蜂窝", "摘马蜂窝")
    thief = BEES.model_copy(update={"question": "马蜂窝找谁", "matter": "摘马蜂窝", "similar_questions": wordings})
    found = await effects(knowledge, thief, asked("马蜂窝找谁摘", "wasps"))
    assert found == {"马蜂窝找谁摘": Verdict.STOLEN}


async def test_a_wording_that_goes_is_a_question_lost(knowledge):
    bare = BEES.model_copy(update={"similar_questions": (), "question": "养殖登记"})
    found = await effects(knowledge, bare, asked("家里能养蜂吗", "bees"), asked("养殖登记", "bees"))
    assert found["家里能养蜂吗"].is_drop
    assert found["养殖登记"] is Verdict.BETTER


async def test_what_must_not_be_answered_and_now_is_is_worse(knowledge):
    too_much = BEES.model_copy(update={"similar_questions": ("今天天气怎么样",)})
    assert await effects(knowledge, too_much, asked("今天天气怎么样")) == {"今天天气怎么样": Verdict.WORSE}


async def test_of_what_people_asked_only_the_difference_is_known(knowledge):
    more = BEES.model_copy(update={"similar_questions": ("家里能养蜂吗", "楼顶放蜂箱行不行")})
    question = BankQuestion("楼顶放蜂箱行不行", Origin.ASKED, None)
    (effect,) = (await try_change(knowledge, [more], [question])).effects
    assert (effect.verdict, effect.after) == (Verdict.BETTER, "直接回答 bees")


async def test_trying_leaves_everything_as_it_was(knowledge):
    before, index = await knowledge.decide("家里能养蜂吗"), await knowledge.index()
    await try_change(knowledge, [BEES.model_copy(update={"similar_questions": ()})], [asked("家里能养蜂吗", "bees")])

    assert await knowledge.decide("家里能养蜂吗") == before
    assert await knowledge.index() is index


async def approved(desk, entry):
    draft = await desk.save_draft(LI, entry)
    await desk.submit(LI, entry.slug, draft.number)
    await desk.approve(WANG, entry.slug, draft.number)
    return draft.number


async def test_a_drop_needs_a_written_reason(database, clock, knowledge):
    desk = EntryLifecycle(database, EntryStore(database, clock), clock)
    bare = BEES.model_copy(update={"similar_questions": ()})
    number = await approved(desk, bare)
    trial = await try_change(knowledge, [bare], [asked("家里能养蜂吗", "bees")])

    with pytest.raises(NotAllowed, match="有 1 个问题会答得更差"):
        await desk.publish(WANG, "bees", number, trial)
    await desk.publish(WANG, "bees", number, trial, "这种问法另写一条")
    note = (await desk.history("bees"))[-1].note
    assert note == "这种问法另写一条；发布前试了 1 个问题，1 个有变化，1 个变差：“家里能养蜂吗”"


async def test_what_was_tried_is_what_is_published(database, clock):
    desk = EntryLifecycle(database, EntryStore(database, clock), clock)
    number = await approved(desk, BEES)
    with pytest.raises(NotAllowed, match="重新试一遍"):
        await desk.publish(WANG, "bees", number, Trial(digest_of(WASPS), 5, ()))


async def test_the_bank_has_what_staff_expect_what_people_asked_and_what_is_near(database, keyring, clock, knowledge):
    cipher = keyring.cipher("conversations")
    await EntryImports(database, EntryStore(database, clock), clock).put([BEES])
    await QuestionBank(database, clock).add(LI, "楼顶放蜂箱行不行", "bees")
    log, base = AnswerLog(cipher), Base(1, 0.9, 0.1)
    for text in ("蜂箱多大合适", "蜂箱多大合适？", "我的手机是13800001111，养蜂找谁"):
        log.record("one", "widget", text, await knowledge.decide(text), base)
    await database.write(lambda connection: AnswerLog.write(connection, log.take("one"), clock()))

    bank = await bank_for(database, cipher, knowledge, [BEES], clock)
    by_origin = {origin: [question.text for question in bank if question.origin is origin] for origin in Origin}
    assert by_origin[Origin.TEST] == ["楼顶放蜂箱行不行"]
    assert len(by_origin[Origin.ASKED]) == 2
    assert not any("13800001111" in text for text in by_origin[Origin.ASKED])
    assert {"家里能养蜂吗", "马蜂窝谁来摘"} <= set(by_origin[Origin.SIMILAR])

    clock.forward(days=91)
    later = await bank_for(database, cipher, knowledge, [BEES], clock)
    assert not [question for question in later if question.origin is Origin.ASKED]


async def test_staffs_questions_are_kept_once_and_only_by_those_who_may(database, clock):
    await EntryImports(database, EntryStore(database, clock), clock).put([BEES])
    bank = QuestionBank(database, clock)
    await bank.add(LI, "阳台养蜂", None)
    await bank.add(WANG, "阳台养蜂", "bees")
    assert [(q.question, q.expected, q.author) for q in await bank.all()] == [("阳台养蜂", "bees", "wang.fang")]

    for actor, question, expected, told in (
        (CLERK, "蜂箱", None, "没有编辑测试问题的权限"),
        (LI, "？", None, "太短"),
        (LI, "长" * 301, None, "超过 300 字"),
        (LI, "蜂箱放哪", "ants", "没有已发布的条目 ants"),
    ):
        with pytest.raises(QuestionRefused, match=told):
            await bank.add(actor, question, expected)
    await bank.remove(LI, "阳台养蜂")
    with pytest.raises(QuestionRefused, match="没有这个测试问题"):
        await bank.remove(LI, "阳台养蜂")
    assert await bank.all() == []


async def test_the_correction_is_learned_once_and_reaches_every_process(database, clock, tmp_path):
    settings = Settings(data_dir=tmp_path, encoder=False)
    store, first = await open_knowledge(settings, database, clock)
    _, second = await open_knowledge(settings, database, clock)
    assert first.correction == UNCORRECTED

    assert [await renew_correction(database, first, clock), await renew_correction(database, second, clock)] == [
        True,
        False,
    ]
    learned = await read_correction(database)
    assert learned != UNCORRECTED
    for knowledge in (first, second):
        assert await refresh_knowledge(store, knowledge)
        assert knowledge.correction == learned

    await EntryImports(database, store, clock).put(
        [Entry(slug=f"e{n}", question=f"第{n}件", answer="…") for n in range(9)]
    )
    await refresh_knowledge(store, first)
    assert await renew_correction(database, first, clock)  # the base has grown
    clock.forward(days=8)
    assert await renew_correction(database, first, clock)  # some time has gone by


async def test_a_correction_that_was_begun_and_not_ended_is_taken_up_by_another(database, clock, tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path, encoder=False)
    _, first = await open_knowledge(settings, database, clock)
    _, second = await open_knowledge(settings, database, clock)

    async def dies():
        raise ConnectionError

    monkeypatch.setattr(first, "ask_held_out", dies)
    with pytest.raises(ConnectionError):
        await renew_correction(database, first, clock)
    assert not await renew_correction(database, second, clock)
    clock.moment += timedelta(minutes=31)
    assert await renew_correction(database, second, clock)


async def test_whatever_the_entry_says_itself_what_it_takes_and_what_it_drops_is_seen(knowledge):
    taking = BEES.model_copy(update={"similar_questions": (*WASPS.similar_questions, WASPS.question)})
    trial = await try_change(knowledge, [taking], await near_questions(knowledge, taking))
    dropped = {effect.question for effect in trial.drops}
    assert {"家里能养蜂吗", WASPS.question, *WASPS.similar_questions} <= dropped


async def test_a_wording_that_search_found_elsewhere_until_now_is_stolen(knowledge):
    known = "身份证过期了在外地能换吗"
    assert (await knowledge.decide_on(known)).entry.slug == "id-card"
    found = await effects(knowledge, BEES.model_copy(update={"similar_questions": (known,)}), asked(known, "bees"))
    assert found == {known: Verdict.STOLEN}
