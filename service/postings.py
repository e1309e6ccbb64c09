"""Which texts have a token: the way from a question to the texts worth looking at."""

from typing import Any

import numpy as np

from service.characters import Keys, Rows, Tokens, sorted_once

Weights = np.ndarray[Any, np.dtype[np.float32]]


class Postings:
    """For every token, the rows that have it. Read-only once built."""

    def __init__(self, tokens: Tokens) -> None:
        placed = sorted_once(tokens.keys, tokens.rows)
        self._rows = placed.astype(np.uint32).astype(np.int32)  # the lower half
        placed >>= np.uint64(32)
        starts = np.flatnonzero(np.diff(placed, prepend=np.uint64(1 << 40)))
        self._keys = placed[starts].astype(np.uint32)
        self._starts = np.append(starts, len(placed)).astype(np.int64)

    def counts(self, keys: Keys) -> Rows:
        """How many rows have each of these tokens."""
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.int32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[places] == keys
        counts: Rows = np.where(known, self._starts[places + 1] - self._starts[places], 0).astype(np.int32)
        return counts

    def add(self, keys: Keys, weights: Weights, scores: Weights, limit: int) -> None:
        """Add the weight of each token to the score of every row that has it, the rarest tokens first.

        Args:
            scores: one a row; changed.
            limit: postings to go through at most: what so many entries have tells them apart the least.
        """
        counts = self.counts(keys)
        order = np.argsort(counts, kind="stable")
        order = order[counts[order] > 0]
        starts = self._starts[np.searchsorted(self._keys, keys[order])]
        for place, start, count in zip(order.tolist(), starts.tolist(), counts[order].tolist(), strict=True):
            if count > limit:
                break
            limit -= count
            scores[self._rows[start : start + count]] += weights[place]

    def has(self, key: int, rows: Rows) -> Any:
        """Which of these rows have a token."""
        place = int(np.searchsorted(self._keys, np.uint32(key)))
        if place == len(self._keys) or self._keys[place] != key:
            return np.zeros(len(rows), dtype=bool)
        having = self._rows[self._starts[place] : self._starts[place + 1]]
        found = np.minimum(np.searchsorted(having, rows), len(having) - 1)
        return having[found] == rows
