"""Other engines beside the index, each asked for as many candidates: how fast, how large, and what they find."""

import gc
import importlib
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import psutil
import tantivy
from usearch.index import Index

from knowledge_base.search.index import LOOKED_AT, SearchIndex
from knowledge_base.search.lexical import Weighted, likely
from knowledge_base.search.question import Question
from knowledge_base.search.ranking import Found, weights_for
from knowledge_base.search.wordings import whole_text, wordings_of
from service.characters import characters_and_pairs
from service.text import Tokenizer

Ask = Callable[[int], Sequence[int]]
"""The rows that an engine finds for the question of this number."""

_ASKED = 200
_BATCH = 10_000


def best(found: Found, count: int) -> list[str]:
    """The slugs of the best entries by the fused score."""
    fused = found.signals @ np.array(weights_for(found.signals.shape[1]).fusion, dtype=np.float32)
    return [found.entries[place].slug for place in np.argsort(-fused, kind="stable")[:count]]


def compare_words(
    index: SearchIndex, asked: Sequence[str], truth: Sequence[Sequence[str]], tokenizer: Tokenizer
) -> None:
    """Finding candidates by words: ours, tantivy and bm25s over the same pairs of characters."""
    print(f"-- {LOOKED_AT} candidates by words; how many of exhaustive scoring's first tens they hold")
    entries = list(index.entries())
    places = {entry.slug: row for row, entry in enumerate(entries)}
    wanted = [[places[slug] for slug in slugs] for slugs in truth]
    asked = asked[:_ASKED]

    def pairs(text: str) -> list[str]:
        return [f"{key:x}" for key in characters_and_pairs([text])[1].keys]

    def ours(number: int) -> list[int]:
        weighted = Weighted.of(Question.of(asked[number], tokenizer, index._concepts), index.segments)
        rows = likely(weighted, index.segments, LOOKED_AT)
        return [
            places[segment.entries[row].slug]
            for segment, live, some in zip(index.segments, index._live, rows, strict=True)
            for row in some
            if live[row]
        ]

    usual = _report("ours", None, ours, len(asked), wanted)
    texts = [" ".join((*wordings_of(entry), whole_text(entry))) for entry in entries]
    made = _Made()
    _report("tantivy", made, _tantivy(texts, asked, pairs, made), len(asked), wanted, usual)
    if (bm25s := _installed("bm25s")) is not None:
        made = _Made()
        _report("bm25s", made, _bm25s(bm25s, texts, asked, pairs, made), len(asked), wanted, usual)


def compare_vectors(index: SearchIndex, vectors: np.ndarray) -> None:
    """Finding candidates by vectors: usearch as we use it, an exact scan, hnswlib."""
    print(f"-- {LOOKED_AT} candidates by vectors; how many of the exactly nearest they hold")
    segment = max(index.segments, key=lambda segment: len(segment.entries))
    assert segment.vectors is not None
    size = len(segment.entries)
    held = segment.vectors
    directions = held.directions(0, size)
    vectors = vectors[:_ASKED]

    def exact(number: int) -> np.ndarray:
        return np.argpartition(-(directions @ vectors[number]), LOOKED_AT)[:LOOKED_AT]

    wanted = [exact(number) for number in range(len(vectors))]
    made = _Made()
    graph = Index(ndim=directions.shape[1], metric="cos", dtype="i8", expansion_add=64)
    graph.add(np.arange(size), directions)
    graph.expansion_search = 2 * LOOKED_AT
    made.done()
    usual = _report(
        "usearch, a byte a number",
        made,
        lambda number: graph.search(vectors[number], LOOKED_AT, threads=1).keys,
        len(vectors),
        wanted,
    )
    made = _Made()
    made.done()
    made.megabytes = directions.nbytes / 1e6
    _report("exact scan", made, exact, len(vectors), wanted, usual)
    if (hnswlib := _installed("hnswlib")) is not None:
        made = _Made()
        other = hnswlib.Index(space="cosine", dim=directions.shape[1])
        other.init_index(max_elements=size, M=16, ef_construction=64)
        other.add_items(directions, np.arange(size))
        other.set_ef(2 * LOOKED_AT)
        made.done()
        nearest: Ask = lambda number: other.knn_query(vectors[number], LOOKED_AT, num_threads=1)[0][0]  # noqa: E731
        _report("hnswlib, four bytes a number", made, nearest, len(vectors), wanted, usual)


def _tantivy(texts: Sequence[str], asked: Sequence[str], pairs: Callable[[str], list[str]], made: "_Made") -> Ask:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace")
    builder.add_unsigned_field("row", stored=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(128_000_000)
    for row, text in enumerate(texts):
        writer.add_document(tantivy.Document(text=" ".join(pairs(text)), row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    made.done()

    def ask(number: int) -> list[int]:
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", pair)) for pair in pairs(asked[number])
        ]
        hits = searcher.search(tantivy.Query.boolean_query(terms), LOOKED_AT, count=False).hits
        return [searcher.doc(address)["row"][0] for _, address in hits]

    return ask


def _bm25s(
    bm25s: ModuleType, texts: Sequence[str], asked: Sequence[str], pairs: Callable[[str], list[str]], made: "_Made"
) -> Ask:
    vocabulary: dict[str, int] = {}
    numbered = [[vocabulary.setdefault(pair, len(vocabulary)) for pair in pairs(text)] for text in texts]
    retriever = bm25s.BM25()
    retriever.index((numbered, vocabulary), show_progress=False)
    del numbered
    made.done()

    def ask(number: int) -> list[int]:
        known = [[pair for pair in pairs(asked[number]) if pair in vocabulary]]
        rows, _ = retriever.retrieve(known, k=LOOKED_AT, show_progress=False)
        return [int(row) for row in rows[0]]

    return ask


class _Made:
    """What making an engine's index costs, from here until `done`; the preparation of its texts is its own."""

    def __init__(self) -> None:
        gc.collect()
        self._started, self._before = time.perf_counter(), psutil.Process().memory_info().rss

    def done(self) -> None:
        """The index is there."""
        self.seconds = time.perf_counter() - self._started
        gc.collect()
        self.megabytes = (psutil.Process().memory_info().rss - self._before) / 1e6


def _report(
    name: str,
    made: _Made | None,
    ask: Callable[[int], Any],
    count: int,
    wanted: Sequence[Any],
    usual: float | None = None,
) -> float:
    """Print a line; returns the median of the seconds a question takes of the processor, whatever else runs."""
    times = []
    for number in range(count):
        started = time.thread_time()
        ask(number)
        times.append(time.thread_time() - started)
    held = np.mean(
        [len(set(map(int, ask(number))) & set(map(int, rows))) / len(rows) for number, rows in enumerate(wanted)]
    )
    half, almost = np.percentile(times, (50, 99))
    line = f"{name:<30} p50 {1000 * half:7.2f} ms  p99 {1000 * almost:7.2f} ms  holds {held:.3f}"
    if made is not None:
        line += f"  made in {made.seconds:5.1f} s  {made.megabytes:5.0f} MB"
    if usual is not None:
        line += f"  takes {half / usual:.2f} times as long"
    print(line, flush=True)
    return float(half)


def _installed(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name:<30} not installed")
        return None
