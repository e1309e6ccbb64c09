"""The moments a move has to know: promises, steps, limits. Worked out from the rules that are in force."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tickets.states import State
from tickets.ticket import Kind
from tickets.urgency import Urgency


class Step(StrEnum):
    """What somebody has to do next, within a time of its own."""

    DISPATCH = "dispatch"
    ACCEPT = "accept"
    DECIDE = "decide"
    INVESTIGATE = "investigate"
    HANDLE = "handle"
    CHECK = "check"
    CALLBACK = "callback"


STEP_IN = {
    State.SUBMITTED: Step.DISPATCH,
    State.DISPATCHED: Step.ACCEPT,
    State.RETURN_REQUESTED: Step.DECIDE,
    State.JOINT_INVESTIGATION: Step.INVESTIGATE,
    State.EXTENSION_REQUESTED: Step.DECIDE,
    State.REPLIED: Step.CHECK,
    State.CALLBACK: Step.CALLBACK,
}
"""The step whose clock starts when a ticket comes into a state; work has the unit's own deadline."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules of time look at."""

    kind: Kind
    channel: str
    urgency: Urgency
    category: str | None


class Timing(Protocol):
    """The rules of time."""

    def promise(self, facts: Facts, at: datetime) -> datetime:
        """Until when a result is promised for a request registered at a moment."""

    def rework(self, facts: Facts, at: datetime) -> datetime:
        """Until when a result is promised that has to be worked on once more; sooner than the first promise."""

    def step(self, step: Step, facts: Facts, at: datetime) -> datetime:
        """Until when a step begun at a moment has to be done."""

    def return_until(self, facts: Facts, dispatched_at: datetime) -> datetime:
        """Until when a unit may give a ticket back."""

    def suspended_until(self, facts: Facts, at: datetime) -> datetime:
        """Until when a ticket may wait for its requester at most."""

    def extended_until(self, facts: Facts, promised_at: datetime) -> datetime:
        """Until when a promise may be extended at most."""

    def extensions(self, facts: Facts) -> int:
        """How often a promise may be extended."""

    def shifted(self, due: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
        """A deadline after a pause: later by exactly the working time that fell into it."""
