"""A run of tickets in the index: their signatures side by side, and the way from a pair to those that have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.characters import Keys, Rows, Tokens
from service.postings import Postings
from tickets.similar.likeness import Weights
from tickets.similar.signature import Counts, Signature

Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Filed:
    """A ticket as the index knows it.

    Attributes:
        group: the topic it belongs to: the number of the first ticket of it.
        person: a number made of the keyed hash of their phone; 0 where nobody is known.
    """

    ticket: int
    signature: Signature
    group: int
    person: int = 0


class Segment:
    """Tickets in arrays. Only groups and who was removed change.

    Attributes:
        tickets: their numbers.
        groups: the group of each; may be written.
        persons: see `Filed.person`.
        alive: which have not been removed.
    """

    def __init__(self, filed: Sequence[Filed]) -> None:
        self.tickets: Places = np.array([one.ticket for one in filed], np.int64)
        self.groups: Places = np.array([one.group for one in filed], np.int64)
        self.persons = np.array([one.person for one in filed], np.uint64)
        self.alive = np.ones(len(filed), bool)
        self._starts = np.cumsum([0, *(len(one.signature.grams) for one in filed)])
        self._grams: Keys = np.concatenate([one.signature.grams for one in filed])
        self._counts: Counts = np.concatenate([one.signature.counts for one in filed])
        self._place_starts = np.cumsum([0, *(len(one.signature.places) for one in filed)])
        self._places: Keys = np.concatenate([one.signature.places for one in filed])
        owners = np.repeat(np.arange(len(filed), dtype=np.int32), np.diff(self._starts))
        self._postings = Postings(Tokens(self._grams, owners), len(filed))
        self._lengths = np.sqrt(np.maximum(np.diff(self._starts), 1)).astype(np.float32)

    def __len__(self) -> int:
        return len(self.tickets)

    def filed(self, row: int) -> Filed:
        """A ticket as it was added, with the group it has now."""
        own = slice(self._starts[row], self._starts[row + 1])
        places = self._places[self._place_starts[row] : self._place_starts[row + 1]]
        signature = Signature(self._grams[own], self._counts[own], places)
        return Filed(int(self.tickets[row]), signature, int(self.groups[row]), int(self.persons[row]))

    def promising(self, grams: Keys, weights: Weights, most: int, limit: int) -> tuple[Rows, Weights]:
        """The rows that share most with a request, and roughly how much.

        Args:
            limit: postings to go through at most, the rarest pairs first.
        """
        padded = np.zeros(-(-len(self) // 8) * 8, np.float32)
        self._postings.add(grams, weights, padded, limit)
        scores = padded[: len(self)]
        scores *= self.alive
        scores /= self._lengths
        if most < len(scores):
            rows = np.argpartition(-scores, most)[:most].astype(np.int32)
        else:
            rows = np.arange(len(scores), dtype=np.int32)
        rows = rows[scores[rows] > 0]
        return rows, scores[rows]


def merged(segments: Sequence[Segment]) -> Segment | None:
    """Several as one, without what was removed; None where nothing is left."""
    filed = [segment.filed(row) for segment in segments for row in map(int, np.flatnonzero(segment.alive))]
    return Segment(filed) if filed else None
