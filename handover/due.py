"""What is due for an open hand-over: kind words while waiting, an apology, an end, another agent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from handover.presence import GONE_AFTER, Agent
from handover.talk import Handover, State, Told

LATE = "handover_late"
"""The kind of a line in the supervisors' inbox; its subject is the hand-over's id."""

_PATIENCE_AFTER = timedelta(minutes=1)


class Due(Enum):
    """What is to be done."""

    PATIENCE = auto()
    APOLOGY = auto()
    NOBODY_LEFT = auto()
    GIVE_UP = auto()
    RELEASE = auto()
    IDLE = auto()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take.

    Attributes:
        promise: until a person is there.
        longest: nobody waits longer.
        idle: a talk in which nobody says anything.
    """

    promise: timedelta
    longest: timedelta
    idle: timedelta


def due(talk: Handover, agents: list[Agent], limits: Limits, at: datetime) -> Due | None:
    """What is due for an open hand-over at a moment."""
    if talk.state is State.WAITING:
        return _due_waiting(talk, any(agent.is_there(at) for agent in agents), limits, at - talk.queued_at)
    seen = next((agent.seen_at for agent in agents if agent.username == talk.agent), None)
    if seen is None or at - seen >= GONE_AFTER:
        return Due.RELEASE
    if at - max(talk.citizen_at, talk.agent_at or talk.citizen_at) < limits.idle:
        return None
    # A citizen who was not answered has not gone; the one who does not answer has.
    return Due.RELEASE if talk.awaits_answer else Due.IDLE


def _due_waiting(talk: Handover, anybody_there: bool, limits: Limits, waited: timedelta) -> Due | None:
    if not anybody_there:
        return Due.NOBODY_LEFT
    if waited >= limits.longest:
        return Due.GIVE_UP
    if waited >= limits.promise and talk.told is not Told.APOLOGY:
        return Due.APOLOGY
    if waited >= _PATIENCE_AFTER and talk.told is Told.QUEUED:
        return Due.PATIENCE
    return None
