"""Which entries have a token: the way from a question to the entries worth looking at."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from service.characters import Keys, Rows, Tokens, sorted_once

Weights = np.ndarray[Any, np.dtype[np.float32]]

_FREQUENT = 32  # a token that more than one row in so many has takes less room as a bit a row than as numbers of rows
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32)
"""The eight bits of every byte."""


class Postings:
    """For every token, the rows that have it: numbers of rows where they are few, a bit a row where they are many.

    Read-only once built.
    """

    def __init__(self, tokens: Tokens, size: int) -> None:
        placed = sorted_once(tokens.keys, tokens.rows)
        rows = placed.astype(np.uint32).astype(np.int32)  # the lower half
        placed >>= np.uint64(32)
        starts = np.flatnonzero(np.diff(placed, prepend=np.uint64(1 << 40)))
        counts = np.diff(np.append(starts, len(placed)))
        self._make(placed[starts].astype(np.uint32), counts, size)
        self._put(np.arange(len(counts)), counts, rows, np.zeros(len(counts), dtype=np.int64))

    @classmethod
    def joined(cls, parts: Sequence["Postings"]) -> "Postings":
        """Postings over the rows of several, one part's after the other's."""
        made = cls.__new__(cls)
        keys = np.unique(np.concatenate([part._keys for part in parts]))
        spots = [np.searchsorted(keys, part._keys) for part in parts]
        filled = np.zeros(len(keys), dtype=np.int64)
        for part, spot in zip(parts, spots, strict=True):
            filled[spot] += part._counts
        made._make(keys, filled, sum(part._size for part in parts))
        filled[:] = 0
        first = 0
        for part, spot in zip(parts, spots, strict=True):
            for tokens, rows in part._lists():
                made._put(spot[tokens], part._counts[tokens], rows + np.int32(first), filled)
            first += part._size
        return made

    def of(self, kept: Rows) -> "Postings":
        """Postings over these rows alone."""
        places = np.full(self._size, -1, dtype=np.int32)
        places[kept] = np.arange(len(kept), dtype=np.int32)
        keys, rows = [], []
        for tokens, having in self._lists():
            moved = places[having]
            keys.append(np.repeat(self._keys[tokens], self._counts[tokens])[moved >= 0])
            rows.append(moved[moved >= 0])
        return Postings(Tokens(np.concatenate(keys), np.concatenate(rows)), len(kept))

    def _make(self, keys: Keys, counts: Any, size: int) -> None:
        """Room for the rows of these tokens."""
        self._keys, self._counts, self._size = keys, counts.astype(np.int32), size
        frequent = self._frequent(self._counts)
        few = np.where(frequent, 0, counts)
        # Where a token's rows begin, or which row of bits is its.
        self._starts = np.where(frequent, np.cumsum(frequent) - 1, np.cumsum(few) - few)
        self._rows: Rows = np.zeros(int(few.sum()), dtype=np.int32)
        self._bits = np.zeros((int(frequent.sum()), -(-size // 8)), dtype=np.uint8)

    def _frequent(self, counts: Any) -> Any:
        return counts > self._size // _FREQUENT

    def _put(self, tokens: Any, counts: Any, rows: Rows, filled: Any) -> None:
        """Have these rows, so many for each of these tokens.

        Args:
            filled: how many rows each token has already; counted on.
        """
        frequent = self._frequent(self._counts[tokens])
        few = tokens[~frequent]
        places = np.repeat(self._starts[few] + filled[few] - _begins(counts[~frequent]), counts[~frequent])
        places += np.arange(len(places))
        whose = np.repeat(frequent, counts)
        self._rows[places] = rows[~whose]
        filled[tokens] += counts
        many = rows[whose]
        if len(many):
            first = int(many.min()) // 8 * 8
            table = np.zeros((len(self._bits), int(many.max()) + 1 - first), dtype=bool)
            table[np.repeat(self._starts[tokens[frequent]], counts[frequent]), many - first] = True
            packed = np.packbits(table, axis=1)
            self._bits[:, first // 8 : first // 8 + packed.shape[1]] |= packed

    def _lists(self) -> Sequence[tuple[Any, Rows]]:
        """The rows of all tokens: tokens, and the rows of the first, of the second …; rare tokens and frequent ones."""
        frequent = self._frequent(self._counts)
        many = np.nonzero(np.unpackbits(self._bits, axis=1))[1].astype(np.int32)
        return ((np.flatnonzero(~frequent), self._rows), (np.flatnonzero(frequent), many))

    def counts(self, keys: Keys) -> Rows:
        """How many rows have each of these tokens."""
        places, known = self._find(keys)
        counts: Rows = np.zeros(len(keys), dtype=np.int32)
        counts[known] = self._counts[places[known]]
        return counts

    def add(self, keys: Keys, weights: Weights, scores: Weights, limit: int) -> Any:
        """Add the weight of each token to the score of every row that has it, the rarest first; which are left out.

        Args:
            scores: one a row, and up to seven more; changed.
            limit: postings to go through at most: what so many entries have tells them apart the least. A frequent
                token counts as one row in eight.
        """
        left = np.ones(len(keys), dtype=bool)
        if not len(self._keys):
            return left
        places, known = self._find(keys)
        counts = np.where(known, self._counts[places], 0)
        order = np.argsort(counts, kind="stable")
        frequent = self._frequent(counts[order])
        within = np.cumsum(np.where(frequent, self._size // 8, counts[order])) <= limit
        order, frequent = order[within], frequent[within]
        eights = scores.reshape(-1, 8)
        columns = (frequent.tolist(), self._starts[places[order]].tolist(), counts[order].tolist(), weights[order])
        for bits, start, count, weight in zip(*columns, strict=True):
            if bits:
                eights += (_BITS * weight)[self._bits[start]]
            else:
                scores[self._rows[start : start + count]] += weight
        left[order] = False
        return left

    def have(self, keys: Keys, rows: Rows) -> Any:
        """For each of these tokens, which of these rows have it."""
        having = np.zeros((len(keys), len(rows)), dtype=bool)
        places, known = self._find(keys)
        for number in np.flatnonzero(known):
            start, count = int(self._starts[places[number]]), int(self._counts[places[number]])
            if self._frequent(count):
                having[number] = self._bits[start][rows >> 3] >> (7 - (rows & 7)) & 1
            else:
                those = self._rows[start : start + count]
                having[number] = those[np.minimum(np.searchsorted(those, rows), count - 1)] == rows
        return having

    def _find(self, keys: Keys) -> tuple[Any, Any]:
        """Where these tokens would be, and whether they are there."""
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys), dtype=bool)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return places, self._keys[places] == keys


def _begins(counts: Any) -> Any:
    return np.cumsum(counts) - counts
