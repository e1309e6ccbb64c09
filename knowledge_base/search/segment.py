"""A part of the index: some entries, and everything search needs to know of them."""

import hashlib
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.field import Field
from knowledge_base.search.nearest import Nearest
from knowledge_base.search.text_vectors import TextVectors
from knowledge_base.search.wordings import passages_of, whole_text, wordings_of
from knowledge_base.text import exact_key
from service.characters import Rows, Tokens, characters_and_pairs
from service.postings import Postings

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Concepts = Callable[[str], Sequence[str]]
"""The official words that a text names or means."""


class Segment:
    """Entries and the tables over them. Read-only but for vectors, which arrive once, after it was built.

    Attributes:
        starts: for each entry its first wording, then the number of wordings.
        wordings, pairs, concepts: fields over the wordings.
        texts: a field over the whole texts.
        in_wordings, in_concepts, in_texts: which entries have a token.
    """

    def __init__(self, entries: Sequence[Entry], concepts: Concepts) -> None:
        self.entries = tuple(entries)
        flat, owners = self._flat()
        self._read_wordings(flat, owners, concepts)
        self._read_texts()
        hashes = np.array([exact_hash(text) for text in flat], dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._hash_owners = hashes[order], owners[order]
        self.vectors: SegmentVectors | None = None

    def _flat(self) -> tuple[list[str], Rows]:
        wordings = [wordings_of(entry) for entry in self.entries]
        self.starts: Rows = np.append(0, np.cumsum([len(texts) for texts in wordings])).astype(np.int32)
        owners = np.repeat(np.arange(len(self.entries), dtype=np.int32), np.diff(self.starts))
        return [text for texts in wordings for text in texts], owners

    def reworded(self, concepts: Concepts) -> "Segment":
        """The same with other everyday words understood."""
        other = copy(self)
        other._read_concepts(*self._flat(), concepts)
        return other

    def exact(self, wanted: int) -> set[int]:
        """The rows that have a wording of this hash."""
        first, end = np.searchsorted(self._hashes, np.array([wanted, wanted + 1], dtype=np.uint64))
        return set(map(int, self._hash_owners[first:end]))

    def _read_wordings(self, flat: Sequence[str], owners: Rows, concepts: Concepts) -> None:
        characters, pairs = characters_and_pairs(flat)
        count = len(flat)
        self.wordings = Field(characters, count, 0.75)
        self.pairs = Field(pairs, count, 0.75)
        both = _together(characters, pairs)
        self.in_wordings = Postings(Tokens(both.keys, owners[both.rows]))
        self._read_concepts(flat, owners, concepts)

    def _read_concepts(self, flat: Sequence[str], owners: Rows, concepts: Concepts) -> None:
        meant = [(concept_key(word), row) for row, text in enumerate(flat) for word in concepts(text)]
        keys, rows = zip(*meant, strict=True) if meant else ((), ())
        self.concepts = Field(Tokens(np.array(keys, np.uint32), np.array(rows, np.int32)), len(flat), 0.75)
        self.in_concepts = Postings(Tokens(np.array(keys, np.uint32), owners[np.array(rows, np.int32)]))

    def _read_texts(self) -> None:
        characters, pairs = characters_and_pairs([whole_text(entry) for entry in self.entries])
        self.texts = Field(characters, len(self.entries), 0.4)
        self.in_texts = Postings(_together(characters, pairs))


class SegmentVectors:
    """Sentence vectors of a segment's wordings and of the pieces of what it says."""

    def __init__(self, segment: Segment, dimension: int) -> None:
        sizes = [len(passages_of(entry)) for entry in segment.entries]
        self.wording_starts = segment.starts
        self.piece_starts: Rows = np.append(0, np.cumsum(sizes)).astype(np.int32)
        self.wordings = TextVectors(int(self.wording_starts[-1]), dimension)
        self.pieces = TextVectors(int(self.piece_starts[-1]), dimension)

    def finish(self) -> None:
        """Make the nearest entries findable, when all vectors are there."""
        self.nearest = Nearest(self.wordings.middles(self.wording_starts) + self.pieces.middles(self.piece_starts))


def exact_hash(text: str) -> int:
    """A number for what two wordings share when they differ only in fillers, particles and punctuation."""
    return int.from_bytes(hashlib.blake2b(exact_key(text).encode(), digest_size=7).digest(), "big")


def concept_key(word: str) -> int:
    """A number for an official word."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")


def texts_of(starts: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """The texts of these entries, one entry after the other, and where each entry's begin."""
    first, sizes = starts[rows], starts[rows + 1] - starts[rows]
    begins = np.cumsum(sizes) - sizes
    texts = np.arange(int(sizes.sum()), dtype=np.int32) + np.repeat(first - begins, sizes)
    return texts.astype(np.int32), begins.astype(np.int32)


def _together(first: Tokens, second: Tokens) -> Tokens:
    return Tokens(np.concatenate((first.keys, second.keys)), np.concatenate((first.rows, second.rows)))
