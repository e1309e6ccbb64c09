"""From which probability on a ticket needs no dispatcher."""

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

NEVER = 2.0  # no probability is as high

_FEWEST = 30  # tickets that must have been judged before any goes alone


def automatic_from(chances: Array, right: Array, precision: float, doubt: float) -> float:
    """The lowest probability such that those at least as sure were right often enough.

    Args:
        chances: of the first unit, for tickets judged as if they had not been known.
        right: whether that unit was right.
        precision: the share that has to be right.
        doubt: standard deviations of the share that are held back, as other tickets will differ (Wilson's bound).
    """
    order = np.argsort(-chances, kind="stable")
    counts = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / counts
    middle = share + doubt**2 / (2 * counts)
    spread = doubt * np.sqrt(share * (1 - share) / counts + doubt**2 / (4 * counts**2))
    sure = (middle - spread) / (1 + doubt**2 / counts) >= precision
    sure[: _FEWEST - 1] = False
    enough = np.flatnonzero(sure)
    if not len(enough):
        return NEVER
    last = float(chances[order[enough[-1]]])
    return last if math.isfinite(last) else NEVER
