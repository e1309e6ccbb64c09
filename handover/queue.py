"""The hand-overs that are open: who waits, in which order, and the moves from waiting to talking to the end.

Every move is a unit of work that changes a hand-over as it was seen, and gives False when another was first: two agents
who take the same citizen get one yes and one no.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, insert, or_, select, update

from handover.tables import agents, handovers, steps
from handover.talk import Deed, Ending, Handover, State, Step, Told, Why

CITIZEN, SYSTEM = "citizen", "system"

_OPEN = handovers.c.ended_at.is_(None)
_WAITS = _OPEN & (handovers.c.state == State.WAITING)
_ORDER = (handovers.c.urgent.desc(), handovers.c.asked_at, handovers.c.id)
_READ = select(handovers, agents.c.number).outerjoin(agents, agents.c.username == handovers.c.agent)


IS_OPEN = exists().where(handovers.c.conversation == bindparam("conversation"), _OPEN)
"""Whether a conversation waits for a person or talks with one, as a part of a statement."""


def put_within(
    connection: Connection, conversation: str, channel: str, why: Why, at: datetime, *, ending: Ending | None = None
) -> int:
    """A conversation asks for a person; the hand-over's id.

    Args:
        ending: it is over as it begins, for nobody is there.
    """
    values = {
        "conversation": conversation,
        "channel": channel,
        "why": why,
        "state": State.WAITING if ending is None else State.ENDED,
        "urgent": why is Why.EMERGENCY,
        "asked_at": at,
        "queued_at": at,
        "told": Told.QUEUED,
        "citizen_at": at,
        "ended_at": None if ending is None else at,
        "ending": ending,
    }
    number: int = connection.execute(insert(handovers).values(values).returning(handovers.c.id)).scalar_one()
    step_within(connection, number, at, CITIZEN, Deed.ASK, why)
    if ending is not None:
        step_within(connection, number, at, SYSTEM, Deed.END, ending)
    return number


def open_within(connection: Connection, conversation: str) -> Handover | None:
    """The open hand-over of a conversation."""
    return _one(connection, (handovers.c.conversation == conversation) & _OPEN)


def handover_within(connection: Connection, number: int) -> Handover | None:
    """A hand-over by its id."""
    return _one(connection, handovers.c.id == number)


def ahead_within(connection: Connection, waiting: Handover) -> int:
    """How many are taken before this one."""
    earlier = or_(
        handovers.c.asked_at < waiting.asked_at,
        and_(handovers.c.asked_at == waiting.asked_at, handovers.c.id < waiting.id),
    )
    same = and_(handovers.c.urgent == waiting.urgent, earlier)
    before = same if waiting.urgent else or_(handovers.c.urgent, same)
    return connection.scalar(select(func.count()).where(_WAITS, before)) or 0


def waiting_within(connection: Connection) -> list[Handover]:
    """Who waits, in the order in which they are taken."""
    return _all(connection, _WAITS)


def count_waiting_within(connection: Connection) -> int:
    """How many wait."""
    return connection.scalar(select(func.count()).where(_WAITS)) or 0


def open_all_within(connection: Connection) -> list[Handover]:
    """Everything open, those who wait first in their order."""
    return _all(connection, _OPEN)


def of_agent(username: str, since: datetime) -> Callable[[Connection], list[Handover]]:
    """A unit of work: what somebody has now, and what they ended since a moment, newest first."""
    theirs = (handovers.c.agent == username) & (handovers.c.state != State.WAITING)  # given back, it is nobody's
    statement = _READ.where(theirs, or_(_OPEN, handovers.c.ended_at >= since)).order_by(handovers.c.id.desc())
    return lambda connection: [_handover(row) for row in connection.execute(statement)]


def taken_by_within(connection: Connection) -> Mapping[str, int]:
    """How many citizens each agent talks with now, by account."""
    statement = (
        select(handovers.c.agent, func.count())
        .where(_OPEN, handovers.c.state == State.TAKEN)
        .group_by(handovers.c.agent)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def steps_within(connection: Connection, number: int) -> list[Step]:
    """What happened to a hand-over, oldest first."""
    statement = select(steps).where(steps.c.handover_id == number).order_by(steps.c.id)
    return [Step(row.at, row.actor, Deed(row.deed), row.about) for row in connection.execute(statement)]


def take_within(connection: Connection, seen: Handover, agent: str, at: datetime) -> bool:
    """Somebody takes one who waits."""
    values = {"state": State.TAKEN, "agent": agent, "taken_at": at, "agent_at": None}
    return _move(connection, seen, at, agent, Deed.TAKE, None, values)


def release_within(connection: Connection, seen: Handover, at: datetime, by: str) -> bool:
    """Back into the queue, at its old place."""
    values = {"state": State.WAITING, "queued_at": at, "citizen_at": at, "told": Told.QUEUED}
    return _move(connection, seen, at, by, Deed.RELEASE, None, values)


def transfer_within(connection: Connection, seen: Handover, to: str, at: datetime, by: str) -> bool:
    """On to a colleague."""
    return _move(connection, seen, at, by, Deed.TRANSFER, to, {"agent": to, "taken_at": at})


def end_within(connection: Connection, seen: Handover, ending: Ending, at: datetime, by: str) -> bool:
    """It is over."""
    values = {"state": State.ENDED, "ended_at": at, "ending": ending}
    return _move(connection, seen, at, by, Deed.END, ending, values)


def answered_within(connection: Connection, seen: Handover, at: datetime, by: str) -> bool:
    """The agent said something."""
    if seen.first_answer_at is None:
        return _move(connection, seen, at, by, Deed.ANSWER, None, {"agent_at": at, "first_answer_at": at})
    return _set(connection, seen, {"agent_at": at})


def heard_within(connection: Connection, seen: Handover, at: datetime, *, danger: bool = False) -> None:
    """The citizen said something to the person, or to the one who will come."""
    if danger and not seen.urgent:
        _move(connection, seen, at, CITIZEN, Deed.URGENT, None, {"urgent": True})
    if not seen.awaits_answer:  # the clock of the agent's answer begins with the first word that has none
        _set(connection, seen, {"citizen_at": at})


def told_within(connection: Connection, seen: Handover, told: Told, at: datetime) -> bool:
    """Somebody who waits is told something."""
    if told is Told.APOLOGY:
        return _move(connection, seen, at, SYSTEM, Deed.LATE, None, {"told": told})
    return _set(connection, seen, {"told": told})


def step_within(
    connection: Connection, number: int, at: datetime, actor: str, deed: Deed, about: str | None = None
) -> None:
    """Keep what happened."""
    values = {"handover_id": number, "at": at, "actor": actor, "deed": deed, "about": about}
    connection.execute(insert(steps).values(values))


def forget_within(connection: Connection, before: datetime) -> int:
    """Forget which conversations ended hand-overs belonged to; figures stay. How many there were."""
    old = (handovers.c.ended_at < before) & handovers.c.conversation.is_not(None)
    return connection.execute(update(handovers).where(old).values(conversation=None)).rowcount


def _move(
    connection: Connection,
    seen: Handover,
    at: datetime,
    actor: str,
    deed: Deed,
    about: str | None,
    values: Mapping[str, Any],
) -> bool:
    moved = _set(connection, seen, values)
    if moved:
        step_within(connection, seen.id, at, actor, deed, about)
    return moved


def _set(connection: Connection, seen: Handover, values: Mapping[str, Any]) -> bool:
    """Change a row, if it still stands where it was seen."""
    unchanged = (handovers.c.state == seen.state) & handovers.c.agent.is_not_distinct_from(seen.agent)
    this = handovers.c.id == seen.id
    return connection.execute(update(handovers).where(this, _OPEN, unchanged).values(values)).rowcount == 1


def _one(connection: Connection, condition: ColumnElement[bool]) -> Handover | None:
    row = connection.execute(_READ.where(condition)).one_or_none()
    return None if row is None else _handover(row)


def _all(connection: Connection, condition: ColumnElement[bool]) -> list[Handover]:
    statement = _READ.where(condition).order_by(handovers.c.state.desc(), *_ORDER)  # waiting before taken
    return [_handover(row) for row in connection.execute(statement)]


def _handover(row: Row[Any]) -> Handover:
    kept = dict(row._mapping)
    kept |= {"why": Why(row.why), "state": State(row.state), "told": Told(row.told)}
    return Handover(**kept | {"ending": row.ending and Ending(row.ending)})
