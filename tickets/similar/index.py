"""All open and recent tickets by what they say, in memory: added, found and removed one at a time.

New tickets wait in a short list; when it is full it becomes a segment, and several segments of a size become one of
the next (as log-structured stores do). So nothing is ever rebuilt as a whole, and the oldest can be dropped by segment.
"""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tickets.similar.grouping import ALIKE
from tickets.similar.likeness import MOST_GRAMS, Frequencies, Weights, place_factor
from tickets.similar.segment import Filed, Segment, merged
from tickets.similar.signature import Signature

MOST_TICKETS = 100_000
"""Tickets kept; beyond it the oldest run of them is forgotten by the index, not by the database."""

_WAITING = 64
_JOINED = 8  # segments of a size that become one
_LARGEST = 32_768
_SOUGHT_BY = 48  # the heaviest pairs of a request lead to whatever is like it
_POSTINGS = 60_000  # looked at in a segment
_EACH = 48  # promising tickets of a segment
_COMPARED = 96  # of all, compared exactly
_OF_A_PERSON = 16
_OF_A_GROUP = 16  # members a request is compared with
_GROUPS = 6


_BEFORE = 50  # requests; see `Frequencies`


@dataclass(frozen=True, slots=True)
class Match:
    """A ticket like another.

    Attributes:
        likeness: 0 to 1; from `grouping.ALIKE` on average they are one topic, at 1 they say the same.
        wording: the likeness of the words alone, whatever the places.
        places: how many telling places both name.
    """

    ticket: int
    group: int
    likeness: float
    wording: float
    places: int
    same_person: bool


class SimilarIndex:
    """What has been asked before. Safe to use from several threads."""

    def __init__(self, most: int = MOST_TICKETS) -> None:
        self._most = most
        self._segments: list[Segment] = []
        self._waiting: list[Filed] = []
        self._frequencies = Frequencies(before=_BEFORE)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._frequencies.texts

    def add(self, ticket: int, signature: Signature, *, group: int | None = None, person: int = 0) -> int:
        """Add a ticket, to the topic it belongs to unless its group is known; the group.

        Nothing happens where it was added before.
        """
        with self._lock:
            known = self._group_of(ticket)
            if known is not None:
                return known
            short = self._shortened(signature)
            if group is None:
                group = self._nearest_group(short)
            self._frequencies.count(short.grams, short.places)
            filed = Filed(ticket, short, ticket if group is None else group, person)
            self._waiting.append(filed)
            if len(self._waiting) >= _WAITING:
                self._file()
            return filed.group

    def remove(self, ticket: int) -> None:
        """Forget a ticket; nothing happens where it is not known."""
        with self._lock:
            self._waiting, gone = _parted(self._waiting, ticket)
            for segment in self._segments:
                for row in map(int, np.flatnonzero((segment.tickets == ticket) & segment.alive)):
                    segment.alive[row] = False
                    gone.append(segment.filed(row))
            for one in gone:
                self._frequencies.count(one.signature.grams, one.signature.places, -1)

    def regroup(self, groups: Mapping[int, int]) -> None:
        """Write the groups of tickets anew, as a nightly `grouping.group` found them."""
        with self._lock:
            self._waiting = [
                Filed(one.ticket, one.signature, groups.get(one.ticket, one.group), one.person) for one in self._waiting
            ]
            for segment in self._segments:
                for row in np.flatnonzero(np.isin(segment.tickets, list(groups))):
                    segment.groups[row] = groups[int(segment.tickets[row])]

    def matches(self, signature: Signature, *, persons: Collection[int] = (), most: int = 20) -> list[Match]:
        """The tickets most like a request, the likest first; those of the same person are looked at in any case.

        Args:
            persons: the numbers that person may be known by, one a key while keys are changed.
        """
        with self._lock:
            short = self._shortened(signature)
            with self._counted(short):
                found = self._compared(short, self._candidates(short, persons))
            found.sort(key=lambda match: -match[0])
            return [
                Match(one.ticket, one.group, alike, wording, places, one.person in persons)
                for alike, wording, places, one in found[:most]
                if alike > 0
            ]

    def _nearest_group(self, signature: Signature) -> int | None:
        with self._counted(signature):
            best = self._compared(signature, self._candidates(signature, ()))
            best.sort(key=lambda match: -match[0])
            groups = list(dict.fromkeys(one.group for alike, _, _, one in best if alike >= ALIKE))[:_GROUPS]
            members = [self._members(group) for group in groups]
            alike = self._compared(signature, [one for some in members for one in some])
        scores = np.array([score for score, *_ in alike], np.float32)
        means = [float(part.mean()) for part in np.split(scores, np.cumsum([len(some) for some in members]))[:-1]]
        if not means or max(means) < ALIKE:
            return None
        return groups[int(np.argmax(means))]

    def _members(self, group: int) -> list[Filed]:
        """Some of a group, evenly from its first to its newest."""
        places = [
            (segment, int(row))
            for segment in self._segments
            for row in np.flatnonzero((segment.groups == group) & segment.alive)
        ]
        waiting = [one for one in self._waiting if one.group == group]
        step = max(1, -(-(len(places) + len(waiting)) // _OF_A_GROUP))
        return [segment.filed(row) for segment, row in places[::step]] + waiting[::step]

    def _candidates(self, signature: Signature, persons: Collection[int]) -> list[Filed]:
        weights = self._frequencies.weights(signature.grams, signature.counts)
        heaviest = np.argsort(-weights, kind="stable")[:_SOUGHT_BY]
        heaviest = heaviest[weights[heaviest] > 0]
        grams, weights = signature.grams[heaviest], weights[heaviest]
        found: list[tuple[float, Segment, int]] = []
        for segment in self._segments:
            rows, scores = segment.promising(grams, weights**2, _EACH, _POSTINGS)
            found += zip(scores.tolist(), [segment] * len(rows), rows.tolist(), strict=True)
        found.sort(key=lambda one: -one[0])
        chosen = {(id(segment), row): (segment, row) for _, segment, row in found[:_COMPARED]}
        if persons:
            asked = np.array(sorted(persons), np.uint64)
            for segment in self._segments:
                own = np.flatnonzero(np.isin(segment.persons, asked) & segment.alive)[-_OF_A_PERSON:]
                chosen |= {(id(segment), int(row)): (segment, int(row)) for row in own}
        return [segment.filed(row) for segment, row in chosen.values()] + self._waiting

    def _compared(self, signature: Signature, others: Sequence[Filed]) -> list[tuple[float, float, int, Filed]]:
        """Each with its likeness, the likeness of words alone, and the places in common."""
        if not others:
            return []
        words = self._words_alike(signature, others)
        ours = signature.places[self._frequencies.telling(signature.places)]
        owners, places = _joined([one.signature.places for one in others])
        telling = self._frequencies.telling(places)
        theirs = np.bincount(owners[telling], minlength=len(others))
        shared = np.bincount(owners[telling & np.isin(places, ours)], minlength=len(others))
        alike = words * place_factor(shared, len(ours), theirs)
        return list(zip(alike.tolist(), words.tolist(), shared.tolist(), others, strict=True))

    def _words_alike(self, signature: Signature, others: Sequence[Filed]) -> Weights:
        ours = self._frequencies.weights(signature.grams, signature.counts)
        owners, grams = _joined([one.signature.grams for one in others])
        theirs = self._frequencies.weights(grams, np.concatenate([one.signature.counts for one in others]))
        at = np.minimum(np.searchsorted(signature.grams, grams), max(len(signature.grams) - 1, 0))
        both = signature.grams[at] == grams if len(signature.grams) else np.zeros(len(grams), bool)
        dots = np.bincount(owners[both], theirs[both] * ours[at[both]], len(others))
        lengths = np.sqrt(np.bincount(owners, theirs**2, len(others))) * float(np.linalg.norm(ours))
        alike: Weights = np.divide(dots, lengths, out=np.zeros(len(others)), where=lengths > 0).astype(np.float32)
        return alike

    def _shortened(self, signature: Signature) -> Signature:
        if len(signature.grams) <= MOST_GRAMS:
            return signature
        kept = np.sort(np.argsort(-self._frequencies.rarity(signature.grams), kind="stable")[:MOST_GRAMS])
        return Signature(signature.grams[kept], signature.counts[kept], signature.places)

    @contextmanager
    def _counted(self, signature: Signature) -> Iterator[None]:
        """While a request is compared it counts as one of all: what it shares with one other is then shared."""
        self._frequencies.count(signature.grams, signature.places)
        try:
            yield
        finally:
            self._frequencies.count(signature.grams, signature.places, -1)

    def _group_of(self, ticket: int) -> int | None:
        waiting = (one.group for one in self._waiting if one.ticket == ticket)
        stored = (
            int(segment.groups[row])
            for segment in self._segments
            for row in np.flatnonzero((segment.tickets == ticket) & segment.alive)
        )
        return next(waiting, None) or next(stored, None)

    def _file(self) -> None:
        self._segments.append(Segment(self._waiting))
        self._waiting = []
        while len(self._segments) >= _JOINED and _alike_in_size(self._segments[-_JOINED:]):
            last = merged(self._segments[-_JOINED:])
            self._segments[-_JOINED:] = [] if last is None else [last]
        while len(self) > self._most and len(self._segments) > 1:
            oldest = self._segments.pop(0)
            for row in map(int, np.flatnonzero(oldest.alive)):
                forgotten = oldest.filed(row).signature
                self._frequencies.count(forgotten.grams, forgotten.places, -1)


def _alike_in_size(segments: Sequence[Segment]) -> bool:
    sizes = [len(segment) for segment in segments]
    return max(sizes) < 2 * min(sizes) and sum(sizes) <= _LARGEST


def _parted(filed: Sequence[Filed], ticket: int) -> tuple[list[Filed], list[Filed]]:
    return [one for one in filed if one.ticket != ticket], [one for one in filed if one.ticket == ticket]


def _joined(keys: Sequence[Any]) -> tuple[Any, Any]:
    """Rows of keys in one, and whose each is."""
    return np.repeat(np.arange(len(keys)), [len(some) for some in keys]), np.concatenate(keys)
