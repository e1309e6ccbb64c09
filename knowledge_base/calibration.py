"""How far the stated probability can be believed on a knowledge base: a reliability table."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.decision import sureness
from knowledge_base.entry import Entry
from knowledge_base.search.encoder import Encoder, VectorCache
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.trials import held_out
from knowledge_base.text import Tokenizer

_EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose first entry was believed right with about the same probability.

    Attributes:
        low, high: the range of probabilities; `high` belongs to the next bin, except 1.
        believed: their mean probability.
        right: the share whose first entry was right.
    """

    low: float
    high: float
    questions: int
    believed: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What was found.

    Attributes:
        answerable: bins of held-out questions whose entry is there.
        unanswerable: probabilities stated for the same questions when their entry is taken out, sorted.
    """

    answerable: tuple[Bin, ...]
    unanswerable: tuple[float, ...]

    def wrongly_answered(self, answer_at: float) -> float:
        """The share of questions without an entry that would be answered all the same."""
        return sum(p >= answer_at for p in self.unanswerable) / max(1, len(self.unanswerable))


async def reliability(
    entries: Sequence[Entry],
    cache_dir: Path | None = None,
    encoder: Encoder | None = None,
    vectors: VectorCache | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Reliability:
    """Ask a base its own held-out similar questions, each with and without the entry that answers it.

    Args:
        progress: told the share that is done.
    """
    tokenizer = Tokenizer(cache_dir)
    stated: list[tuple[float, bool]] = []
    unanswerable: list[float] = []
    trials = held_out(entries)

    async def off_the_loop(function: Any, texts: list[str]) -> Any:
        return await asyncio.to_thread(function, texts)

    for number, trial in enumerate(trials):
        index = await asyncio.to_thread(SearchIndex, trial.entries, tokenizer)
        if encoder is not None and vectors is not None:
            await index.add_vectors(encoder, vectors, off_the_loop)
        for done, (question, right) in enumerate(trial.questions):
            vector = None if encoder is None else (await off_the_loop(encoder.questions, [question]))[0]
            features = index.features(question, vector)
            found = index.rank(features, _DEPTH)
            stated.append((sureness(found), found[0].entry in [trial.entries[row] for row in right]))
            others = np.delete(np.arange(len(trial.entries)), right)
            if len(others):
                unanswerable.append(sureness(index.rank(features, _DEPTH, others)))
            progress((number + done / len(trial.questions)) / len(trials))
    return Reliability(tuple(_bins(stated)), tuple(sorted(unanswerable)))


def _bins(stated: Sequence[tuple[float, bool]]) -> list[Bin]:
    bins = []
    for low, high in pairwise(_EDGES):
        within = [(p, right) for p, right in stated if low <= p < high or (p == high == 1.0)]
        if within:
            believed = sum(p for p, _ in within) / len(within)
            bins.append(Bin(low, high, len(within), believed, sum(right for _, right in within) / len(within)))
    return bins
