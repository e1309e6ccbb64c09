"""From signals to probabilities: a conditional logit (McFadden 1974), one weight a signal, shared by all units.

The few weights are learned from tickets as if each had been left out, so the probabilities mean what they say, for
units with two tickets as for those with a thousand.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

Array = np.ndarray[Any, np.dtype[Any]]

_SHRINK = 1e-4


@dataclass(frozen=True, slots=True)
class Choice:
    """The weights of the signals."""

    weights: Array

    @classmethod
    def fit(cls, signals: Array, right: Array) -> "Choice":
        """Learn from signals of shape (tickets, units, signals) which unit was right."""
        spread = signals.std(axis=(0, 1)) + 1e-6
        scaled = signals / spread
        tickets = np.arange(len(right))

        def loss(weights: Array) -> tuple[float, Array]:
            chances = softmax(scaled @ weights.astype(np.float32))
            value = -np.log(chances[tickets, right] + 1e-12).mean() + _SHRINK * weights @ weights
            chances[tickets, right] -= 1
            slope = np.tensordot(chances, scaled, axes=([0, 1], [0, 1])) / len(right) + 2 * _SHRINK * weights
            return float(value), slope.astype(np.float64)

        found = minimize(loss, np.zeros(signals.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 60})
        return cls((found.x / spread).astype(np.float32))

    def chances(self, signals: Array) -> Array:
        """The probability of each unit, shape (tickets, units)."""
        return softmax(signals @ self.weights)


def softmax(scores: Array) -> Array:
    """Shares that add up to 1 in each row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares
