"""What citizens can do with their own tickets. This door checks whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from service.clock import Clock, now
from service.encryption import Keyring
from service.identity.roles import Actor
from service.storage import Database
from tickets.given import Given
from tickets.intake.gazetteer import Gazetteer
from tickets.intake.phone import parse_phone
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb, possible
from tickets.parties import CITIZEN, Party
from tickets.records import ticket_of, timeline_item
from tickets.states import State
from tickets.tables import tickets, timeline
from tickets.ticket import Draft, Satisfaction, Ticket, TimelineItem

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TicketDesk:
    """Registers citizens' requests and answers for them."""

    lifecycle: Lifecycle

    @classmethod
    def open(
        cls, database: Database, keyring: Keyring, clock: Clock = now, gazetteer: Gazetteer | None = None
    ) -> "TicketDesk":
        """A desk on a database, with the tickets' own key; see `Lifecycle.open`."""
        return cls(Lifecycle.open(database, keyring, clock, gazetteer))

    async def submit(self, draft: Draft, actor: Actor = CITIZEN) -> Ticket:
        """Register a confirmed draft. A draft that was already registered gives its ticket again."""
        return await self.lifecycle.submit(actor, draft)

    async def of_conversation(self, conversation: str) -> list[Ticket]:
        """The tickets opened in a conversation, newest first."""
        return await self._newest(tickets.c.conversation == conversation)

    async def of_citizen(self, conversation: str, phones: Collection[str]) -> list[Ticket]:
        """The tickets opened in a conversation or made with a phone that it has proved to be its own, newest first.

        Args:
            phones: in international form.
        """
        hashes = [each for phone in phones for each in self.lifecycle.cipher.keyed_hashes(phone)]
        own = tickets.c.conversation == conversation
        return await self._newest(or_(own, tickets.c.requester_phone_hash.in_(hashes)) if hashes else own)

    async def find(self, number: str, *, conversation: str | None = None, phone: str | None = None) -> Ticket | None:
        """A ticket by number, for one who may see it: its own conversation, or whoever has proved its phone number.

        A wrong number and a wrong phone look the same from outside.
        """
        found = await self._newest(tickets.c.number == number)
        if not found:
            return None
        ticket = found[0]
        own = conversation is not None and ticket.conversation == conversation
        proven = (
            phone is not None and ticket.requester_phone is not None and parse_phone(phone) == ticket.requester_phone
        )
        return ticket if own or proven else None

    async def timeline(self, ticket: Ticket) -> list[TimelineItem]:
        """Everything that happened to a ticket, oldest first."""
        statement = select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id)
        rows = await self._read(lambda connection: connection.execute(statement).all())
        return [timeline_item(row, self.lifecycle.cipher) for row in rows]

    @staticmethod
    def possible(ticket: Ticket) -> list[Verb]:
        """What its requester can do with a ticket now."""
        return possible(ticket, frozenset({Party.REQUESTER}))

    async def urge(self, ticket: Ticket) -> Ticket:
        """The citizen asks to be quicker (催办). Counted once a day.

        Raises:
            MoveNotAllowed: the ticket is closed, or was urged today.
        """
        return await self.lifecycle.perform(CITIZEN, ticket.number, Verb.URGE)

    async def add_note(self, ticket: Ticket, note: str) -> Ticket:
        """The citizen adds to what was said; a ticket that waited for it goes on.

        Raises:
            MoveNotAllowed: the ticket is closed.
        """
        lifecycle = self.lifecycle
        add = lifecycle.unit_of_work(CITIZEN, ticket.number, Verb.ADD, Given.of(text=note))
        resume = lifecycle.unit_of_work(CITIZEN, ticket.number, Verb.RESUME, Given())

        def work(connection: Connection) -> Ticket:
            added = add(connection)
            return resume(connection) if added.state is State.SUSPENDED else added

        return await lifecycle.database.write(work)

    async def withdraw(self, ticket: Ticket) -> Ticket:
        """The citizen takes the ticket back.

        Raises:
            MoveNotAllowed: the ticket is already closed.
        """
        return await self._perform(ticket, Verb.WITHDRAW)

    async def solved(self, ticket: Ticket, satisfaction: Satisfaction | None = None) -> Ticket:
        """The citizen says that it is solved, and how satisfied they are.

        Raises:
            MoveNotAllowed: there is no answer yet, or it was said before.
        """
        verb = Verb.RATE if ticket.state in (State.RESOLVED, State.MERGED) else Verb.RESOLVE
        return await self._perform(ticket, verb, Given(solved=True, satisfaction=satisfaction))

    async def unsolved(self, ticket: Ticket, reason: str, satisfaction: Satisfaction | None = None) -> Ticket:
        """The citizen says that it is not solved, and what is missing; the hotline has it worked on again.

        Who said so already adds to it.

        Raises:
            MoveNotAllowed: there is no answer yet, or it was too long ago.
        """
        if ticket.state is State.DISPUTED:
            return await self._perform(ticket, Verb.ADD, Given.of(text=reason))
        verb = Verb.SEPARATE if ticket.state is State.MERGED else Verb.DISPUTE
        return await self._perform(ticket, verb, Given.of(reason=reason, solved=False, satisfaction=satisfaction))

    async def _perform(self, ticket: Ticket, verb: Verb, given: Given | None = None) -> Ticket:
        return await self.lifecycle.perform(CITIZEN, ticket.number, verb, given, seen=ticket.revision)

    async def _newest(self, condition: Any) -> list[Ticket]:
        statement = select(tickets).where(condition).order_by(tickets.c.id.desc()).limit(_SHOWN)
        rows = await self._read(lambda connection: connection.execute(statement).all())
        return [ticket_of(row, self.lifecycle.cipher) for row in rows]

    async def _read(self, work: Any) -> Any:
        return await self.lifecycle.database.read(work)
