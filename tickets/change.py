"""A move while it is being made: the ticket before it, what is given, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select

from service.encryption import Cipher
from service.identity.roles import Actor
from service.storage import insert_into
from tickets.clocks import Clocks
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.terms import Term, Terms
from tickets.deadlines.timetable import Timetable
from tickets.dispatch.rule_store import RuleStore
from tickets.given import Given
from tickets.intake.gazetteer import Gazetteer
from tickets.moves import Verb
from tickets.parties import Party
from tickets.refusal import MoveNotAllowed
from tickets.tables import timeline, units
from tickets.ticket import Ticket

UNIT = select(units.c.active, units.c.name).where(units.c.code == bindparam("code"))
_LAST_NOTE = (
    select(timeline.c.note)
    .where(timeline.c.ticket_id == bindparam("ticket"), timeline.c.verb == bindparam("verb"))
    .order_by(timeline.c.id.desc())
    .limit(1)
)


@dataclass(slots=True)
class Change:
    """A move within its transaction.

    Attributes:
        parties: the parts the actor has in the ticket.
        involved: the units assisting or investigating.
        looked: when the ticket's time has to be looked at, and what the watch keeps of it.
        values: columns of the ticket the move sets.
        details: what the timeline keeps of it, nothing personal.
        note: what the timeline keeps of it encrypted.
        unit_names: names of units that were looked up.
    """

    connection: Connection
    verb: Verb
    ticket: Ticket
    actor: Actor
    parties: frozenset[Party]
    involved: frozenset[str]
    given: Given
    at: datetime
    timetable: Timetable
    rules: RuleStore
    cipher: Cipher
    gazetteer: Gazetteer
    looked: tuple[datetime | None, Mapping[str, Any]] = (None, {})
    values: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    unit_names: dict[str, str] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """All the time the ticket is given, by the rules in force."""
        ticket = self.ticket
        return self.timetable.terms(
            kind=ticket.kind,
            channel=ticket.channel,
            urgency=ticket.urgency,
            category=ticket.category or "",
            at=ticket.created_at,
        )

    @property
    def clocks(self) -> Clocks:
        """The ticket's clocks, as the move has set them so far."""
        clocks: Clocks = self.values.get("clocks", self.ticket.clocks)
        return clocks

    def start(self, term: Term) -> Countdown:
        """A clock that starts with this move."""
        return self.timetable.start(term, self.terms, self.at, self.clocks.promise)

    def set_clocks(self, **clocks: Any) -> None:
        """Put clocks in place of the present ones."""
        self.values["clocks"] = replace(self.clocks, **clocks)

    def unit(self, code: str) -> str:
        """An active unit's code.

        Raises:
            MoveNotAllowed: there is no such unit, or it is no longer active.
        """
        unit = self.connection.execute(UNIT, {"code": code}).one_or_none()
        if unit is None:
            raise MoveNotAllowed(f"没有代码为“{code}”的单位，请从单位名单里选。")
        if not unit.active:
            raise MoveNotAllowed(f"单位“{code}”已经停用，请选现在负责的单位。")
        self.unit_names[code] = unit.name
        return code

    def refuse_own_unit(self) -> None:
        """Checking and asking back is for others than the unit that did the work.

        Raises:
            MoveNotAllowed: the actor belongs to the lead unit.
        """
        if self.ticket.lead in self.actor.units:
            raise MoveNotAllowed("承办单位不能审核、回访自己办的工单，请由热线的同事来做。")

    def last_note(self, verb: Verb) -> str | None:
        """What stands on the timeline with the last move of a kind."""
        wanted = {"ticket": self.ticket.id, "verb": verb}
        return self.cipher.decrypt_text(self.connection.execute(_LAST_NOTE, wanted).scalar_one_or_none())

    def times(self, verb: Verb) -> int:
        """How often a move was made before."""
        these = (timeline.c.ticket_id == self.ticket.id) & (timeline.c.verb == verb)
        return self.connection.execute(select(func.count()).select_from(timeline).where(these)).scalar_one()

    def insert_new(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Insert rows that are not there yet."""
        if rows:
            self.connection.execute(insert_into(self.connection, table).on_conflict_do_nothing(), rows)
