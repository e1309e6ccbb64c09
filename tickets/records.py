"""Tickets as the database keeps them: rows to tickets, and what stands encrypted in between."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from service.encryption import Cipher
from service.identity.roles import Actor
from tickets.clocks import Clocks
from tickets.moves import Verb
from tickets.states import State
from tickets.tables import ticket_units, tickets, timeline
from tickets.ticket import Kind, Outcome, Ticket, TimelineItem
from tickets.urgency import Urgency

CURRENTLY_INVOLVED = ("assisting", "investigating")

_READ = {"kind": Kind, "state": State, "urgency": Urgency}
_SEALED = frozenset({"description", "place", "requester_name", "requester_phone"})
_PLAIN = tuple(field.name for field in fields(Ticket) if field.name not in {*_READ, *_SEALED, "clocks", "outcome"})
_involved = (
    select(func.aggregate_strings(ticket_units.c.unit, ","))
    .where(ticket_units.c.ticket_id == tickets.c.id, ticket_units.c.part.in_(CURRENTLY_INVOLVED))
    .scalar_subquery()
    .label("involved")
)
WITH_INVOLVED = select(tickets, _involved)
"""Tickets with the codes of the units assisting or investigating, joined by commas."""

TO_MOVE = WITH_INVOLVED.where(tickets.c.number == bindparam("number")).with_for_update(of=tickets)
"""A ticket by its number, held until the transaction ends.

Statements of every move are made once: making them is half their cost.
"""

_KEEP_LINE = insert(timeline).returning(timeline.c.id)


def ticket_of(row: Row[Any], cipher: Cipher) -> Ticket:
    """The ticket of a row."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    values |= {name: meaning(getattr(row, name)) for name, meaning in _READ.items()}
    values |= {name: cipher.decrypt_text(getattr(row, name)) for name in _SEALED}
    values["clocks"] = Clocks.from_json(row.clocks)
    return Ticket(**values, outcome=None if row.outcome is None else Outcome(row.outcome))


def involved_in(row: Row[Any]) -> frozenset[str]:
    """The units assisting or investigating, of a row of `WITH_INVOLVED`."""
    return frozenset(filter(None, (row.involved or "").split(",")))


def record_within(
    connection: Connection,
    ticket_id: int,
    verb: Verb,
    actor: Actor,
    unit: str | None,
    moved: tuple[State | None, State],
    note: bytes | None,
    details: dict[str, Any],
    at: datetime,
) -> int:
    """Keep on the timeline what was done; the line's number."""
    values = {
        "ticket_id": ticket_id,
        "at": at,
        "actor": actor.name,
        "unit": unit,
        "verb": verb,
        "source": moved[0],
        "target": moved[1],
        "note": note,
        "details": details or None,
    }
    line: int = connection.execute(_KEEP_LINE, values).scalar_one()
    return line


def timeline_item(row: Row[Any], cipher: Cipher) -> TimelineItem:
    """One thing that happened, of a row of the timeline."""
    return TimelineItem(
        at=row.at,
        actor=row.actor,
        verb=row.verb,
        note=cipher.decrypt_text(row.note),
        unit=row.unit,
        source=None if row.source is None else State(row.source),
        target=None if row.target is None else State(row.target),
        details=row.details or {},
    )
