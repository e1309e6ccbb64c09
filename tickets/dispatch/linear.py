"""Units told apart by their grams: a linear support vector machine for each unit against all others.

What is plain and hard to beat for sorting texts (Fan et al., LIBLINEAR, 2008). It sees every ticket, where the kernel
sees landmarks, so the two err in different places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from tickets.dispatch.features import WRITTEN, Features
from tickets.dispatch.selection import newest_of_every

Array = np.ndarray[Any, np.dtype[Any]]

_MOST_GRAMS = 1 << 16
_MOST_WEIGHTS = 6_000_000  # of all units together, a byte each in the stored model
_MOST_WORK = 2_500_000  # tickets times units, so that training ends within a minute
_FOLDS = 10  # fewer would show the machines weaker than they are
_TOLERANCE = 0.1  # of the solver; less takes several times as long and names the same units
_NO = -1.0  # the score of a unit that has no ticket


@dataclass(frozen=True, slots=True)
class Linear:
    """What was learned.

    Attributes:
        features: how texts become rows: as they were written, so that this sees what the kernel overlooks.
        weights: how much each gram speaks for each unit, shape (grams, units).
        usual: the score of each unit where nothing speaks.
    """

    features: Features
    weights: Array
    usual: Array

    def scores(self, texts: Sequence[str]) -> Array:
        """About 1 for the right unit and -1 for others, shape (texts, units)."""
        scores: Array = self.features.rows(texts) @ self.weights + self.usual
        return scores


def fit_linear(texts: Sequence[str], labels: Array, units: int, judged: Array) -> tuple[Linear, Array]:
    """Learn from all tickets; also the scores of the judged ones, each from machines that have not seen it.

    Args:
        texts: of the tickets, the oldest first.
        labels: the unit of each ticket.
        units: how many there are.
        judged: the numbers of the tickets to be judged, all or few.
    """
    features = Features.of(texts, WRITTEN, min(_MOST_GRAMS, _MOST_WEIGHTS // units))
    rows = features.rows(texts)
    every = np.arange(len(labels))
    folds = min(_FOLDS, len(judged)) if len(judged) == len(labels) else 1
    scores = np.zeros((len(judged), units), dtype=np.float32)
    for fold in range(folds):
        held_out = judged[fold::folds]
        weights, usual = _machines(rows, labels, units, np.setdiff1d(every, held_out))
        scores[fold::folds] = rows[held_out] @ weights + usual
    return Linear(features, *_machines(rows, labels, units, every)), scores


def _machines(rows: sparse.csr_matrix, labels: Array, units: int, among: Array) -> tuple[Array, Array]:
    """Weights and usual scores learned from some of the tickets."""
    among = newest_of_every(labels, among, max(_MOST_WORK // units, 1))
    weights = np.zeros((rows.shape[1], units), dtype=np.float32)
    usual = np.full(units, _NO, dtype=np.float32)
    known = np.unique(labels[among])
    if len(known) < 2 or not rows[among].nnz:
        return weights, usual
    machine = LinearSVC(dual=True, tol=_TOLERANCE, random_state=0).fit(rows[among], labels[among])
    sides = slice(None) if len(known) > 2 else [0, 0]
    signs = np.ones(len(known)) if len(known) > 2 else np.array([-1, 1])  # one machine tells two units apart
    weights[:, known] = machine.coef_[sides].T * signs
    usual[known] = machine.intercept_[sides] * signs
    return weights, usual
