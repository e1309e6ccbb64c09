"""Kernel ridge regression of units on tickets, with scores for known tickets as if each had been left out.

A unit's score is a sum over landmarks: known tickets, each as far as it is alike. Where all tickets are landmarks the
solution is exact; otherwise it is the Nyström approximation (subset of regressors). Leaving one out has a closed form
(Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006, chapters 5.4.2 and 8.3.1), so what later steps
learn from is honest and costs no second training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

Array = np.ndarray[Any, np.dtype[Any]]

_CHUNK = 4096  # tickets compared with all landmarks at once
_JITTER = 1e-3  # keeps the system solvable when tickets repeat word for word


@dataclass(frozen=True, slots=True)
class Ridge:
    """What was learned.

    Attributes:
        weights: how much each landmark speaks for each unit, shape (landmarks, units).
        usual: the share of each unit, which is its score where nothing speaks.
    """

    weights: Array
    usual: Array

    def scores(self, likeness: Array) -> Array:
        """The scores of every unit, shape (texts, units), for the likeness to each landmark."""
        scores: Array = likeness @ self.weights + self.usual
        return scores


def fit_ridge(
    likeness_of: Callable[[slice | Array], Array], targets: Array, landmarks: Array, judged: Array, strength: float
) -> tuple[Ridge, Array]:
    """Learn from all tickets; also the scores of the judged ones, each as if it had not been known.

    Args:
        likeness_of: the likeness of some tickets to all landmarks.
        targets: 1 for the unit of a ticket, below 0 for one that gave it back, shape (tickets, units).
        landmarks: the numbers of the tickets that others are compared with.
        judged: the numbers of the tickets to be judged.
        strength: of regularisation; more is smoother.
    """
    usual = targets.mean(axis=0)
    size = len(landmarks)
    normal = np.zeros((size, size))
    wanted = np.zeros((size, targets.shape[1]))
    among = np.zeros((size, size))
    place = np.full(len(targets), -1)
    place[landmarks] = np.arange(size)
    for start in range(0, len(targets), _CHUNK):
        chunk = slice(start, min(start + _CHUNK, len(targets)))
        likeness = likeness_of(chunk)
        normal += likeness.T @ likeness
        wanted += likeness.T @ (targets[chunk] - usual)
        marks = place[chunk]
        among[marks[marks >= 0]] = likeness[marks >= 0]
    normal += strength * among
    normal[np.diag_indices_from(normal)] += _JITTER
    solver = linalg.cho_factor(normal, lower=True, overwrite_a=True, check_finite=False)
    weights = linalg.cho_solve(solver, wanted, check_finite=False)
    rows = likeness_of(judged).astype(np.float64)
    influence = np.einsum("ij,ji->i", rows, linalg.cho_solve(solver, rows.T, check_finite=False))
    truth = targets[judged]
    left_out = truth - (truth - rows @ weights - usual) / np.maximum(1 - influence, 1e-3)[:, None]
    return Ridge(weights.astype(np.float32), usual.astype(np.float32)), left_out.astype(np.float32)
