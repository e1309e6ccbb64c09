"""The search index: for a question, the entries that may answer it and how well each does, by every signal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.lexical import SIGNALS, Weighted, likely, signals
from knowledge_base.search.nearest import ALL
from knowledge_base.search.question import Question
from knowledge_base.search.ranking import Candidate, Found, Table, rank
from knowledge_base.search.segment import Concepts, Segment, exact_hash
from knowledge_base.text import Tokenizer
from service.characters import Rows, parts_of
from service.encoder import Vectors

_SMALL = 200  # entries of a segment that is made anew with each change
_TIMES = 16  # as large is a segment at least as the one after it; if not, they are joined
LOOKED_AT = 80
"""Entries that each way of finding them contributes."""

_LOOKED_AT_OF_MANY = 60  # of a large base: its first is nearly always among them, and each costs time
_MANY = 50_000

_LEAST = 20  # entries that a small segment contributes by its vectors, however large the others are
_SHARED = 4_000  # entries of all segments, from which they share what vectors contribute
_SHARPNESS = 10.0  # of the soft maximum over cosines
_NOTHING = Found((), np.zeros((0, len(SIGNALS)), dtype=np.float32))


class SearchIndex:
    """Segments of entries, of which those that have changed since are dead. Never changed, only replaced."""

    def __init__(
        self, segments: Sequence[Segment], live: Sequence[Any], places: dict[str, tuple[int, int]], concepts: Concepts
    ) -> None:
        self.segments = tuple(segments)
        self._live = tuple(live)
        self._places = places
        self._concepts = concepts

    @classmethod
    def build(
        cls, entries: Sequence[Entry], concepts: Concepts, progress: Callable[[int], None] = lambda _done: None
    ) -> "SearchIndex":
        """An index over these entries.

        Args:
            progress: told how many entries are in.
        """
        segments = [Segment.read(entries, concepts, progress)] if entries else []
        live = [np.ones(len(segment.entries), dtype=bool) for segment in segments]
        return cls(segments, live, _places(segments, live), concepts)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def has_vectors(self) -> bool:
        """Whether vectors take part: they do when every segment has them."""
        return bool(self.segments) and all(segment.vectors is not None for segment in self.segments)

    def waits(self, slug: str) -> bool:
        """Whether the vectors of a live entry have not come yet."""
        number, _ = self._places.get(slug, (-1, -1))
        return number >= 0 and self.segments[number].vectors is None

    def entries(self) -> Iterator[Entry]:
        """All live entries."""
        for segment, live in zip(self.segments, self._live, strict=True):
            for row in np.flatnonzero(live):
                yield segment.entries[row]

    def changed(self, put: Sequence[Entry], removed: Iterable[str]) -> "SearchIndex":
        """The index with these entries put in, or in place of those with their slugs, and these taken out."""
        live = list(self._live)
        places = dict(self._places)
        for slug in (*removed, *(entry.slug for entry in put)):
            number, row = places.pop(slug, (-1, -1))
            if number >= 0:
                if live[number] is self._live[number]:
                    live[number] = live[number].copy()
                live[number][row] = False
        segments, more = list(self.segments), list(put)
        if segments and len(segments[-1].entries) + len(put) <= _SMALL:
            more = [*_alive(segments.pop(), live.pop()), *put]
        elif more:
            same = _join(segments, live)
            places |= _places(segments, live, same)
        if more:
            segments.append(Segment.read(more, self._concepts))
            live.append(np.ones(len(more), dtype=bool))
            places |= _places(segments, live, len(segments) - 1)
        return SearchIndex(segments, live, places, self._concepts)

    def beside(self, other: "SearchIndex") -> "SearchIndex":
        """The index of what is in this one or in another that has no entry in common with it."""
        if not len(other):
            return self
        places = self._places | {slug: (len(self.segments) + n, row) for slug, (n, row) in other._places.items()}
        return SearchIndex((*self.segments, *other.segments), (*self._live, *other._live), places, self._concepts)

    def reworded(self, concepts: Concepts) -> "SearchIndex":
        """The index with other everyday words understood."""
        segments = [segment.reworded(concepts) for segment in self.segments]
        return SearchIndex(segments, self._live, self._places, concepts)

    def worded(self, text: str) -> list[Entry]:
        """The entries that have this very wording, fillers and particles aside."""
        wanted = exact_hash(text)
        return [
            segment.entries[row]
            for segment, live in zip(self.segments, self._live, strict=True)
            for row in segment.exact(wanted)
            if live[row]
        ]

    def exact(self, question: str) -> Entry | None:
        """The one entry that has this very wording; no encoder, no scores."""
        found = self.worded(question)
        return found[0] if len(found) == 1 else None

    def find(self, question: str, vector: Vectors | None, tokenizer: Tokenizer, looked_at: int | None = None) -> Found:
        """The entries worth looking at, with all their signals.

        Args:
            vector: the question's vector; None for the lexical signals alone.
            looked_at: how many each way of finding them contributes; fewer of many by default.
        """
        if not self.segments:
            return _NOTHING
        if looked_at is None:
            looked_at = _LOOKED_AT_OF_MANY if self._size > _MANY else LOOKED_AT
        asked = Weighted.of(Question.of(question, tokenizer, self._concepts), self.segments)
        entries: list[Entry] = []
        tables: list[Table] = []
        of_each = likely(asked, self.segments, looked_at)
        for segment, live, found in zip(self.segments, self._live, of_each, strict=True):
            rows = found
            if vector is not None and segment.vectors is not None:
                near = segment.vectors.nearest.rows(vector, self._share(segment, looked_at))
                rows = np.union1d(rows, near).astype(np.int32)
            rows = rows[live[rows]]
            if not len(rows):
                continue
            columns = [signals(asked, segment, rows)]
            if vector is not None and segment.vectors is not None:
                columns += _similarities(segment, vector, rows)
            tables.append(np.column_stack(columns))
            entries += [segment.entries[row] for row in rows.tolist()]
        if not tables:
            return _NOTHING
        return Found(entries, np.concatenate(tables))

    @property
    def _size(self) -> int:
        return sum(len(segment.entries) for segment in self.segments)

    def _share(self, segment: Segment, looked_at: int) -> int:
        """How many entries a segment contributes by its vectors."""
        size = self._size
        if size <= _SHARED:
            return looked_at
        return max(_LEAST, -(-looked_at * len(segment.entries) // size))

    def search(self, question: str, vector: Vectors | None, tokenizer: Tokenizer, count: int = 10) -> list[Candidate]:
        """The best entries, best first."""
        return rank(self.find(question, vector, tokenizer), count)


def _places(segments: Sequence[Segment], live: Sequence[Any], first: int = 0) -> dict[str, tuple[int, int]]:
    """Where the live entries are, by their slugs: in which segment, from the first to look at, and in which row."""
    return {
        segments[number].entries[row].slug: (number, int(row))
        for number in range(first, len(segments))
        for row in np.flatnonzero(live[number])
    }


def _join(segments: list[Segment], live: list[Any]) -> int:
    """Make one of neighbouring segments where the first is not much larger; how many at the front stay as they are."""
    same = len(segments)
    for number in reversed(range(len(segments))):
        if not live[number].any():
            del segments[number], live[number]
            same = number
    for number in range(len(segments) - 1, 0, -1):
        both = slice(number - 1, number + 1)
        size, next_size = (len(segment.entries) for segment in segments[both])
        waiting = {segment.vectors is None for segment in segments[both]}  # these have no vectors to be joined
        if size <= min(ALL, _TIMES * next_size) and len(waiting) == 1:
            pairs = zip(segments[both], live[both], strict=True)
            joined = Segment.joined([segment.of(np.flatnonzero(rows)) for segment, rows in pairs])
            segments[both], live[both] = [joined], [np.ones(len(joined.entries), dtype=bool)]
            same = number - 1
    return same


def _alive(segment: Segment, live: Any) -> list[Entry]:
    return [segment.entries[row] for row in np.flatnonzero(live)]


def _similarities(segment: Segment, vector: Vectors, rows: Rows) -> list[Vectors]:
    """For wordings and for pieces: the nearest, and a soft maximum, as many near texts say more than a single one."""
    columns: list[Vectors] = []
    vectors = segment.vectors
    if vectors is None:
        return columns
    for texts, starts in ((vectors.wordings, segment.starts), (vectors.pieces, vectors.piece_starts)):
        places, begins = parts_of(starts, rows)
        near = texts.near(vector, places)
        columns.append(np.maximum.reduceat(near, begins))
        sums = np.add.reduceat(np.exp(_SHARPNESS * (near - 1)), begins)
        columns.append(1 + np.log(sums + 1e-9) / _SHARPNESS)
    return columns
