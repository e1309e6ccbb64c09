"""Sentence vectors of an index's texts, a byte a number."""

from typing import Any

import numkong
import numpy as np

from knowledge_base.search.encoder import Vectors
from service.characters import Rows

Similarities = np.ndarray[Any, np.dtype[np.float32]]

_AT_ONCE = 2_000  # entries whose vectors are unpacked together


class TextVectors:
    """Vectors of many texts, each scaled to bytes: 0.4 KB a text, cosines right to about 0.001."""

    def __init__(self, count: int, dimension: int) -> None:
        self._bytes = np.zeros((count, dimension), dtype=np.int8)
        self._scales = np.zeros(count, dtype=np.float32)

    def put(self, start: int, vectors: Vectors) -> None:
        """The vectors of the texts from a place on."""
        end = start + len(vectors)
        scales = np.abs(vectors).max(axis=1) / 127
        self._scales[start:end] = scales
        self._bytes[start:end] = np.rint(vectors / np.maximum(scales, 1e-9)[:, None])

    def near(self, vector: Vectors, texts: Rows) -> Similarities:
        """The cosine of a question to each of these texts."""
        scale = float(np.abs(vector).max()) / 127 or 1.0
        question = np.rint(vector / scale).astype(np.int8)
        # Bytes are multiplied as they are: to make numbers of them first would cost ten times as much.
        products = np.asarray(numkong.cdist(question[None], self._bytes[texts], "dot"), dtype=np.float32)[0]
        near: Similarities = products * (self._scales[texts] * np.float32(scale))
        return near

    def middles(self, starts: Rows) -> Vectors:
        """The direction in which the texts of each entry lie, without what all have in common.

        Args:
            starts: for each entry its first text, then the number of texts; every entry has one at least.
        """
        middles = np.zeros((len(starts) - 1, self._bytes.shape[1]), dtype=np.float32)
        for first in range(0, len(middles), _AT_ONCE):
            some = starts[first : first + _AT_ONCE + 1]
            texts = slice(some[0], some[-1])
            whole = self._bytes[texts].astype(np.float32) * self._scales[texts, None]
            sums = np.add.reduceat(whole, some[:-1] - some[0], axis=0)
            middles[first : first + _AT_ONCE] = sums / np.diff(some)[:, None]
        middles -= middles.mean(axis=0)
        middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
        return middles
