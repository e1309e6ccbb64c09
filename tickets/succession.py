"""Open tickets of units that are no longer in use go to those that have taken over, each by a move of its own.

It is asked of the tickets themselves, so nothing is lost by a crash, and one that is opened again later follows, too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select, union

from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.parties import PROGRAM
from tickets.records import CURRENTLY_INVOLVED
from tickets.refusal import MoveNotAllowed
from tickets.states import OPEN
from tickets.tables import ticket_units, tickets, units

Share = Callable[[float], object]
"""Is told how much of the work is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Succession:
    """Hands tickets over."""

    lifecycle: Lifecycle

    async def run(self, tell: Share = lambda share: None) -> int:
        """Hand over every open ticket that stands with a unit somebody has succeeded; how many."""
        numbers, moved = await self.lifecycle.database.read(waiting), 0
        for place, number in enumerate(numbers, 1):
            try:
                await self.lifecycle.perform(PROGRAM, number, Verb.SUCCEED)
            except MoveNotAllowed:  # somebody else moved it just now, or it has ended
                continue
            moved += 1
            tell(place / len(numbers))
        return moved


def waiting(connection: Connection) -> list[str]:
    """The numbers of open tickets that stand with a unit somebody has succeeded, the oldest first."""
    retired = select(units.c.code).where(units.c.active.is_(False), units.c.successor.is_not(None))
    codes = connection.scalars(retired).all()
    if not codes:
        return []
    is_open = tickets.c.state.in_(sorted(OPEN))
    beside = select(ticket_units.c.ticket_id).where(
        ticket_units.c.unit.in_(codes), ticket_units.c.part.in_(CURRENTLY_INVOLVED)
    )
    found = union(
        select(tickets.c.id).where(is_open, tickets.c.lead.in_(codes)),
        select(tickets.c.id).where(is_open, tickets.c.called.in_(codes)),
        select(tickets.c.id).where(is_open, tickets.c.id.in_(beside)),
    )
    numbers = select(tickets.c.number).where(tickets.c.id.in_(found.scalar_subquery())).order_by(tickets.c.id)
    return list(connection.scalars(numbers))
