"""How well a question fits texts by their tokens: BM25, for the texts one asks about."""

from typing import Any

import numpy as np

from knowledge_base.search.characters import Keys, Rows, Tokens, counted

Scores = np.ndarray[Any, np.dtype[np.float32]]

_SATURATION = 1.2  # BM25's k1


class Field:
    """The tokens of each of many texts, as one table. Read-only once built.

    Args:
        count: how many texts there are.
        length_weight: BM25's b, from 0 (length does not matter) to 1.
    """

    def __init__(self, tokens: Tokens, count: int, length_weight: float) -> None:
        placed, times = counted(tokens.rows, tokens.keys)
        self._keys = placed.astype(np.uint32)  # the lower half
        self._times = np.minimum(times, 255).astype(np.uint8)
        self._starts = np.searchsorted(placed, np.arange(count + 1, dtype=np.uint64) << np.uint64(32))
        lengths = np.bincount(tokens.rows, minlength=count).astype(np.float32)
        usual = float(lengths.mean()) if count else 1.0
        self._damping = _SATURATION * (1 - length_weight + length_weight * lengths / max(1.0, usual))

    def scores(self, keys: Keys, weights: Scores, texts: Rows) -> tuple[Scores, Scores]:
        """For each of these texts: BM25, and the weight of the question's tokens it has.

        Args:
            keys: the question's tokens, sorted, each once.
            weights: how much each of them counts.
        """
        if not len(keys) or not len(self._keys):
            return np.zeros(len(texts), dtype=np.float32), np.zeros(len(texts), dtype=np.float32)
        starts = self._starts[texts]
        sizes = self._starts[texts + 1] - starts
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)
        found = self._keys[places]
        nearest = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
        known = np.flatnonzero(keys[nearest] == found)
        text = np.searchsorted(ends, known, side="right")
        weight = weights[nearest[known]]
        times = self._times[places[known]].astype(np.float32)
        fit = weight * times * (_SATURATION + 1) / (times + self._damping[texts[text]])
        count = len(texts)
        return np.bincount(text, fit, count).astype(np.float32), np.bincount(text, weight, count).astype(np.float32)
