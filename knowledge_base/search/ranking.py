"""Ranking what was found: learned weights fuse the signals into one score.

A first, linear score picks the best few. Among them each signal is compared with what the others have of it, and a
quadratic score of these comparisons gives the order: a wording that fits well means more where no other fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.weights import LEXICAL_ONLY, WITH_VECTORS, Weights

Table = np.ndarray[Any, np.dtype[np.float32]]
"""One row an entry, one column a signal: the lexical ones[, then for wordings and for pieces the nearest vector and
the near ones]."""

COMPARED = 40  # entries that are compared with each other


@dataclass(frozen=True, slots=True)
class Found:
    """Entries worth looking at, and their signals."""

    entries: Sequence[Entry]
    signals: Table

    def without(self, slugs: frozenset[str]) -> "Found":
        """What would be found if these entries were not there."""
        kept = [place for place, entry in enumerate(self.entries) if entry.slug not in slugs]
        return Found([self.entries[place] for place in kept], self.signals[kept])


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer.

    Attributes:
        score: higher is better; differences are logarithms of odds.
        chance: of being the right one, if one of the candidates is.
        signals: how well it fits, by each signal.
    """

    entry: Entry
    score: float
    chance: float
    signals: tuple[float, ...]


def rank(found: Found, count: int) -> list[Candidate]:
    """The best entries, best first."""
    return rank_by(found, weights_for(found.signals.shape[1]), count)


def rank_by(found: Found, weights: Weights, count: int) -> list[Candidate]:
    """The best entries by these weights, best first."""
    if not found.entries:
        return []
    fused = found.signals @ np.array(weights.fusion, dtype=np.float32)
    first = np.argsort(-fused, kind="stable")[:COMPARED]
    table = found.signals[first]
    scores = compared(table) @ np.array(weights.comparison, dtype=np.float32)
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    return [
        Candidate(
            found.entries[first[place]], float(scores[place]), float(chances[place]), tuple(table[place].tolist())
        )
        for place in np.argsort(-scores, kind="stable")[:count]
    ]


def weights_for(signals: int) -> Weights:
    """The learned weights for so many signals: with vectors or without."""
    return WITH_VECTORS if signals > len(LEXICAL_ONLY.fusion) else LEXICAL_ONLY


def compared(table: Table) -> Table:
    """The signals, then how each stands against the others' in standard deviations, then products of each two."""
    against = (table - table.mean(axis=0)) / (table.std(axis=0) + 1e-6)
    left, right = _each_two(table.shape[1])
    return np.column_stack((table, against, against[:, left] * against[:, right]))


@cache
def _each_two(count: int) -> tuple[Any, Any]:
    return np.triu_indices(count)
