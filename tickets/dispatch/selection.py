"""Which closed tickets are learned from, and which of them others are compared with."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

MOST = 60_000  # tickets learned from; what units did years ago says little about today
LANDMARKS = 3500
FEWER_LANDMARKS = 3000  # where there are more tickets than that, so that training ends within a minute
JUDGED = 1200  # other tickets, spread evenly over time, on which probabilities are learned then


def recent(labels: Array) -> Array:
    """The numbers of at most `MOST` tickets, ascending: the newest of every unit, rare units whole."""
    return newest_of_every(labels, np.arange(len(labels)), MOST)


def encoded_count(tickets: int) -> int:
    """How many of so many tickets need a sentence vector: landmarks and those judged."""
    return tickets if tickets <= LANDMARKS else FEWER_LANDMARKS + JUDGED


def landmarks_of(labels: Array) -> tuple[Array, Array]:
    """The numbers of the landmarks and of the tickets to be judged, both ascending.

    The judged ones are as units are in daily work; landmarks give rare units a voice. In a small history every ticket
    is both. In a large one none is: a landmark is most alike to itself, which a new ticket is to nothing.
    """
    count = len(labels)
    if count <= LANDMARKS:
        every = np.arange(count)
        return every, every
    judged = np.linspace(0, count - 1, JUDGED).astype(int)
    others = np.setdiff1d(np.arange(count), judged)
    return newest_of_every(labels, others, FEWER_LANDMARKS), judged


def newest_of_every(labels: Array, among: Array, most: int) -> Array:
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
