"""How far the stated probability can be believed on a knowledge base, and what corrects it.

The base is asked its own similar questions: in each round every entry lends one, which is taken out of the index and
asked. So a probability can be compared with how often it was right. A correction learned from this is kept with the
base, and refreshed as it grows.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.optimize

from knowledge_base.decision import UNCORRECTED, Correction, sureness
from knowledge_base.entry import Entry
from knowledge_base.search.encoding import add_vectors
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.ranking import rank
from knowledge_base.search.vector_cache import VectorCache
from service.encoder import Encoder, Vectors
from service.text import Tokenizer

_EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_DEPTH = 10
_ENOUGH = 600  # questions: more would tell the same
_FEWEST = 100  # questions from which a correction is learned
_LEFT_OUT = 0.1  # weight of a question whose entry was taken out
_TRUST_IN_NONE = 0.02  # how strongly a correction is held to none, per question


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of a held-out question.

    Attributes:
        stated: the probability, uncorrected, that the first entry is right.
        right: whether it is.
        without: the probability stated when the entry that answers it is taken out.
    """

    stated: float
    right: bool
    without: float


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


async def ask_held_out(
    index: SearchIndex,
    tokenizer: Tokenizer,
    encoder: Encoder | None,
    vectors: VectorCache,
    progress: Callable[[float], None] = lambda _share: None,
) -> list[Outcome]:
    """Ask a base its own similar questions, each without the wording itself in the index.

    Args:
        encoder: None for the lexical signals alone.
        progress: told the share that is done.
    """
    lending = [entry for entry in index.entries() if entry.similar_questions]
    if not lending:
        return []
    lending = lending[:: max(1, len(lending) // _ENOUGH)]
    rounds = min(-(-_ENOUGH // len(lending)), max(len(entry.similar_questions) for entry in lending))
    outcomes: list[Outcome] = []
    for number in range(rounds):
        lent = [entry for entry in lending if number < len(entry.similar_questions)]
        without = await asyncio.to_thread(index.changed, [_without(entry, number) for entry in lent], ())
        if encoder is not None:
            for segment in without.segments:
                if segment.vectors is None:
                    await add_vectors(segment, encoder, vectors, lambda _done, _total: None)
        for done, entry in enumerate(lent):
            question = entry.similar_questions[number]
            vector = None if encoder is None else (await asyncio.to_thread(encoder.questions, [question]))[0]
            outcomes.append(await asyncio.to_thread(_ask, without, tokenizer, question, vector, entry.slug))
            progress((number + done / len(lent)) / rounds)
    return outcomes


def correction(outcomes: Sequence[Outcome]) -> Correction:
    """The shift and stretch of log odds under which the outcomes are likeliest; none where they are too few.

    Questions without their entry weigh a tenth, as when the probability was learned: so many find no entry in earnest.
    """
    if len(outcomes) < _FEWEST:
        return UNCORRECTED
    stated = np.array([(outcome.stated, outcome.without) for outcome in outcomes]).T.ravel()
    right = np.array([outcome.right for outcome in outcomes] + [False] * len(outcomes))
    weight = np.repeat([1.0, _LEFT_OUT], len(outcomes)) / len(outcomes)
    odds = np.log(np.clip(stated, 1e-6, 1 - 1e-6) / np.clip(1 - stated, 1e-6, 1))

    def loss(numbers: Vectors) -> float:
        stretch, shift = numbers
        values = stretch * odds + shift
        surprise = np.logaddexp(0, np.where(right, -values, values))
        return float(weight @ surprise + _TRUST_IN_NONE * ((stretch - 1) ** 2 + shift**2))

    stretch, shift = scipy.optimize.minimize(loss, (1.0, 0.0), bounds=((0.2, 3), (-3, 3))).x
    return Correction(round(float(stretch), 4), round(float(shift), 4))


def bins(outcomes: Sequence[Outcome], corrected: Correction) -> list[Bin]:
    """The reliability table."""
    stated = [(corrected.apply(outcome.stated), outcome.right) for outcome in outcomes]
    found = []
    for low, high in pairwise(_EDGES):
        within = [(p, right) for p, right in stated if low <= p < high or (p == high == 1.0)]
        if within:
            believed = sum(p for p, _ in within) / len(within)
            found.append(Bin(low, high, len(within), believed, sum(right for _, right in within) / len(within)))
    return found


def wrongly_answered(outcomes: Sequence[Outcome], corrected: Correction, answer_at: float) -> float:
    """The share of questions without an entry that would be answered all the same."""
    return sum(corrected.apply(outcome.without) >= answer_at for outcome in outcomes) / max(1, len(outcomes))


def _ask(index: SearchIndex, tokenizer: Tokenizer, question: str, vector: Vectors | None, slug: str) -> Outcome:
    found = index.find(question, vector, tokenizer)
    ranked = rank(found, _DEPTH)
    others = rank(found.without(frozenset({slug})), _DEPTH)
    return Outcome(
        stated=sureness(ranked) if ranked else 0.0,
        right=bool(ranked) and ranked[0].entry.slug == slug,
        without=sureness(others) if others else 0.0,
    )


def _without(entry: Entry, number: int) -> Entry:
    kept = tuple(text for place, text in enumerate(entry.similar_questions) if place != number)
    return entry.model_copy(update={"similar_questions": kept})
