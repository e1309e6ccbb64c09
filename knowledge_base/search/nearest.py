"""The entries nearest to a question, without looking at all of them."""

import numpy as np
from usearch.index import Index

from knowledge_base.search.encoder import Vectors
from service.characters import Rows

_ALL = 4_000  # entries up to which each is compared; a graph saves nothing below


class Nearest:
    """Directions of entries, in a graph of neighbours (HNSW) where there are many."""

    def __init__(self, directions: Vectors) -> None:
        self._directions: Vectors | None = directions
        if len(directions) > _ALL:
            self._graph = Index(ndim=directions.shape[1], metric="cos", dtype="i8")
            self._graph.add(np.arange(len(directions)), directions)
            self._directions = None  # the graph has its own, in bytes

    def rows(self, vector: Vectors, count: int) -> Rows:
        """About the nearest entries, in no order."""
        if self._directions is None:
            self._graph.expansion_search = count
            found: Rows = self._graph.search(vector, count).keys.astype(np.int32)
            return found
        if count >= len(self._directions):
            return np.arange(len(self._directions), dtype=np.int32)
        return np.argpartition(-(self._directions @ vector), count)[:count].astype(np.int32)
