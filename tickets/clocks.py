"""The clocks of a ticket: the promise to the citizen, the unit's own deadline, and the step that is now to be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.deadlines.countdown import Countdown
from tickets.deadlines.terms import Term
from tickets.states import CLOSED, State

STEP_IN = {
    State.SUBMITTED: Term.DISPATCH,
    State.DISPATCHED: Term.ACCEPT,
    State.RETURN_REQUESTED: Term.DECIDE,
    State.JOINT_INVESTIGATION: Term.INVESTIGATE,
    State.EXTENSION_REQUESTED: Term.DECIDE,
    State.REPLIED: Term.CHECK,
    State.CALLBACK: Term.CALLBACK,
    State.DISPUTED: Term.DECIDE,
}
"""The step whose clock starts when a ticket comes into a state; while a unit works, its own deadline runs."""

_UNIT_AT_WORK = frozenset({State.ACCEPTED, State.IN_PROGRESS, State.EXTENSION_REQUESTED})


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of a ticket.

    Attributes:
        promise: until when the citizen is promised a result.
        handle: until when the unit has to answer; steps beside the way leave it as it is.
        step: the step somebody else has to do now.
    """

    promise: Countdown
    handle: Countdown | None = None
    step: Countdown | None = None

    def running(self, state: State) -> tuple[Countdown, ...]:
        """Those that count in a state, also while they stand still."""
        if state in CLOSED:
            return ()
        handle = self.handle if state in _UNIT_AT_WORK or state is State.SUSPENDED else None
        return tuple(_there(self.promise, handle, self.step))

    def next_due(self, state: State) -> datetime | None:
        """Until when the next thing has to be done, by whoever has to do it."""
        if state in CLOSED:
            return None
        if state is State.SUSPENDED:
            return self.promise.paused_until
        return (self.step or self.handle or self.promise).due_at

    def as_json(self) -> dict[str, Any]:
        """As plain values, for a JSON column."""
        return {name: clock.as_json() for name, clock in self._named() if clock is not None}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Clocks":
        """What `as_json` gave."""
        return cls(**{name: Countdown.from_json(clock) for name, clock in plain.items()})

    def moved(self, since: "Clocks | None") -> dict[str, list[str | None]]:
        """The deadlines that are others now: from when, to when.

        Steps come and go; the two promises must not move without a word.
        """
        before = since or _NONE
        pairs = {name: (getattr(before, name), getattr(self, name)) for name in ("promise", "handle")}
        return {
            name: [old and old.due_at.isoformat(), new and new.due_at.isoformat()]
            for name, (old, new) in pairs.items()
            if (old and old.due_at) != (new and new.due_at)
        }

    def _named(self) -> Iterable[tuple[str, Countdown | None]]:
        return (("promise", self.promise), ("handle", self.handle), ("step", self.step))


class _Nothing:
    """Before there is a ticket, there is no clock."""

    promise = handle = None


_NONE = _Nothing()


def _there(*clocks: Countdown | None) -> Iterable[Countdown]:
    return (clock for clock in clocks if clock is not None)
