"""Hot topics: requests of some weeks brought into groups, all at once.

Average linkage: a group takes in another while their members are on average alike enough, so one request that
resembles two topics does not join them. One cut for any topic, chosen where neighbouring cuts give the same groups.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.spatial.distance import squareform

from service.characters import Keys
from tickets.similar.likeness import MOST_GRAMS, Frequencies, Weights, place_factor
from tickets.similar.signature import Signature

ALIKE = 0.06
"""The average likeness of its members from which requests are one topic."""

MOST = 6_000
"""Requests at once; every pair is compared."""


class TooMany(ValueError):
    """More requests than can be compared pair by pair."""


def group(signatures: Sequence[Signature], alike: float = ALIKE) -> list[int]:
    """The group of each request, as a number; who is alone has a group alone.

    Raises:
        TooMany: more than `MOST`; take a shorter time.
    """
    if len(signatures) > MOST:
        message = f"一次最多归并 {MOST} 件诉求，现在有 {len(signatures)} 件。请缩短时间范围。"
        raise TooMany(message)
    if len(signatures) < 2:
        return list(range(len(signatures)))
    apart = np.maximum(0, 1 - likenesses(signatures))
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    return [int(number) for number in fcluster(tree, 1 - alike, "distance")]


def likenesses(signatures: Sequence[Signature]) -> Weights:
    """How alike each is to each, a square."""
    frequencies = Frequencies()
    grams = np.concatenate([signature.grams for signature in signatures])
    places = np.concatenate([signature.places for signature in signatures])
    frequencies.count(grams, places, len(signatures))
    words = _matrix(signatures, frequencies)
    alike: Weights = (words @ words.T).toarray()
    named = _named(signatures, frequencies)
    shared = (named @ named.T).toarray()
    telling = np.asarray(named.sum(axis=1)).ravel()
    for row in range(len(alike)):  # a row at a time: a square of every intermediate result is memory for nothing
        alike[row] *= place_factor(shared[row], telling[row], telling)
    return alike


def _matrix(signatures: Sequence[Signature], frequencies: Frequencies) -> Any:
    kept = [_heaviest(signature, frequencies) for signature in signatures]
    return _sparse([keys for keys, _ in kept], np.concatenate([weights for _, weights in kept]))


def _heaviest(signature: Signature, frequencies: Frequencies) -> tuple[Keys, Weights]:
    weights = frequencies.weights(signature.grams, signature.counts)
    kept = np.argsort(-weights, kind="stable")[:MOST_GRAMS]
    grams, weights = signature.grams[kept], weights[kept]
    return grams, weights / max(float(np.linalg.norm(weights)), 1e-9)


def _named(signatures: Sequence[Signature], frequencies: Frequencies) -> Any:
    telling = [signature.places[frequencies.telling(signature.places)] for signature in signatures]
    return _sparse(telling, np.ones(sum(map(len, telling)), np.float32))


def _sparse(keys: Sequence[Keys], values: Weights) -> Any:
    known, columns = np.unique(np.concatenate(keys), return_inverse=True)
    ends = np.cumsum([0, *map(len, keys)])
    return csr_matrix((values, columns, ends), shape=(len(keys), max(1, len(known))), dtype=np.float32)
