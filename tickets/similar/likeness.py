"""How alike two requests are: shared rare pairs of characters, less where each names another place.

Cosine of weights (1 + ½ ln count) · ln((n + 1) / (texts with the pair + ½)). Half a logarithm of the count, for a
long story says its words often. Two that both name places and share none are told apart by a factor: "麻将馆扰民" in
two estates is two matters, and one estate's two matters share little beside its name.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.characters import Keys
from tickets.similar.signature import Counts

Weights = np.ndarray[Any, np.dtype[np.float32]]

MOST_GRAMS = 192  # of a request, the rarest; bounds memory and time
OTHER_PLACE = 0.3  # what is left of a likeness where the named places differ
_SAME_PLACE = 0.25  # share of the named places in common from which the place is the same
_USUAL_PLACE = 0.02  # share of requests that name a place from which it tells nothing
_USUAL_LEAST = 20
_BUCKETS = 1 << 20


@dataclass(slots=True)
class Frequencies:
    """In how many requests each pair and each place stands, by hash.

    Attributes:
        before: requests taken to have been there before the first. Among all there are 1; where they come one by one
            more, or a word in each of the first three would count as a usual one.
        texts: how many requests were counted.
    """

    before: int = 1
    texts: int = 0
    _grams: Any = field(default_factory=lambda: np.zeros(_BUCKETS, np.int32))
    _places: Any = field(default_factory=lambda: np.zeros(_BUCKETS, np.int32))

    def count(self, grams: Keys, places: Keys, texts: int = 1) -> None:
        """Take requests in; below zero, out again."""
        self.texts += texts
        sign = 1 if texts > 0 else -1
        np.add.at(self._grams, grams % _BUCKETS, sign)
        np.add.at(self._places, places % _BUCKETS, sign)

    def rarity(self, grams: Keys) -> Weights:
        """How rare each pair is."""
        having = self._grams[grams % _BUCKETS]
        rare: Weights = np.log((self.texts + self.before) / (having + 0.5)).astype(np.float32)
        return np.maximum(rare, 0)

    def weights(self, grams: Keys, counts: Counts) -> Weights:
        """The weight of each pair of a request."""
        often: Weights = 1 + 0.5 * np.log(counts.astype(np.float32))
        return often * self.rarity(grams)

    def telling(self, places: Keys) -> Any:
        """Which places tell something: not a word that looks like one, nor the city's own name."""
        return self._places[places % _BUCKETS] <= max(_USUAL_LEAST, _USUAL_PLACE * self.texts)


def place_factor(shared: Any, ours: Any, theirs: Any) -> Any:
    """What a likeness is multiplied with, by how many telling places two requests share of how many each names."""
    fewer = np.minimum(ours, theirs)
    part = np.minimum(1, shared / np.maximum(fewer, 1) / _SAME_PLACE)
    return np.where(fewer > 0, OTHER_PLACE + (1 - OTHER_PLACE) * part, 1.0)
