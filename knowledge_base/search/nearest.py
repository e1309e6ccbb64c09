"""The entries nearest to a question, without looking at all of them."""

from collections.abc import Callable

import numpy as np
from usearch.index import Index

from service.characters import Rows
from service.encoder import Vectors

ALL = 4_000
"""Entries up to which each is compared; a graph saves nothing below."""

_LINKED = 64  # neighbours looked at for each entry: with twice as many the graph takes twice as long
_THOROUGH = 2  # times as many entries looked at as wanted: that makes good what the graph lacks
_AT_ONCE = 2_000  # entries whose directions are there together


class Nearest:
    """Directions of entries, in a graph of neighbours (HNSW) where there are many.

    Args:
        directions: of the entries from one number to another.
    """

    def __init__(self, count: int, directions: Callable[[int, int], Vectors]) -> None:
        self._directions = directions(0, count) if count <= ALL else None
        if self._directions is None:
            self._graph = Index(ndim=directions(0, 1).shape[1], metric="cos", dtype="i8", expansion_add=_LINKED)
            for first in range(0, count, _AT_ONCE):
                end = min(first + _AT_ONCE, count)
                self._graph.add(np.arange(first, end), directions(first, end))

    def rows(self, vector: Vectors, count: int) -> Rows:
        """About the nearest entries, in no order."""
        if self._directions is None:
            self._graph.expansion_search = _THOROUGH * count
            found: Rows = self._graph.search(vector, count, threads=1).keys.astype(np.int32)
            return found
        if count >= len(self._directions):
            return np.arange(len(self._directions), dtype=np.int32)
        return np.argpartition(-(self._directions @ vector), count)[:count].astype(np.int32)
