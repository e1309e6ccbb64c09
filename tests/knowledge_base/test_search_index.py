import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries
from knowledge_base.search import index as module
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.stored_vectors import StoredVectors
from knowledge_base.search.vector_cache import MemoryVectors
from knowledge_base.synonyms import Synonyms
from service.characters import Tokens
from service.postings import Postings
from service.text import Tokenizer

CONCEPTS = Synonyms.default().named_in
SAMPLE = sample_entries()
TOKENIZER = Tokenizer()


def ranked(index, question):
    found = index.search(question, None, TOKENIZER)
    return [(candidate.entry.slug, pytest.approx(candidate.score, abs=1e-3)) for candidate in found]


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from((1, 3, 200)), st.lists(st.tuples(st.booleans(), st.integers(0, 39), st.integers(0, 9)), max_size=25)
)
def test_after_any_changes_the_entries_are_those_last_put(small, changes):
    index, kept = SearchIndex.build(SAMPLE[:20], CONCEPTS), {entry.slug: entry for entry in SAMPLE[:20]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SMALL", small)
        for put, place, version in changes:
            entry = SAMPLE[place].model_copy(update={"answer": f"第{version}版"})
            if put:
                kept[entry.slug] = entry
            else:
                kept.pop(entry.slug, None)
            index = index.changed([entry] if put else [], [] if put else [entry.slug])
    assert {entry.slug: entry for entry in index.entries()} == kept
    assert len(index) == len(kept)
    for entry in kept.values():
        assert index.exact(entry.question) == entry


def test_many_changes_end_in_few_segments_that_find_what_a_new_index_finds(monkeypatch):
    monkeypatch.setattr(module, "_SMALL", 3)
    index = SearchIndex.build(SAMPLE[:20], CONCEPTS)
    for entry in (*SAMPLE[20:], *SAMPLE[:20]):
        index = index.changed([entry], ())
    assert len(index.segments) <= 3
    again = SearchIndex.build(list(index.entries()), CONCEPTS)
    for entry in SAMPLE:
        question = f"{entry.similar_questions[0]}要去哪里"
        assert ranked(index, question)[0][0] == ranked(again, question)[0][0]
        assert index.exact(entry.question) == entry


_ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=300)


@settings(deadline=None)
@given(_ROWS, _ROWS, st.sets(st.integers(0, 99), min_size=1))
def test_postings_say_the_same_after_they_are_joined_and_rows_are_taken_out(first, second, kept):
    def postings(pairs):
        keys, rows = (np.array([pair[place] for pair in pairs]) for place in (0, 1))
        return Postings(Tokens(keys.astype(np.uint32), rows.astype(np.int32)), 100)

    keys, rows = np.arange(7, dtype=np.uint32), np.array(sorted(kept), dtype=np.int32)
    joined = Postings.joined([postings(first).of(rows), postings(second)])
    size = len(rows) + 100
    wanted = np.zeros((7, size), dtype=bool)
    for key, row in first:
        if row in kept:
            wanted[key, sorted(kept).index(row)] = True
    for key, row in second:
        wanted[key, len(rows) + row] = True

    assert (joined.have(keys, np.arange(size, dtype=np.int32)) == wanted).all()
    assert (joined.counts(keys) == wanted.sum(axis=1)).all()
    scores = np.zeros(-(-size // 8) * 8, dtype=np.float32)
    joined.add(keys, np.float32(2) ** keys, scores, 10_000)
    assert (scores[:size] == (2.0**keys) @ wanted).all()


async def test_vectors_stay_with_their_entries_when_segments_are_joined(monkeypatch):
    monkeypatch.setattr(module, "_SMALL", 3)
    changed, new = [await knowledge_with(Counting(), MemoryVectors()) for _ in range(2)]
    await changed.replace(SAMPLE[:10])
    for entry in SAMPLE[10:]:
        await changed.put(entry)
        await changed.ready()
    await new.replace(SAMPLE)
    await new.ready()

    assert len((await changed.index()).segments) <= 3
    for entry in SAMPLE:
        question = f"{entry.similar_questions[0]}要去哪里"
        both = [await knowledge.candidates(question, 3) for knowledge in (changed, new)]
        first, again = (found[0] for found in both)
        assert first.entry == again.entry
        assert first.signals[7:] == pytest.approx(again.signals[7:], abs=0.01)


def test_two_indexes_side_by_side_are_searched_as_one():
    together = SearchIndex.build(SAMPLE[:20], CONCEPTS).beside(SearchIndex.build(SAMPLE[20:], CONCEPTS))
    whole = SearchIndex.build(SAMPLE, CONCEPTS)
    assert len(together) == len(whole)
    for entry in SAMPLE:
        assert together.exact(entry.question) == entry
        question = f"{entry.similar_questions[0]}要去哪里"
        assert ranked(together, question)[0][0] == ranked(whole, question)[0][0]


class Counting:
    """Counts the texts it encodes; the same text gets the same vector."""

    name, dimension = "counting", 8

    def __init__(self):
        self.texts = []

    def questions(self, texts):
        self.texts += texts
        seeds = (int.from_bytes(text.encode()[-6:], "big") for text in texts)
        drawn = np.array([np.random.default_rng(seed).normal(size=8) for seed in seeds], dtype=np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    wordings = passages = questions


async def knowledge_with(encoder, vectors):
    opened = Knowledge(AnswerSettings(), vectors=vectors)
    opened._encoder = encoder
    return opened


async def test_only_what_an_edit_changes_is_encoded():
    encoder = Counting()
    knowledge = await knowledge_with(encoder, MemoryVectors())
    await knowledge.replace(SAMPLE)
    await knowledge.ready()
    assert knowledge.encoding is None
    encoder.texts.clear()

    await knowledge.put(SAMPLE[0].model_copy(update={"short_answer": "改了这一句，它不参与检索。"}))
    await knowledge.ready()
    assert encoder.texts == []
    await knowledge.put(SAMPLE[0].model_copy(update={"question": "这是一个新的问法吗"}))
    await knowledge.ready()
    assert encoder.texts == ["这是一个新的问法吗"]
    assert (await knowledge.index()).has_vectors


async def test_several_processes_share_the_encoding(database):
    encoders = [Counting(), Counting()]
    both = [await knowledge_with(encoder, StoredVectors(database)) for encoder in encoders]
    for knowledge in both:
        await knowledge.replace(SAMPLE)
    for knowledge in both:
        await knowledge.ready()

    texts = [text for encoder in encoders for text in encoder.texts]
    assert len(texts) < 1.5 * len(set(texts))
    assert all(encoder.texts for encoder in encoders)


async def test_encoding_that_was_broken_off_goes_on_where_it_stopped(database):
    class Breaks(Counting):
        def passages(self, texts):
            raise ConnectionError

    broken, whole = Breaks(), Counting()
    knowledge = await knowledge_with(broken, StoredVectors(database))
    await knowledge.replace(SAMPLE)
    with pytest.raises(ConnectionError):
        await knowledge.ready()
    assert not (await knowledge.index()).has_vectors
    assert (await knowledge.decide(SAMPLE[0].question)).entry == SAMPLE[0]

    knowledge._encoder = whole
    knowledge.keep_encoding()
    await knowledge.ready()
    assert (await knowledge.index()).has_vectors
    assert not set(broken.texts) & set(whole.texts)


def test_a_wording_of_two_entries_is_exact_for_neither():
    twins = [Entry(slug=slug, question="在阳台养蜜蜂要许可吗", answer="不用。") for slug in ("bees", "hives")]
    index = SearchIndex.build(twins, CONCEPTS)
    assert index.exact("在阳台养蜜蜂要许可吗") is None
    assert index.worded("请问在阳台养蜜蜂要许可吗？") == twins
    assert index.changed((), ["bees"]).exact("在阳台养蜜蜂要许可吗") == twins[1]


async def test_a_base_with_no_entries_has_no_answer():
    knowledge = Knowledge(AnswerSettings(), encoder=False)
    await knowledge.replace(SAMPLE[:1])
    await knowledge.replace(())
    assert (await knowledge.decide("身份证丢了怎么办")).kind == "no_answer"
    assert await knowledge.candidates("身份证丢了怎么办", 5) == []
    assert await knowledge.ask_held_out() == []
