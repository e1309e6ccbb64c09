"""How well a question fits texts by their tokens: BM25, for the texts one asks about."""

from typing import Any

import numpy as np

from service.characters import Keys, Rows, Tokens, counted

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
        places, known = self._find(keys, texts)
        text, key = np.nonzero(known)
        weight = weights[key]
        times = self._times[places[text, key]].astype(np.float32)
        fit = weight * times * (_SATURATION + 1) / (times + self._damping[texts[text]])
        count = len(texts)
        return np.bincount(text, fit, count).astype(np.float32), np.bincount(text, weight, count).astype(np.float32)

    def _find(self, keys: Keys, texts: Rows) -> tuple[Any, Any]:
        """Where each text would have each key, and whether it has it: all are halved at once until one place is left.

        Long texts have many more tokens than a question: to look for its few is faster than to go through theirs.
        """
        low = np.repeat(self._starts[texts], len(keys)).reshape(len(texts), len(keys))
        end = self._starts[texts + 1][:, None]
        sizes = np.broadcast_to(end - low, low.shape).copy()
        for _ in range(int(sizes.max(initial=0)).bit_length()):
            half = sizes >> 1
            middle = low + half
            beyond = (sizes > 0) & (self._keys[np.minimum(middle, len(self._keys) - 1)] < keys)
            low = np.where(beyond, middle + 1, low)
            sizes = np.where(beyond, sizes - half - 1, half)
        places = np.minimum(low, len(self._keys) - 1)
        return places, (low < end) & (self._keys[places] == keys)
