"""Which closed tickets are learned from, and which of them others are compared with."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

MOST = 60_000  # tickets learned from; what units did years ago says little about today
LANDMARKS = 3500
FEWER_LANDMARKS = 2000  # where there are more tickets than that, so that training ends within a minute
JUDGED = 1200  # of these, spread evenly over time, on which probabilities are learned


def recent(labels: Array) -> Array:
    """The numbers of at most `MOST` tickets, ascending: the newest of every unit, rare units whole."""
    return _balanced(labels, np.arange(len(labels)), MOST)


def landmark_count(tickets: int) -> int:
    """How many landmarks a history of so many tickets has."""
    return tickets if tickets <= LANDMARKS else FEWER_LANDMARKS


def landmarks_of(labels: Array) -> tuple[Array, Array]:
    """The numbers of the landmarks, ascending, and which of them are judged, counted among the landmarks.

    The judged ones are as units are in daily work; the others give rare units a voice.
    """
    count = len(labels)
    if count <= LANDMARKS:
        every = np.arange(count)
        return every, every
    judged = np.linspace(0, count - 1, JUDGED).astype(int)
    others = np.setdiff1d(np.arange(count), judged)
    chosen = _balanced(labels, others, FEWER_LANDMARKS - JUDGED)
    landmarks = np.sort(np.concatenate([judged, chosen]))
    return landmarks, np.searchsorted(landmarks, judged)


def _balanced(labels: Array, among: Array, most: int) -> Array:
    """At most so many of the tickets, each unit by the square root of what it has, the newest first."""
    if len(among) <= most:
        return among
    units = labels[among]
    sizes = np.bincount(units)
    newest_first = np.lexsort((-among, units))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    age = np.empty(len(among))
    age[newest_first] = np.arange(len(among)) - starts[units[newest_first]]
    order = np.lexsort((-among, age / np.sqrt(sizes[units])))
    return np.sort(among[order[:most]])
