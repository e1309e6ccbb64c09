"""Bringing sentence vectors into an index while it already answers by words."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from knowledge_base.search.freed_memory import give_back
from knowledge_base.search.segment import Segment, SegmentVectors
from knowledge_base.search.text_vectors import TextVectors
from knowledge_base.search.vector_cache import VectorCache, vector_hash
from knowledge_base.search.wordings import passages_of, wordings_of
from service.encoder import Encoder, Vectors

_READ_AT_ONCE = 2_000  # vectors
_ENCODE_AT_ONCE = 16  # texts: about a quarter of a second, in which another process may do some of the others
_MANY = 100_000  # vectors whose reading leaves much memory to give back


class Progress(Protocol):
    """Told how far the encoding is."""

    def __call__(self, done: int, total: int) -> None:
        """So many texts of so many have their vectors."""


async def add_vectors(segment: Segment, encoder: Encoder, cache: VectorCache, progress: Progress) -> None:
    """Give a segment its vectors: those that the cache holds, and the others computed and put there."""
    vectors = SegmentVectors(segment, encoder.dimension)
    done, total = 0, int(segment.starts[-1] + vectors.piece_starts[-1])
    for role, texts, target in (
        ("wording", (text for entry in segment.entries for text in wordings_of(entry)), vectors.wordings),
        ("passage", (text for entry in segment.entries for text in passages_of(entry)), vectors.pieces),
    ):
        make = encoder.wordings if role == "wording" else encoder.passages
        place = 0
        for chunk in _chunks(texts):
            keys = await asyncio.to_thread(_hashes, encoder.name, role, chunk)
            found = await cache.get_many(keys)
            missing = {key: text for key, text in zip(keys, chunk, strict=True) if key not in found}
            async for number in _encode(missing, found, make, cache):
                progress(done + len(chunk) - number, total)
            await asyncio.to_thread(_put, target, place, [found[key] for key in keys])
            place += len(chunk)
            done += len(chunk)
            progress(done, total)
    await asyncio.to_thread(vectors.finish)
    if total > _MANY:
        await asyncio.to_thread(give_back)
    segment.vectors = vectors


async def _encode(
    missing: dict[str, str], found: dict[str, Vectors], make: Callable[[list[str]], Vectors], cache: VectorCache
) -> AsyncIterator[int]:
    """Compute what is missing; yields how many are still to come."""
    keys = list(missing)
    random.shuffle(keys)  # every process in another order, so that several share the work
    for first in range(0, len(keys), _ENCODE_AT_ONCE):
        batch = keys[first : first + _ENCODE_AT_ONCE]
        found |= await cache.get_many(batch)
        wanted = [key for key in batch if key not in found]
        if wanted:
            vectors = await asyncio.to_thread(make, [missing[key] for key in wanted])
            computed = dict(zip(wanted, vectors, strict=True))
            await cache.put_many(computed)
            found |= computed
        yield len(keys) - first - len(batch)


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _READ_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _hashes(name: str, role: str, texts: Sequence[str]) -> list[str]:
    return [vector_hash(name, role, text) for text in texts]


def _put(target: TextVectors, place: int, vectors: Sequence[Vectors]) -> None:
    target.put(place, np.stack(vectors))
