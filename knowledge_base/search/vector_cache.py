"""Vectors kept by what they were made from, so that no text is encoded twice."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from service.encoder import Vectors


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
