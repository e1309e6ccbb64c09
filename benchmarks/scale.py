"""Search over a large base: what building, searching and editing cost, beside other engines in the same run.

`python -m benchmarks.scale --entries N` sets how large; 100,000 without it. The base and its vectors are made here
(`benchmarks.synthetic`), so what encoding costs is left out. It is measured in a new process: its memory is that of a
server.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks import engines
from benchmarks.synthetic import ProjectedEncoder, Synthetic
from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.search.segment import SegmentVectors
from knowledge_base.search.stored_vectors import StoredVectors
from knowledge_base.search.vector_cache import vector_hash
from knowledge_base.search.wordings import passages_of, wordings_of
from knowledge_base.tables import vectors
from service.storage import Database, metadata

_QUESTIONS = 1000
_COMPARED = 50  # questions asked of every entry, which takes a second each
_EDITS = 50


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures; each part in a process of its own, so that none lends memory to another."""
    parser = argparse.ArgumentParser(prog="scale")
    parser.add_argument("--entries", type=int, default=100_000)
    count = parser.parse_args(arguments).entries
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'scale.db'}"
        for part in (_store_vectors, _measure):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                process.submit(part, url, count).result()


def _store_vectors(url: str, count: int) -> None:
    base, encoder = Synthetic(count), ProjectedEncoder()

    async def store() -> None:
        database = Database(url)
        await database.write(lambda connection: metadata.create_all(connection, [vectors]))
        cache = StoredVectors(database)
        for start in range(0, count, 2000):
            entries = [base.entry(number) for number in range(start, min(count, start + 2000))]
            for role, texts_of in (("wording", wordings_of), ("passage", passages_of)):
                texts = list(dict.fromkeys(text for entry in entries for text in texts_of(entry)))
                keys = [vector_hash(encoder.name, role, text) for text in texts]
                await cache.put_many(dict(zip(keys, encoder.wordings(texts), strict=True)))
        await database.close()

    asyncio.run(store())


def _measure(url: str, count: int) -> None:
    asyncio.run(_measure_all(url, count))


async def _measure_all(url: str, count: int) -> None:
    base, encoder, database = Synthetic(count), ProjectedEncoder(), Database(url)
    encoder.questions(["热身"])
    bare = _resident()
    entries = base.entries()
    wordings = sum(len(wordings_of(entry)) for entry in entries)
    passages = sum(len(passages_of(entry)) for entry in entries)
    print(f"{count:,} entries, {wordings:,} wordings, {passages:,} passages; {_resident() - bare:,.0f} MB as objects")

    knowledge = Knowledge(AnswerSettings(), vectors=StoredVectors(database))
    knowledge._encoder = encoder
    graph = _timed(SegmentVectors, "finish")
    started = time.perf_counter()
    await knowledge.replace(entries)
    words = time.perf_counter() - started
    await knowledge.ready()
    whole = time.perf_counter() - started
    read = whole - words - sum(graph)
    print(
        f"build       words {words:.1f} s, vectors read {read:.1f} s, graph {sum(graph):.1f} s; together {whole:.1f} s"
    )

    asked = [text for _, text in base.questions(_QUESTIONS)]
    tokenizer = knowledge._tokenizer
    tokenizer.words("热身")
    index = await knowledge.index()
    directions = encoder.questions(asked)
    for name, given in (("with vectors", directions), ("words alone", [None] * len(asked))):
        times = _times(lambda text, given: index.search(text, given, tokenizer), asked, given)
        print(f"search      {name}: {_percentiles(times)}")
        busy = _times(lambda text, given: index.search(text, given, tokenizer), asked, given, clock=time.thread_time)
        print(f"            of the processor: {_percentiles(busy)}")
    await _edit(knowledge, entries)
    print(f"memory      {_resident():,.0f} MB resident, {_peak():,.0f} MB at its peak; {bare:,.0f} MB before the base")

    index = await knowledge.index()
    truth = []
    shares = []
    for text, direction in zip(asked[:_COMPARED], directions, strict=False):
        everything = index.find(text, direction, tokenizer, looked_at=count + 1)
        best = engines.best(everything, 10)
        truth.append(best)
        found = {entry.slug for entry in index.find(text, direction, tokenizer).entries}
        shares.append((best[0] in found, len(found.intersection(best)) / len(best)))
    first, ten = np.mean(shares, axis=0)
    print(f"candidates  hold {first:.3f} of the firsts and {ten:.3f} of the first tens of exhaustive scoring")
    await database.close()
    engines.compare_words(index, asked, truth, tokenizer)
    engines.compare_vectors(index, directions)


async def _edit(knowledge: Knowledge, entries: Sequence[Entry]) -> None:
    times, ready = [], []
    for number in range(_EDITS):
        entry = entries[number * len(entries) // _EDITS]
        changed = entry.model_copy(update={"answer": f"自今天起，{entry.answer}"})
        started = time.perf_counter()
        await knowledge.put(changed)
        times.append(time.perf_counter() - started)
        await knowledge.ready()
        ready.append(time.perf_counter() - started)
    print(f"edit        {_percentiles(times)}; until its vectors take part {_percentiles(ready)}")


def _timed(owner: type, name: str) -> list[float]:
    """The seconds of every call from now on."""
    seconds: list[float] = []
    original: Callable[..., Any] = getattr(owner, name)

    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return original(*arguments)
        finally:
            seconds.append(time.perf_counter() - started)

    setattr(owner, name, timed)
    return seconds


def _times(
    ask: Callable[..., Any], *columns: Sequence[Any], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    times = []
    for row in zip(*columns, strict=True):
        started = clock()
        ask(*row)
        times.append(clock() - started)
    return times


def _percentiles(seconds: Sequence[float]) -> str:
    half, almost, most = (1000 * value for value in np.percentile(seconds, (50, 99, 100)))
    return f"p50 {half:.2f} ms, p99 {almost:.2f} ms, max {most:.2f} ms"


def _resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
