"""What is learned from closed tickets: the chances of each unit for a new one, and what speaks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from tickets.dispatch import signals
from tickets.dispatch.automatic import NEVER, automatic_from
from tickets.dispatch.choice import Choice
from tickets.dispatch.features import Features
from tickets.dispatch.kernel import apart, by_characters, together, with_meaning
from tickets.dispatch.linear import Linear, fit_linear
from tickets.dispatch.request import ClosedTicket
from tickets.dispatch.ridge import Ridge, fit_ridge
from tickets.dispatch.selection import landmarks_of, recent

Array = np.ndarray[Any, np.dtype[Any]]
Encode = Callable[[Sequence[str]], Array]
"""Sentence vectors of texts, one row a text."""

PRECISION = 0.95  # of what goes without a dispatcher
MEANT = 120  # characters that a sentence vector is made of

_DOUBT = 1.5  # standard deviations; see `automatic_from`
_STRENGTH = 0.2
_NEAR_STRENGTH = 0.1
_SMALL = 0.02  # added to scores before their logarithm
_REFUSED = -0.5  # what a unit that gave a ticket back is to score


class NothingToLearn(Exception):
    """The history names no unit; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned.

    Attributes:
        units: in the order of every array's units.
        counts: closed tickets of each unit.
        features: how texts become rows.
        marks: the rows of the landmarks.
        mark_labels: the unit of each.
        mark_numbers: the number of each ticket, for staff.
        wide: regression on all tickets, by their characters.
        near: regression on the landmarks alone, by characters that occur together, and by meaning if there are vectors.
        linear: a linear machine for each unit, on what the newest tickets say word for word.
        vectors: of the landmarks, what they share taken out; empty without.
        usual_vector: what they share.
        choice: how the signals become probabilities.
        automatic_from: the probability from which no dispatcher is needed.
    """

    units: tuple[str, ...]
    counts: Array
    features: Features
    marks: sparse.csr_matrix
    mark_labels: Array
    mark_numbers: tuple[str, ...]
    wide: Ridge
    near: Ridge
    linear: Linear
    vectors: Array
    usual_vector: Array
    choice: Choice
    automatic_from: float

    def chances(self, texts: Sequence[str], vectors: Array | None = None) -> Array:
        """The probability of each unit, shape (texts, units).

        Args:
            vectors: of the texts, a row of zeros where none is known; they count only if the landmarks have some.
        """
        characters = by_characters(self.features.rows(texts), self.marks)
        likeness = together(characters)
        if len(self.vectors) and vectors is not None:
            known = np.any(vectors, axis=1)
            meant = with_meaning(likeness, apart(vectors, self.usual_vector), self.vectors)
            likeness = np.where(known[:, None], meant, likeness)
        scores = self.wide.scores(characters), self.near.scores(likeness), self.linear.scores(texts)
        found = _signals(*scores, likeness, self.mark_labels, self.counts, self.units, texts, None)
        return self.choice.chances(found)


def train(history: Sequence[ClosedTicket], encode: Encode | None = None) -> Model:
    """Learn from closed tickets, the oldest first; the same history gives the same model.

    Takes seconds for some thousands and under a minute for 100,000: of more than `selection.MOST` the newest of
    every unit count.

    Args:
        encode: makes the vectors of landmarks and judged tickets that bring none; without it none are used.

    Raises:
        NothingToLearn: no ticket with a unit.
    """
    named = [ticket for ticket in history if ticket.unit.strip()]
    if not named:
        raise NothingToLearn("历史工单里没有一条写明承办单位，没有可以学的。")
    units = tuple(sorted({ticket.unit.strip() for ticket in named}))
    number = {unit: place for place, unit in enumerate(units)}
    everything = np.array([number[ticket.unit.strip()] for ticket in named])
    counts = np.bincount(everything, minlength=len(units)).astype(np.float32)
    kept = recent(everything)
    tickets = [named[place] for place in kept]
    labels = everything[kept]
    landmarks, judged = landmarks_of(labels)

    texts = [ticket.request.told for ticket in tickets]
    features = Features.of(texts)
    rows = features.rows(texts)
    marks = rows[landmarks]
    turned = marks.T.tocsr()
    targets = _targets(tickets, labels, number)
    wide, wide_scores = fit_ridge(lambda chunk: (rows[chunk] @ turned).toarray(), targets, landmarks, judged, _STRENGTH)
    likeness = together(by_characters(marks, marks))
    judged_likeness = together(by_characters(rows[judged], marks))
    needed = np.union1d(landmarks, judged)
    every_vector, usual = _vectors([tickets[place] for place in needed], encode)
    vectors = every_vector
    if len(every_vector):
        vectors = every_vector[np.searchsorted(needed, landmarks)]
        likeness = with_meaning(likeness, vectors, vectors)
        judged_likeness = with_meaning(judged_likeness, every_vector[np.searchsorted(needed, judged)], vectors)
    every = np.arange(len(landmarks))
    near, near_scores = fit_ridge(lambda chunk: likeness[chunk], targets[landmarks], every, every, _NEAR_STRENGTH)
    if len(landmarks) == len(labels):
        np.fill_diagonal(judged_likeness, 0)  # nobody is their own neighbour
    else:
        near_scores = near.scores(judged_likeness)
    linear, linear_scores = fit_linear(texts, labels, len(units), judged)
    scores = wide_scores, near_scores, linear_scores
    mark_labels = labels[landmarks]
    judged_texts = [texts[place] for place in judged]
    right = labels[judged]
    found = _signals(*scores, judged_likeness, mark_labels, counts, units, judged_texts, right)
    choice = Choice.fit(found, right)
    model = Model(
        units,
        counts,
        features,
        marks,
        mark_labels,
        tuple(tickets[place].number for place in landmarks),
        wide,
        near,
        linear,
        vectors,
        usual,
        choice,
        NEVER,
    )
    chances = choice.chances(found)
    first = chances.argmax(axis=1)
    return replace(model, automatic_from=automatic_from(chances.max(axis=1), first == right, PRECISION, _DOUBT))


def _targets(tickets: Sequence[ClosedTicket], labels: Array, number: dict[str, int]) -> Array:
    targets = np.zeros((len(tickets), len(number)), dtype=np.float32)
    for row, ticket in enumerate(tickets):
        refused = [number[unit] for unit in ticket.refused_by if unit in number]
        targets[row, refused] = _REFUSED
    targets[np.arange(len(tickets)), labels] = 1
    return targets


def _vectors(needed: Sequence[ClosedTicket], encode: Encode | None) -> tuple[Array, Array]:
    """The vectors of these tickets, and what they share; empty if some have none and cannot get one."""
    missing = [place for place, ticket in enumerate(needed) if ticket.request.vector is None]
    none = np.zeros((0, 0), dtype=np.float32)
    if missing and encode is None:
        return none, none
    made = iter(encode([needed[place].request.text[:MEANT] for place in missing]) if missing and encode else ())
    vectors = np.array([next(made) if t.request.vector is None else t.request.vector for t in needed])
    usual = vectors.mean(axis=0)
    return apart(vectors, usual).astype(np.float32), usual.astype(np.float32)


def _signals(
    wide: Array,
    near: Array,
    linear: Array,
    likeness: Array,
    mark_labels: Array,
    counts: Array,
    units: tuple[str, ...],
    texts: Sequence[str],
    own: Array | None,
) -> Array:
    """All that speaks for a unit, shape (texts, units, signals)."""
    names, duties = signals.spoken_by(units)
    found: Array = np.stack(
        [
            wide,
            near,
            linear,
            np.log(np.maximum(wide, 0) + _SMALL),
            np.log(np.maximum(near, 0) + _SMALL),
            signals.neighbours(likeness, mark_labels, len(units)),
            signals.prior(counts, own, len(texts)),
            names.of(texts),
            duties.of(texts),
        ],
        axis=-1,
    ).astype(np.float32)
    return found
