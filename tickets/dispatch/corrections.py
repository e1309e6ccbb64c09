"""What dispatchers put right: kinds of requests that went to one unit first and ended with another, again and again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FEWEST = 3
"""Fewer tickets that were put right are chance."""

SHARE = 0.8
"""So much of the tickets of a kind has to end with the unit."""

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Settled:
    """A ticket of which it is known who works on it.

    Attributes:
        street: empty where it was not known.
        first: the code of the unit it was first sent to.
        last: of the one that took it on.
    """

    number: str
    category: str
    street: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A kind of requests that should go to another unit at once.

    Attributes:
        street: empty: wherever it is.
        unit: the code of the one that works on them in the end.
        first: by the codes of the units they were sent to first, how many.
        tickets: how many of the kind were settled.
        right: how many of these by the unit.
        numbers: of some that were put right, the newest last.
    """

    category: str
    street: str
    unit: str
    first: Mapping[str, int]
    tickets: int
    right: int
    numbers: tuple[str, ...]

    @property
    def corrected(self) -> int:
        """How many were sent to another unit first."""
        return sum(self.first.values())


def corrections(settled: Iterable[Settled]) -> list[Correction]:
    """What can be said of a kind in general, and of a street where that is not so; the most frequent first."""
    kinds: defaultdict[str, list[Settled]] = defaultdict(list)
    for each in settled:
        kinds[each.category].append(each)
    found: list[Correction] = []
    for of_kind in kinds.values():
        anywhere = _correction(of_kind, "") if len({each.street for each in of_kind}) > 1 else None
        if anywhere is not None:
            found.append(anywhere)
            continue
        streets: defaultdict[str, list[Settled]] = defaultdict(list)
        for each in of_kind:
            streets[each.street].append(each)
        found += filter(None, (_correction(there, street) for street, there in streets.items() if street))
    return sorted(found, key=lambda each: (-each.corrected, each.category, each.street))


def _correction(tickets: list[Settled], street: str) -> Correction | None:
    ((unit, right),) = Counter(each.last for each in tickets).most_common(1)
    wrong = [each for each in tickets if each.last == unit != each.first]
    if len(wrong) < FEWEST or right < SHARE * len(tickets):
        return None
    first = dict(Counter(each.first for each in wrong).most_common())
    numbers = tuple(each.number for each in wrong[-_SHOWN:])
    return Correction(tickets[0].category, street, unit, first, len(tickets), right, numbers)
