"""Sentence vectors of an index's texts, a byte a number."""

from collections.abc import Sequence
from typing import Any

import numkong
import numpy as np

from service.characters import Rows
from service.encoder import Vectors

Similarities = np.ndarray[Any, np.dtype[np.float32]]

_AT_ONCE = 2_000  # entries whose vectors are unpacked together


class TextVectors:
    """Vectors of many texts, each scaled to bytes: 0.4 KB a text, cosines right to about 0.001."""

    def __init__(self, count: int, dimension: int) -> None:
        self._bytes = np.zeros((count, dimension), dtype=np.int8)
        self._scales = np.zeros(count, dtype=np.float32)

    @classmethod
    def joined(cls, parts: Sequence["TextVectors"]) -> "TextVectors":
        """The vectors of several, one after the other."""
        made = cls.__new__(cls)
        made._bytes = np.concatenate([part._bytes for part in parts])
        made._scales = np.concatenate([part._scales for part in parts])
        return made

    def of(self, texts: Rows) -> "TextVectors":
        """The vectors of these texts alone."""
        made = type(self).__new__(type(self))
        made._bytes, made._scales = self._bytes[texts], self._scales[texts]
        return made

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

    def usual(self, starts: Rows) -> Vectors:
        """What the texts of all entries have in common.

        Args:
            starts: for each entry its first text, then the number of texts; every entry has one at least.
        """
        whole = np.zeros(self._bytes.shape[1], dtype=np.float32)
        for first in range(0, len(starts) - 1, _AT_ONCE):
            whole += self._middles(starts[first : first + _AT_ONCE + 1]).sum(axis=0)
        return whole / np.float32(max(1, len(starts) - 1))

    def directions(self, starts: Rows, usual: Vectors) -> Vectors:
        """The direction in which the texts of each entry lie, without what all have in common."""
        apart: Vectors = self._middles(starts) - usual
        apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
        return apart

    def _middles(self, starts: Rows) -> Vectors:
        texts = slice(starts[0], starts[-1])
        whole = self._bytes[texts] * self._scales[texts, None]
        sums = np.add.reduceat(whole, starts[:-1] - starts[0], axis=0)
        middles: Vectors = (sums / np.diff(starts)[:, None]).astype(np.float32)
        return middles
