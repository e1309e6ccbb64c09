"""How well a question fits texts by their tokens: BM25, for the texts one asks about."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from service.characters import Keys, Rows, Tokens, counted, parts_of

Scores = np.ndarray[Any, np.dtype[np.float32]]

_SATURATION = 1.2  # BM25's k1
_SLOTS = 1 << 16


class Field:
    """The tokens of each of many texts, as one table. Read-only once built.

    Args:
        count: how many texts there are.
        length_weight: BM25's b, from 0 (length does not matter) to 1.
    """

    def __init__(self, tokens: Tokens, count: int, length_weight: float) -> None:
        placed, times = counted(tokens.rows, tokens.keys)
        starts = np.searchsorted(placed, np.arange(count + 1, dtype=np.uint64) << np.uint64(32))
        lengths = np.bincount(tokens.rows, minlength=count).astype(np.float32)
        # Of what is placed, the lower half is the key.
        self._hold(
            placed.astype(tokens.keys.dtype), np.minimum(times, 255).astype(np.uint8), starts, lengths, length_weight
        )

    def _hold(self, keys: Keys, times: Any, starts: Any, lengths: Scores, length_weight: float) -> None:
        self._keys, self._times, self._lengths, self._length_weight = keys, times, lengths, length_weight
        self._starts: Rows = starts.astype(np.int32)
        self._usual = max(1.0, float(lengths.mean())) if len(lengths) else 1.0

    @classmethod
    def joined(cls, parts: Sequence["Field"]) -> "Field":
        """One field over the texts of several, in their order."""
        made = cls.__new__(cls)
        before = np.cumsum([0, *(len(part._keys) for part in parts)])
        starts = [part._starts[:-1] + first for part, first in zip(parts, before, strict=False)]
        made._hold(
            np.concatenate([part._keys for part in parts]),
            np.concatenate([part._times for part in parts]),
            np.append(np.concatenate(starts), before[-1]),
            np.concatenate([part._lengths for part in parts]),
            parts[0]._length_weight,
        )
        return made

    def of(self, texts: Rows) -> "Field":
        """The field over these texts alone."""
        made = type(self).__new__(type(self))
        places, begins = parts_of(self._starts, texts)
        starts = np.append(begins, len(places))
        made._hold(self._keys[places], self._times[places], starts, self._lengths[texts], self._length_weight)
        return made

    def scores(self, keys: Keys, weights: Scores, texts: Rows) -> tuple[Scores, Scores]:
        """For each of these texts: BM25, and the weight of the question's tokens it has.

        Args:
            keys: the question's tokens, sorted, each once.
            weights: how much each of them counts.
        """
        if not len(keys) or not len(self._keys):
            return np.zeros(len(texts), dtype=np.float32), np.zeros(len(texts), dtype=np.float32)
        places, begins = parts_of(self._starts, texts)
        places, key = _find(keys, self._keys, places)
        text = np.searchsorted(begins, places[1], "right") - 1
        weight = weights[key]
        times = self._times[places[0]].astype(np.float32)
        damping = _SATURATION * (1 - self._length_weight + self._length_weight * self._lengths[texts] / self._usual)
        fit = weight * times * (_SATURATION + 1) / (times + damping[text])
        count = len(texts)
        return np.bincount(text, fit, count).astype(np.float32), np.bincount(text, weight, count).astype(np.float32)


def _find(keys: Keys, tokens: Keys, places: Any) -> tuple[tuple[Any, Any], Any]:
    """Which of the tokens at these places are the question's: places and numbers of places, and which key each is.

    A table of slots by the lower half of a key leaves few tokens that must be compared.
    """
    slots = np.zeros(_SLOTS, dtype=bool)
    slots[keys.astype(np.uint16)] = True
    held = tokens[places]
    numbers = np.flatnonzero(slots[held.astype(np.uint16)])
    held = held[numbers]
    key = np.minimum(np.searchsorted(keys, held), len(keys) - 1)
    same = keys[key] == held
    numbers = numbers[same]
    return (places[numbers], numbers), key[same]
