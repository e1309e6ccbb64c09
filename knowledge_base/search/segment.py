"""A part of the index: some entries, and everything search needs to know of them."""

import hashlib
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.field import Field
from knowledge_base.search.freed_memory import give_back
from knowledge_base.search.nearest import Nearest
from knowledge_base.search.text_vectors import TextVectors
from knowledge_base.search.wordings import passages_of, whole_text, wordings_of
from service.characters import Rows, Tokens, characters_and_pairs, parts_of
from service.encoder import Vectors
from service.postings import Postings
from service.text import exact_key

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Concepts = Callable[[str], Sequence[str]]
"""The official words that a text names or means."""


_AT_ONCE = 4_000  # entries read together: more need more memory and are not faster


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

    @classmethod
    def read(
        cls, entries: Sequence[Entry], concepts: Concepts, progress: Callable[[int], None] = lambda _done: None
    ) -> "Segment":
        """A segment of many entries, read some at a time.

        Args:
            progress: told how many are read.
        """
        parts = []
        for first in range(0, len(entries), _AT_ONCE):
            parts.append(cls(entries[first : first + _AT_ONCE], concepts))
            progress(min(first + _AT_ONCE, len(entries)))
        made = cls.joined(parts)
        if len(parts) > 1:
            del parts
            give_back()
        return made

    @classmethod
    def joined(cls, parts: Sequence["Segment"]) -> "Segment":
        """The entries of several segments in one; with vectors if all have them."""
        if len(parts) == 1:
            return parts[0]
        made = cls.__new__(cls)
        made.entries = tuple(entry for part in parts for entry in part.entries)
        made.starts = _one_after_another([part.starts for part in parts])
        for name in ("wordings", "pairs", "concepts", "texts"):
            setattr(made, name, Field.joined([getattr(part, name) for part in parts]))
        for name in ("in_wordings", "in_concepts", "in_texts"):
            setattr(made, name, Postings.joined([getattr(part, name) for part in parts]))
        before = np.cumsum([0, *(len(part.entries) for part in parts)], dtype=np.int32)
        hashes = np.concatenate([part._hashes for part in parts])
        owners = [part._hash_owners + first for part, first in zip(parts, before, strict=False)]
        order = np.argsort(hashes, kind="stable")
        made._hashes, made._hash_owners = hashes[order], np.concatenate(owners)[order]
        vectors = [part.vectors for part in parts if part.vectors is not None]
        made.vectors = SegmentVectors.joined(vectors) if len(vectors) == len(parts) else None
        return made

    def of(self, rows: Rows) -> "Segment":
        """A segment of these entries alone."""
        if len(rows) == len(self.entries):
            return self
        made = type(self).__new__(type(self))
        made.entries = tuple(self.entries[row] for row in rows)
        texts, begins = parts_of(self.starts, rows)
        made.starts = np.append(begins, len(texts)).astype(np.int32)
        for name in ("wordings", "pairs", "concepts"):
            setattr(made, name, getattr(self, name).of(texts))
        made.texts = self.texts.of(rows)
        for name in ("in_wordings", "in_concepts", "in_texts"):
            setattr(made, name, getattr(self, name).of(rows))
        places = np.full(len(self.entries), -1, dtype=np.int32)
        places[rows] = np.arange(len(rows), dtype=np.int32)
        owners = places[self._hash_owners]
        made._hashes, made._hash_owners = self._hashes[owners >= 0], owners[owners >= 0]
        made.vectors = None if self.vectors is None else self.vectors.of(rows)
        return made

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
        self.in_wordings = Postings(Tokens(both.keys, owners[both.rows]), len(self.entries))
        self._read_concepts(flat, owners, concepts)

    def _read_concepts(self, flat: Sequence[str], owners: Rows, concepts: Concepts) -> None:
        meant = [(concept_key(word), row) for row, text in enumerate(flat) for word in concepts(text)]
        keys, rows = zip(*meant, strict=True) if meant else ((), ())
        tokens = Tokens(np.array(keys, np.uint32), np.array(rows, np.int32))
        self.concepts = Field(tokens, len(flat), 0.75)
        self.in_concepts = Postings(Tokens(tokens.keys, owners[tokens.rows]), len(self.entries))

    def _read_texts(self) -> None:
        characters, pairs = characters_and_pairs([whole_text(entry) for entry in self.entries])
        self.texts = Field(characters, len(self.entries), 0.4)
        self.in_texts = Postings(_together(characters, pairs), len(self.entries))


class SegmentVectors:
    """Sentence vectors of a segment's wordings and of the pieces of what it says."""

    def __init__(self, segment: Segment, dimension: int) -> None:
        sizes = [len(passages_of(entry)) for entry in segment.entries]
        self.wording_starts = segment.starts
        self.piece_starts: Rows = np.append(0, np.cumsum(sizes)).astype(np.int32)
        self.wordings = TextVectors(int(self.wording_starts[-1]), dimension)
        self.pieces = TextVectors(int(self.piece_starts[-1]), dimension)

    @classmethod
    def joined(cls, parts: Sequence["SegmentVectors"]) -> "SegmentVectors":
        """The vectors of several segments in one."""
        made = cls.__new__(cls)
        made.wording_starts = _one_after_another([part.wording_starts for part in parts])
        made.piece_starts = _one_after_another([part.piece_starts for part in parts])
        made.wordings = TextVectors.joined([part.wordings for part in parts])
        made.pieces = TextVectors.joined([part.pieces for part in parts])
        made.finish()
        return made

    def of(self, rows: Rows) -> "SegmentVectors":
        """The vectors of these entries alone."""
        made = type(self).__new__(type(self))
        for name, starts, texts in (
            ("wording", self.wording_starts, self.wordings),
            ("piece", self.piece_starts, self.pieces),
        ):
            places, begins = parts_of(starts, rows)
            setattr(made, f"{name}_starts", np.append(begins, len(places)).astype(np.int32))
            setattr(made, f"{name}s", texts.of(places))
        made.finish()
        return made

    def finish(self) -> None:
        """Make the nearest entries findable, when all vectors are there."""
        self._usual = [texts.usual(starts) for texts, starts in self._both()]
        self.nearest = Nearest(len(self.piece_starts) - 1, self.directions)

    def directions(self, first: int, end: int) -> Vectors:
        """The direction in which each of these entries lies, by its wordings and by its pieces."""
        both = zip(self._both(), self._usual, strict=True)
        sides = [texts.directions(starts[first : end + 1], usual) for (texts, starts), usual in both]
        found: Vectors = np.sum(sides, axis=0)
        return found

    def _both(self) -> tuple[tuple[TextVectors, Rows], ...]:
        return (self.wordings, self.wording_starts), (self.pieces, self.piece_starts)


def exact_hash(text: str) -> int:
    """A number for what two wordings share when they differ only in fillers, particles and punctuation."""
    return int.from_bytes(hashlib.blake2b(exact_key(text).encode(), digest_size=7).digest(), "big")


def concept_key(word: str) -> int:
    """A number for an official word."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")


def _one_after_another(starts: Sequence[Rows]) -> Rows:
    ends = np.cumsum([0, *(part[-1] for part in starts)], dtype=np.int32)
    return np.append(np.concatenate([part[:-1] + end for part, end in zip(starts, ends, strict=False)]), ends[-1])


def _together(first: Tokens, second: Tokens) -> Tokens:
    return Tokens(np.concatenate((first.keys, second.keys)), np.concatenate((first.rows, second.rows)))
