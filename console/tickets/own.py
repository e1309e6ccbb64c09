"""A ticket by the number in the address, for who may see it; and what every page of tickets calls things."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import Connection

from console.refusal import PageRefused, not_there
from console.rights import only
from console.visit import Visit
from service.identity.roles import Actor, Role
from tickets.lifecycle import Lifecycle
from tickets.masking import seen_by
from tickets.number import find_number
from tickets.records import WITH_INVOLVED, involved_in, ticket_of
from tickets.recurrence import Known
from tickets.tables import tickets
from tickets.ticket import Ticket
from tickets.units import names
from tickets.views import may_see

EVERYBODY = only(Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.UNIT_CLERK, Role.UNIT_HEAD)
"""Who has to do with tickets at all; units see their own."""

URGENCIES = {"normal": "plain", "urgent": "warn", "critical": "bad"}
"""The badge of an urgency."""

Own = tuple[Ticket, frozenset[str]]


def number_in(visit: Visit) -> str:
    """The ticket's number in the address.

    Raises:
        PageRefused: 404 when it is none.
    """
    text = visit.match["number"]
    if find_number(text) != text:
        raise no_ticket(text)
    return text


def own(lifecycle: Lifecycle, actor: Actor, number: str) -> Callable[[Connection], Own]:
    """A unit of work: a ticket somebody may see, and the units assisting or investigating.

    Raises:
        PageRefused: 404; a ticket of others and one that does not exist look the same.
    """
    statement = WITH_INVOLVED.where(tickets.c.number == number)

    def work(connection: Connection) -> Own:
        row = connection.execute(statement).one_or_none()
        ticket = None if row is None else ticket_of(row, lifecycle.cipher)
        if row is None or ticket is None or not may_see(actor, ticket, involved_in(row)):
            raise no_ticket(number)
        return ticket, involved_in(row)

    return work


def no_ticket(number: str) -> PageRefused:
    """There is none, or it is not theirs."""
    return not_there("没有这张工单", f"没有编号为 {number[:30]} 的工单，或者它不归您看。请核对编号。")


def unit_names(found: Iterable[Ticket]) -> Callable[[Connection], dict[str, str]]:
    """A unit of work: the names of the units some tickets are with."""
    return names({code for ticket in found for code in (ticket.lead, ticket.called) if code})


async def similar_to(visit: Visit, ticket: Ticket) -> list[Known]:
    """Open tickets a ticket seems to repeat, masked."""
    found = await visit.office.recurrence.repeated_by(ticket)
    return [replace(known, ticket=seen_by(visit.actor, known.ticket)) for known in found]
