import asyncio
import threading
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.facet_words import Facet, asked_facet, is_bare_follow_up
from knowledge_base.imports import EntryImports
from knowledge_base.knowledge import Knowledge
from knowledge_base.places import asks_elsewhere
from knowledge_base.sample import sample_entries
from knowledge_base.search.pieces import pieces
from knowledge_base.search.stored_vectors import StoredVectors
from knowledge_base.store import EntryStore
from service.text import exact_key, normalise

SETTINGS = AnswerSettings(answer_at=0.9, offer_at=0.1)


@pytest.fixture(scope="module")
def entries():
    return sample_entries()


@pytest.fixture
async def knowledge(entries, clock):
    opened = Knowledge(SETTINGS, encoder=False, clock=clock, home=("示例区", "示例市"))
    await opened.replace(entries)
    return opened


class CountingEncoder:
    """Counts what reaches it; its vectors say nothing."""

    name = "counting"
    dimension = 4

    def __init__(self):
        self.asked = []

    def questions(self, texts):
        self.asked += texts
        return np.ones((len(texts), 4), dtype=np.float32) / 2

    wordings = passages = questions


def test_the_sample_has_all_its_facets_and_sources(entries):
    assert len(entries) == 40
    for entry in entries:
        assert all(entry.facet_text(facet) for facet in Facet), entry.slug
        assert len(entry.similar_questions) >= 12, entry.slug
        assert entry.legal_basis, entry.slug
        assert 0 < len(entry.short_answer) <= 70, entry.slug
        assert "示例" in entry.facets.place, entry.slug
        for phrase in ("正在办理中", "已处理", "不是我单位职责", "不属于受理范围"):
            assert phrase not in entry.answer, entry.slug


async def test_every_wording_of_an_entry_finds_it(knowledge, entries):
    for entry in entries:
        for wording in (entry.question, *entry.similar_questions):
            decision = await knowledge.decide(wording)
            assert (decision.kind, decision.entry) == ("answer", entry), wording


async def test_a_known_wording_never_reaches_the_encoder(knowledge, entries):
    encoder = CountingEncoder()
    knowledge._encoder = encoder

    await knowledge.decide(f"请问{entries[0].similar_questions[0]}呢？")
    assert encoder.asked == []


async def test_others_are_answered_while_the_first_search_reads_its_words(knowledge, entries, monkeypatch):
    reading, may_read, words = threading.Event(), threading.Event(), knowledge._tokenizer.words

    def read_slowly(text):
        reading.set()
        assert may_read.wait(20)
        return words(text)

    monkeypatch.setattr(knowledge._tokenizer, "words", read_slowly)
    searching = asyncio.create_task(knowledge.decide("孩子满月了户口怎么弄呀"))
    assert await asyncio.to_thread(reading.wait, 20)

    assert (await knowledge.decide(entries[0].question)).kind == "answer"
    assert not searching.done()
    may_read.set()
    assert (await searching).candidates


async def test_what_is_put_and_removed_is_found_and_not_found_at_once(knowledge):
    beekeeping = Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。")
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is None

    await knowledge.put(beekeeping)
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry == beekeeping

    changed = beekeeping.model_copy(update={"answer": "要。"})
    await knowledge.put(changed)
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry.answer == "要。"

    await knowledge.remove("bees")
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is None
    assert knowledge.entry("bees") is None


async def test_an_entry_begins_and_expires_by_itself(knowledge, clock):
    await knowledge.put(
        Entry(
            slug="bees",
            question="在阳台养蜜蜂要许可吗",
            answer="不用。",
            effective_from=date(2026, 11, 22),
            expires_on=date(2026, 11, 24),
        )
    )
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is None

    clock.forward(hours=14)  # midnight in China
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is not None

    clock.forward(days=2)
    assert (await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is None
    assert knowledge.entry("bees") is None


async def test_an_entry_begins_and_expires_at_the_minute(knowledge, clock):
    moments = {"effective_from": "2026-11-21 10:30", "expires_on": "2026-11-21T11:00:00+08:00"}
    await knowledge.put(Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。", **moments))

    told = []
    for _ in range(7):
        told.append((await knowledge.decide("在阳台养蜜蜂要许可吗")).entry is not None)
        clock.forward(minutes=10)
    assert told == [False, False, False, True, True, True, False]


@pytest.mark.parametrize("when", ["明年", "2026-13-01", "2026-01-31 25:00", 20260131, True])
def test_what_is_no_day_is_refused(when):
    with pytest.raises(ValidationError, match="2026-01-31 08:30"):
        Entry(slug="a", question="甲", answer="乙", expires_on=when)


def test_days_and_minutes_survive_being_written_and_read():
    entry = Entry(slug="a", question="甲", answer="乙", effective_from="2026-01-31", expires_on="2027-01-31 08:30")

    assert Entry.model_validate_json(entry.model_dump_json()) == entry
    assert entry.effective_from == date(2026, 1, 31)


async def test_a_staff_entry_is_never_told(knowledge):
    await knowledge.put(Entry(slug="inside", question="值班电话是多少号", answer="…", visibility="staff"))

    assert (await knowledge.decide("值班电话是多少号")).entry is None


@pytest.mark.parametrize("question", ["", "？？", "的", "嗯嗯", "1", "😀"])
async def test_what_says_nothing_is_not_answered(knowledge, question):
    assert (await knowledge.decide(question)).kind == "no_answer"


async def test_another_citys_rules_are_not_answered(knowledge):
    assert (await knowledge.decide("上海公积金怎么提取")).kind == "no_answer"


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("上海公积金怎么提取", "上海"),
        ("北京积分落户", "北京"),
        ("从北京转社保过来", None),
        ("我在深圳交的社保能转吗", None),
        ("示例市公积金", None),
    ],
)
def test_asking_for_elsewhere_is_told_from_coming_from_elsewhere(question, place):
    assert asks_elsewhere(question, ("示例区", "示例市")) == place


def test_one_form_for_everything_that_means_the_same():
    assert normalise("社會保障卡，Ａ１！") == "社会保障卡 a1"
    assert exact_key("请问，社保卡丢了怎么办呢？") == exact_key("社保卡丢了怎么办")


@pytest.mark.parametrize(
    ("text", "facet", "bare"),
    [
        ("那要带什么材料", Facet.MATERIALS, True),
        ("多少钱", Facet.FEE, True),
        ("大概几天能好啊", Facet.TIME_LIMIT, True),
        ("网上能办吗", Facet.ONLINE, True),
        ("居住证要什么材料", Facet.MATERIALS, False),
        ("怎么办", None, True),
    ],
)
def test_a_follow_up_is_told_from_a_question_that_names_a_matter(text, facet, bare):
    assert asked_facet(text) == facet
    assert is_bare_follow_up(text) == bare


def test_long_answers_are_cut_at_sentence_ends():
    parts = pieces("第一句话说了很多内容。" * 40)

    assert all(len(part) <= 110 and part.endswith("。") for part in parts)
    assert "".join(parts) == "第一句话说了很多内容。" * 40


async def test_changes_are_stored_with_versions_and_told_by_revision(database, clock):
    store = EntryStore(database, clock)
    imports = EntryImports(database, store, clock)
    first = Entry(slug="a", question="甲", answer="1")
    assert await store.is_empty()
    await imports.put([first, Entry(slug="b", question="乙", answer="2")])
    changes = await store.changes_since(0)
    assert {entry.slug: entry.version for entry in changes.put} == {"a": 1, "b": 1}
    assert await store.changes_since(changes.revision) is None

    await imports.put([first.model_copy(update={"answer": "3"})])
    await store.remove(["b"])
    later = await store.changes_since(changes.revision)
    assert [(entry.slug, entry.version, entry.answer) for entry in later.put] == [("a", 2, "3")]
    assert later.removed == ("b",)


async def test_vectors_are_kept_and_found(database):
    kept = StoredVectors(database)
    vector = np.linspace(-1, 1, 384, dtype=np.float32)
    await kept.put_many({"h1": vector})
    await kept.put_many({"h1": vector})
    found = await kept.get_many(["h1", "h2"])

    assert list(found) == ["h1"]
    assert np.allclose(found["h1"], vector, atol=1e-3)
