"""A text as a sparse row: its characters, pairs and triples (grams), weighted by how rare they are.

Everything is counted by numpy over all texts at once, so 100,000 texts take seconds. A gram is known by a hash of its
characters; no piece of what people wrote is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from service.text import normalise

Array = np.ndarray[Any, np.dtype[Any]]

TEXT_LIMIT = 2000  # characters; what matters is told before

HEAD = 40  # characters; people say first what it is about

_LEAST_COMMON = 50  # texts
_BUCKETS = 1 << 24  # so many that hardly two grams of a history share one
_MOST = 1 << 18
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_BATCH = 2048  # texts counted at once


def prepared(text: str) -> str:
    """The text as it is counted: one form for everything that means the same, figures alike."""
    plain = normalise(text[:TEXT_LIMIT])
    return "".join("0" if character.isdecimal() else character for character in plain)


def written(text: str) -> str:
    """The text as people wrote it, with figures and punctuation, which tell something, too."""
    return text[:TEXT_LIMIT].lower()


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a text is counted.

    Attributes:
        form: makes the text that is counted.
        longest: characters of a gram.
        head: how much more the first `HEAD` characters count.
    """

    form: Callable[[str], str]
    longest: int
    head: float


PREPARED = Reading(prepared, 3, 0.6)
WRITTEN = Reading(written, 2, 0.0)


@dataclass(frozen=True, slots=True)
class Features:
    """How texts become rows.

    Attributes:
        buckets: the hashes of the grams that count, ascending: they occur in two texts at least,
            and are the most common.
        idf: the weight of each.
        reading: what of a text is counted.
    """

    buckets: Array
    idf: Array
    reading: Reading = PREPARED

    @classmethod
    def of(cls, texts: Sequence[str], reading: Reading = PREPARED, most: int = _MOST) -> "Features":
        """Learn from a history what is rare in it.

        Args:
            most: grams that count; rarer ones tell little and make the model large.
        """
        frequency = np.zeros(_BUCKETS, dtype=np.int32)
        for batch in _batches(texts):
            buckets, counts = np.unique(_counts(batch, reading)[1], return_counts=True)
            frequency[buckets] += counts
        # A history of a few tickets has nothing that occurs twice.
        least = 2 if len(texts) > _LEAST_COMMON else 1
        buckets = np.flatnonzero(frequency >= least)
        buckets = np.sort(buckets[np.argsort(-frequency[buckets], kind="stable")[:most]])
        idf = np.log((1 + len(texts)) / (1 + frequency[buckets])) + 1
        return cls(buckets.astype(np.int32), idf.astype(np.float32), reading)

    def rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """One row a text, of length 1 (or 0 where nothing is known), shape (texts, buckets)."""
        parts = [self._rows(batch) for batch in _batches(texts)]
        empty = sparse.csr_matrix((0, len(self.buckets)), dtype=np.float32)
        return sparse.vstack(parts, format="csr") if parts else empty

    def _rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        whole = self._weighted(texts)
        if not self.reading.head:
            return whole
        begun = self._weighted([self.reading.form(text)[:HEAD] for text in texts])
        return _of_length_one(whole + self.reading.head * begun)

    def _weighted(self, texts: Sequence[str]) -> sparse.csr_matrix:
        rows, buckets, counts = _counts(texts, self.reading)
        columns = np.searchsorted(self.buckets, buckets)
        known = columns < len(self.buckets)
        known[known] = self.buckets[columns[known]] == buckets[known]
        rows, columns = rows[known], columns[known]
        weights = (1 + np.log(counts[known])) * self.idf[columns]
        shape = (len(texts), len(self.buckets))
        return _of_length_one(sparse.csr_matrix((weights.astype(np.float32), (rows, columns)), shape))

    def columns_at(self, text: str) -> list[tuple[int, int, int]]:
        """Each known gram of a text in its form: where it begins and ends, and its column."""
        found = []
        for start, stop, bucket in _grams(text, self.reading.longest):
            column = int(np.searchsorted(self.buckets, bucket))
            if column < len(self.buckets) and self.buckets[column] == bucket:
                found.append((start, stop, column))
        return found


def _of_length_one(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = sparse.diags((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ matrix
    scaled.sort_indices()
    return scaled.tocsr()


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]


def _counts(texts: Sequence[str], reading: Reading) -> tuple[Array, Array, Array]:
    """Row, bucket and count of every gram of every text; each pair of row and bucket once."""
    plain = [f"{reading.form(text)} " for text in texts]  # no gram reaches from one text into the next
    characters = np.frombuffer("".join(plain).encode("utf-32-le"), dtype=np.uint32)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in plain])
    keys = []
    for size in range(1, reading.longest + 1):
        buckets, whole = _hashed(characters, size)
        keys.append(rows[: len(buckets)][whole] * _BUCKETS + buckets[whole])
    found, counts = np.unique(np.concatenate(keys), return_counts=True)
    return found // _BUCKETS, found % _BUCKETS, counts


def _grams(text: str, longest: int) -> Iterator[tuple[int, int, int]]:
    characters = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    for size in range(1, longest + 1):
        buckets, whole = _hashed(characters, size)
        for start in np.flatnonzero(whole):
            yield int(start), int(start) + size, int(buckets[start])


def _hashed(characters: Array, size: int) -> tuple[Array, Array]:
    """The bucket of the gram that begins at each character, and whether it is one: no blank within."""
    length = max(len(characters) - size + 1, 0)
    mixed = np.full(length, size, dtype=np.uint64)
    whole = np.ones(length, dtype=bool)
    for place in range(size):
        part = characters[place : place + length]
        whole &= part != ord(" ")
        mixed = (mixed ^ part.astype(np.uint64)) * _MULTIPLIERS[place]
        mixed ^= mixed >> np.uint64(29)
    return (mixed % np.uint64(_BUCKETS)).astype(np.int64), whole
