"""Groups of open questions, as points: a question joins the group it is nearest to, or begins one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.coverage.meaning import Array


@dataclass(slots=True)
class Centre:
    """The middle of a group: the sum of its members' unit vectors, and how many they are."""

    total: Array
    members: int

    @property
    def pull(self) -> Array:
        """What a vector is multiplied with to score it.

        The cosine to the middle, less where members lie apart: a loose group would else draw in everything.
        """
        length = float(np.linalg.norm(self.total))
        if not length:
            return self.total
        pull: Array = self.total / length * np.sqrt(length / self.members)
        return pull

    def add(self, vector: Array) -> None:
        """Take a member in."""
        self.total = self.total + vector
        self.members += 1

    def pack(self) -> bytes:
        """As stored: members, length, then the direction in half precision."""
        length = float(np.linalg.norm(self.total)) or 1.0
        head = np.array([self.members, length], np.float64).tobytes()
        return head + (self.total / length).astype(np.float16).tobytes()

    @classmethod
    def unpack(cls, stored: bytes) -> "Centre":
        """What `pack` gave."""
        members, length = np.frombuffer(stored[:16], np.float64)
        direction = np.frombuffer(stored[16:], np.float16).astype(np.float32)
        return cls(direction * np.float32(length), int(members))


class Groups:
    """The centres of all groups, in one place.

    Attributes:
        seen: the newest change that was taken over.
    """

    def __init__(self, dimension: int) -> None:
        self.seen = 0
        self._ids: list[int] = []
        self._centres: list[Centre] = []
        self._place: dict[int, int] = {}
        self._pulls = np.zeros((0, dimension), np.float32)

    def take_over(self, changed: Sequence[tuple[int, Centre | None]]) -> None:
        """Take over what changed; a group without a centre is no longer joined."""
        fresh = [(group, centre) for group, centre in changed if centre is not None and group not in self._place]
        for group, centre in changed:
            if group in self._place:
                place = self._place[group]
                self._pulls[place] = 0 if centre is None else centre.pull
                if centre is not None:
                    self._centres[place] = centre
        if fresh:
            for group, centre in fresh:
                self._place[group] = len(self._ids)
                self._ids.append(group)
                self._centres.append(centre)
            self._pulls = np.vstack([self._pulls, *(centre.pull for _, centre in fresh)])

    def assign(self, vectors: Array, near: float) -> "list[Assigned]":
        """The group of each vector, in their order; a vector that is near none begins a group that later ones join.

        Only those given back have changed; `take_over` brings them in once they are stored.
        """
        scores = vectors @ self._pulls.T
        touched: list[Assigned] = []
        of_place: dict[int, int] = {}  # where a stored group that was touched stands among them
        pulls = np.zeros_like(vectors)
        found: list[Assigned] = []
        for vector, stored in zip(vectors, scores, strict=True):
            at = self._choose(vector, stored, pulls[: len(touched)], of_place, near)
            if at is None:
                at = len(touched)
                touched.append(Assigned(-1 - at, None, Centre(np.zeros_like(vector), 0)))
            elif at < 0:
                place = -1 - at
                at = of_place[place] = len(touched)
                before = self._centres[place]
                touched.append(Assigned(place, self._ids[place], Centre(before.total, before.members)))
            touched[at].centre.add(vector)
            pulls[at] = touched[at].centre.pull
            found.append(touched[at])
        return found

    @staticmethod
    def _choose(vector: Array, stored: Array, pulls: Array, of_place: dict[int, int], near: float) -> int | None:
        """Where among the touched groups a vector belongs; below zero, minus one, the place of an untouched one."""
        at, score = None, near
        if stored.size:
            place = int(stored.argmax())
            if place not in of_place and stored[place] >= near:
                at, score = -1 - place, float(stored[place])
        if len(pulls):
            scores = pulls @ vector
            best = int(scores.argmax())
            if scores[best] >= score:
                at = best
        return at


@dataclass(slots=True)
class Assigned:
    """A group that took a member in.

    Attributes:
        place: where it stands among the groups; new ones have numbers of their own below zero.
        group: its id; None when it is new.
    """

    place: int
    group: int | None
    centre: Centre
