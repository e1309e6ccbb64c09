"""What a dispatcher is told of a ticket: which unit it is for, and which others it seems to repeat."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from channels.api.models import SimilarTicket, SimilarTickets, Suggestions, UnitNamed, UnitShown, UnitSuggested
from channels.api.operations import Operation, Request
from channels.api.tickets import ONE, TicketApi, number_in, told
from channels.widget.errors import ApiError
from service.identity.api_keys import Scope
from tickets.lists import ListRefused
from tickets.recurrence import Known, Recurrence
from tickets.routing import Routing
from tickets.ticket import Ticket
from tickets.units import codes, names
from tickets.views import refuse_units


@dataclass(frozen=True, slots=True)
class AdviceApi:
    """What can be asked before a unit is chosen or tickets are merged."""

    tickets: TicketApi
    routing: Routing
    recurrence: Recurrence

    def operations(self) -> list[Operation]:
        """Every operation, as it is served and documented."""
        suggestions, similar, read = ONE + "/suggestions", ONE + "/similar", Scope.READ
        return [
            Operation("GET", suggestions, "getSuggestions", "该派给哪个单位", read, self.suggest, Suggestions),
            Operation("GET", similar, "getSimilar", "哪些像是同一件事", read, self.similar, SimilarTickets),
        ]

    async def suggest(self, request: Request) -> web.StreamResponse:
        """The units for a ticket, with reasons."""
        ticket = await self._ticket(request)
        suggested = await self.routing.suggest(ticket)
        named = [*(each.unit for each in suggested.units), *suggested.assisting]
        known = await self.routing.lifecycle.database.read(codes(named))
        return told(
            Suggestions(
                number=ticket.number,
                units=[
                    UnitSuggested(code=known.get(each.unit), name=each.unit, chance=each.chance)
                    for each in suggested.units
                ],
                assisting=[UnitNamed(code=known.get(name), name=name) for name in suggested.assisting],
                rule=suggested.rule,
                automatic=suggested.automatic,
                reasons=list(suggested.reasons),
            )
        )

    async def similar(self, request: Request) -> web.StreamResponse:
        """The open tickets it seems to repeat."""
        ticket = await self._ticket(request)
        found = await self.recurrence.repeated_by(ticket)
        units = await self.routing.lifecycle.database.read(names(each.ticket.lead or "" for each in found))
        return told(SimilarTickets(number=ticket.number, similar=[_shown(each, units) for each in found]))

    async def _ticket(self, request: Request) -> Ticket:
        actor, number = request.key.actor, number_in(request)
        own = partial(self.tickets.own, actor=actor, number=number)

        def work(connection: Connection) -> Ticket:
            return own(connection)[0]

        ticket = await self.routing.lifecycle.database.read(work)
        try:
            refuse_units(actor)
        except ListRefused as refused:
            raise ApiError(403, "forbidden", str(refused)) from refused
        return ticket


def _shown(known: Known, units: dict[str, str]) -> SimilarTicket:
    ticket = known.ticket
    return SimilarTicket(
        number=ticket.number,
        state=ticket.state,
        state_label=ticket.state.staff_label,
        lead=None if ticket.lead is None else UnitShown(code=ticket.lead, name=units.get(ticket.lead)),
        own=known.own,
        why=known.why,
    )
