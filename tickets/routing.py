"""Tickets on their way to units: suggestions, dispatch without a dispatcher where it is sure, learning at night."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, func, select

from service.clock import china_date
from service.encoder import Encoder
from service.encryption import Keyring
from service.nightly import is_night
from tickets.dispatch.dispatcher import Suggestion, Trial
from tickets.dispatch.encoding import encode_with
from tickets.dispatch.learning import FEWEST, NEW, Learned, learn
from tickets.dispatch.live import LiveDispatcher
from tickets.dispatch.model import MEANT
from tickets.dispatch.model_store import ModelStore
from tickets.dispatch.request import ClosedTicket, Request
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.masking import is_confidential
from tickets.moves import Verb
from tickets.parties import PROGRAM
from tickets.records import ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.states import State
from tickets.tables import ticket_units, tickets, units
from tickets.ticket import Outcome, Ticket
from tickets.units import codes

_log = logging.getLogger(__name__)

_CLOSED = (
    tickets.c.state.in_([State.RESOLVED, State.ARCHIVED])
    & (tickets.c.outcome != Outcome.DIRECT_ANSWER)
    & tickets.c.lead.is_not(None)
)
_AT_ONCE = 100
_LEARNED_FROM = 100_000


@dataclass(slots=True)
class Routing:
    """Finds the unit for a ticket, and learns from those that were found.

    Attributes:
        encoder: gives the model of sentences, which loads once a process; None where none is wanted.
    """

    lifecycle: Lifecycle
    dispatcher: LiveDispatcher
    models: ModelStore
    encoder: Callable[[], Encoder] | None
    _considered: set[tuple[int, int]] = field(default_factory=set)
    _known: object = None

    @classmethod
    async def open(cls, lifecycle: Lifecycle, keyring: Keyring, encoder: Callable[[], Encoder] | None) -> "Routing":
        """With the list and the model of now."""
        dispatcher = await LiveDispatcher.open(lifecycle.database, keyring)
        return cls(lifecycle, dispatcher, ModelStore(lifecycle.database, keyring.cipher("tickets")), encoder)

    async def suggest(self, ticket: Ticket) -> Suggestion:
        """The units for a ticket, with reasons."""
        return await asyncio.to_thread(self._suggest, ticket)

    async def trial(self, request: Request) -> Trial:
        """What the list and the model of now say of words that are no ticket yet."""
        await self.dispatcher.refresh()
        day = china_date(self.lifecycle.clock())

        def work() -> Trial:
            asked = replace(request, vector=self._vector(request.text))
            return self.dispatcher.current.trial(asked, day)

        return await asyncio.to_thread(work)

    async def dispatch_sure(self) -> int:
        """Dispatch new tickets of which the list or the model is sure; how many.

        Reports are always read by somebody first, and so is what a unit gave back.
        """
        await self.dispatcher.refresh()
        if self.dispatcher.current is not self._known:
            self._known = self.dispatcher.current
            self._considered.clear()
        waiting = (tickets.c.state == State.SUBMITTED) & (tickets.c.returns == 0) & tickets.c.lead.is_(None)
        statement = select(tickets.c.id, tickets.c.revision).where(waiting).order_by(tickets.c.id)
        known = await self.lifecycle.database.read(lambda connection: connection.execute(statement).all())
        fresh = [row.id for row in known if (row.id, row.revision) not in self._considered][:_AT_ONCE]
        if not fresh:
            return 0
        whole = select(tickets).where(waiting, tickets.c.id.in_(fresh)).order_by(tickets.c.id)
        done = 0
        for row in await self.lifecycle.database.read(lambda connection: connection.execute(whole).all()):
            self._considered.add((row.id, row.revision))
            done += await self._dispatch_if_sure(ticket_of(row, self.lifecycle.cipher))
        return done

    async def learn(self) -> Learned | None:
        """Learn anew from closed tickets, if it is night and there is enough that is new."""
        if not is_night(self.lifecycle.clock()):
            return None
        if not await self._much_is_new():
            return None
        history = await self.lifecycle.database.read(self.history)
        encode = None if self.encoder is None else encode_with(await asyncio.to_thread(self.encoder))
        return await learn(self.models, history, encode)

    async def _much_is_new(self) -> bool:
        """Whether so many were closed since the last model that reading all of them may be worth it."""
        trained = await self.models.trained_at()
        closed = _CLOSED if trained is None else _CLOSED & (tickets.c.closed_at > trained)
        needed = FEWEST if trained is None else NEW
        some = select(tickets.c.id).where(closed).limit(needed).subquery()
        statement = select(func.count()).select_from(some)
        return await self.lifecycle.database.read(lambda connection: connection.scalar(statement) == needed)

    def _suggest(self, ticket: Ticket) -> Suggestion:
        asked = _request(ticket, self._vector(ticket.description))
        return self.dispatcher.current.suggest(asked, china_date(self.lifecycle.clock()))

    def _vector(self, text: str) -> Any:
        """The sentence vector of a text, where the model in use looks at them."""
        model = self.dispatcher.current.model
        if self.encoder is None or model is None or not len(model.vectors):
            return None
        return encode_with(self.encoder())([text[:MEANT]])[0]

    async def _dispatch_if_sure(self, ticket: Ticket) -> bool:
        if is_confidential(ticket):
            return False
        suggestion = await self.suggest(ticket)
        if not suggestion.automatic:
            return False
        named = (suggestion.units[0].unit, *suggestion.assisting)
        known = await self.lifecycle.database.read(codes(named))
        if len(known) < len(named):
            missing = "、".join(sorted(set(named) - known.keys()))
            _log.warning("the dispatch list names units that are not kept: %s", missing)
            return False
        lead, *assisting = (known[name] for name in named)
        given = Given(unit=lead, units=tuple(assisting), reason=suggestion.reasons[0])
        try:
            await self.lifecycle.perform(PROGRAM, ticket.number, Verb.DISPATCH, given, seen=ticket.revision)
        except MoveNotAllowed:  # somebody was quicker
            return False
        return True

    def history(self, connection: Connection) -> list[ClosedTicket]:
        """Closed tickets of known units, the oldest first; of very many the newest."""
        newest = select(tickets, units.c.name.label("unit")).join(units, units.c.code == tickets.c.lead).where(_CLOSED)
        newest = newest.order_by(tickets.c.closed_at.desc()).limit(_LEARNED_FROM)
        rows = connection.execute(newest).all()[::-1]
        refused = self._refused(connection)
        return [
            ClosedTicket(
                request=_request(ticket_of(row, self.lifecycle.cipher), None),
                unit=row.unit,
                number=row.number,
                refused_by=tuple(name for name in refused.get(row.id, ()) if name != row.unit),
                closed_at=row.closed_at,
            )
            for row in rows
        ]

    @staticmethod
    def _refused(connection: Connection) -> dict[int, list[str]]:
        """The units that had a part in a return, by ticket."""
        concerned = select(ticket_units.c.ticket_id, units.c.name).join(units, units.c.code == ticket_units.c.unit)
        found: dict[int, list[str]] = {}
        for ticket, name in connection.execute(concerned.where(ticket_units.c.part == "concerned")):
            found.setdefault(ticket, []).append(name)
        return found


def _request(ticket: Ticket, vector: Any) -> Request:
    place = " ".join(filter(None, (ticket.street, ticket.community, ticket.place)))
    return Request(ticket.description, place, ticket.category or "", ticket.matter or "", vector)
