"""What besides the regression speaks for a unit: its share, tickets that are alike, its name, its duties."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

Array = np.ndarray[Any, np.dtype[Any]]

DUTIES = Path(__file__).parent / "duties.yml"
NEIGHBOURS = 12

_SHARPNESS = 3  # a ticket twice as much alike counts eight times
_DOUBT = 0.01  # what every unit has, so that no neighbour rules it out
_UNSEEN = 0.3  # tickets of a unit that has none but the one in question


def prior(counts: Array, own: Array | None, texts: int) -> Array:
    """The logarithm of each unit's tickets; for known tickets without the ticket itself.

    Args:
        own: the unit of each text, where it is one of those counted.
    """
    known = np.tile(counts.astype(np.float32), (texts, 1))
    if own is not None:
        known[np.arange(texts), own] -= 1
    logarithm: Array = np.log(known + _UNSEEN)
    return logarithm


def neighbours(likeness: Array, labels: Array, units: int) -> Array:
    """The logarithm of each unit's share among the landmarks most alike."""
    count = min(NEIGHBOURS, likeness.shape[1])
    nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    weights = np.maximum(np.take_along_axis(likeness, nearest, 1), 0) ** _SHARPNESS
    shares = np.zeros((len(likeness), units), dtype=np.float32)
    np.add.at(shares, (np.arange(len(likeness))[:, None], labels[nearest]), weights)
    shares /= shares.sum(1, keepdims=True) + 1e-9
    logarithm: Array = np.log(shares + _DOUBT)
    return logarithm


class Names:
    """How much of a unit's name a text says; pairs of characters that few names have count more."""

    def __init__(self, units: Sequence[str]) -> None:
        pairs = [_pairs(unit) for unit in units]
        self._columns = {pair: column for column, pair in enumerate(sorted(set().union(*pairs)))}
        self._said = np.zeros((len(units), len(self._columns)), dtype=np.float32)
        for row, found in enumerate(pairs):
            self._said[row, [self._columns[pair] for pair in found]] = 1
        rarity = np.log((1 + len(units)) / np.maximum(self._said.sum(0), 1)) + 0.05
        self._said *= rarity
        self._said /= np.maximum(self._said.sum(1, keepdims=True), 1e-9)

    def of(self, texts: Sequence[str]) -> Array:
        """Shares from 0 to 1, shape (texts, units)."""
        found = np.zeros((len(texts), len(self._columns)), dtype=np.float32)
        for row, text in enumerate(texts):
            found[row, [self._columns[pair] for pair in _pairs(text) if pair in self._columns]] = 1
        shares: Array = found @ self._said.T
        return shares


class Duties:
    """How many words of what a unit's name says it does a text has."""

    def __init__(self, units: Sequence[str]) -> None:
        self._kinds = _kinds()
        held = [[any(name in unit for name in names) for names, _ in self._kinds] for unit in units]
        self._held = np.array(held, dtype=np.float32).reshape(len(units), len(self._kinds))

    def of(self, texts: Sequence[str]) -> Array:
        """The logarithm of one more than the words, for the unit's best fitting kind, shape (texts, units)."""
        told = np.array([[sum(word in text for word in words) for _, words in self._kinds] for text in texts])
        counts = np.log1p(told.reshape(len(texts), len(self._kinds)).astype(np.float32))
        best = np.zeros((len(texts), len(self._held)), dtype=np.float32)
        for kind in range(len(self._kinds)):
            np.maximum(best, counts[:, kind, None] * self._held[:, kind], out=best)
        return best


@lru_cache(maxsize=4)
def spoken_by(units: tuple[str, ...]) -> tuple[Names, Duties]:
    """What names and duties say of these units, made once for the model in use."""
    return Names(units), Duties(units)


@cache
def _kinds() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    table = yaml.safe_load(DUTIES.read_text("utf-8"))
    return tuple((tuple(kind["names"]), tuple(kind["words"])) for kind in table)


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}
