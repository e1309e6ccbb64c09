"""The verbs around a citizen's ticket. Each is one transaction: state, timeline and nothing in between."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.clock import Clock, china_date, now
from service.encryption import Cipher, Keyring
from service.storage import Database
from tickets.number import next_number
from tickets.phone import parse_phone
from tickets.promise import promised_by
from tickets.tables import tickets, timeline
from tickets.ticket import Draft, Kind, State, Ticket, TimelineItem

CITIZEN = "citizen"

_CLOSED = (State.RESOLVED, State.WITHDRAWN)


class MoveNotAllowed(Exception):
    """The ticket's state does not allow this; the message tells the citizen why."""


@dataclass(frozen=True, slots=True)
class TicketDesk:
    """Registers tickets and answers for them."""

    database: Database
    cipher: Cipher
    clock: Clock = now

    @classmethod
    def open(cls, database: Database, keyring: Keyring, clock: Clock = now) -> "TicketDesk":
        """A desk on a database, with the tickets' own key."""
        return cls(database, keyring.cipher("tickets"), clock)

    async def submit(self, draft: Draft) -> Ticket:
        """Register a confirmed draft. A draft that was already registered gives its ticket again."""
        at = self.clock()

        def register(connection: Connection) -> Row[Any]:
            number = next_number(connection, china_date(at))
            row = connection.execute(insert(tickets).values(self._row(draft, number, at)).returning(tickets)).one()
            self._record(connection, row.id, "submit", None, at)
            return row

        try:
            return self._ticket(await self.database.write(register))
        except IntegrityError:
            found = await self._one(tickets.c.draft == draft.id)
            if found is None:
                raise
            return found

    async def of_conversation(self, conversation: str) -> list[Ticket]:
        """The tickets opened in a conversation, newest first."""
        statement = select(tickets).where(tickets.c.conversation == conversation).order_by(tickets.c.id.desc())
        rows = await self.database.read(lambda connection: connection.execute(statement.limit(20)).all())
        return [self._ticket(row) for row in rows]

    async def find(self, number: str, *, conversation: str | None = None, phone: str | None = None) -> Ticket | None:
        """A ticket by number, for one who may see it: its own conversation, or whoever gives its phone number.

        A wrong number and a wrong phone look the same from outside.
        """
        found = await self._one(tickets.c.number == number)
        if found is None:
            return None
        own = conversation is not None and found.conversation == conversation
        proven = phone is not None and found.requester_phone is not None and parse_phone(phone) == found.requester_phone
        return found if own or proven else None

    async def timeline(self, ticket: Ticket) -> list[TimelineItem]:
        """Everything that happened to a ticket, oldest first."""
        statement = select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [TimelineItem(row.at, row.actor, row.verb, self.cipher.decrypt_text(row.note)) for row in rows]

    async def urge(self, ticket: Ticket) -> Ticket:
        """The citizen asks to be quicker (催办). Counted once a day.

        Raises:
            MoveNotAllowed: the ticket is closed, or was urged today.
        """
        self._check_open(ticket, "这件事已经结束，不用再催了。如果没有解决，可以重新登记。")
        today = china_date(self.clock())
        if any(item.verb == "urge" and china_date(item.at) == today for item in await self.timeline(ticket)):
            raise MoveNotAllowed("今天已经替您催过一次，记在这张工单上了，办理的人看得到。")
        return await self._move(ticket, "urge", ticket.state)

    async def add_note(self, ticket: Ticket, note: str) -> Ticket:
        """The citizen adds to what was said.

        Raises:
            MoveNotAllowed: the ticket is closed.
        """
        self._check_open(ticket, "这张工单已经结束，不能再补充。您可以重新登记一件。")
        return await self._move(ticket, "add", ticket.state, note)

    async def withdraw(self, ticket: Ticket) -> Ticket:
        """The citizen takes the ticket back.

        Raises:
            MoveNotAllowed: the ticket is already closed.
        """
        self._check_open(ticket, "这张工单已经结束，不用再撤销。")
        return await self._move(ticket, "withdraw", State.WITHDRAWN)

    @staticmethod
    def _check_open(ticket: Ticket, otherwise: str) -> None:
        if ticket.state in _CLOSED:
            raise MoveNotAllowed(otherwise)

    async def _move(self, ticket: Ticket, verb: str, to: State, note: str | None = None) -> Ticket:
        at = self.clock()
        statement = (
            update(tickets)
            .where(tickets.c.id == ticket.id, tickets.c.state == ticket.state)
            .values(state=to, updated_at=at)
            .returning(tickets)
        )

        def move(connection: Connection) -> Row[Any]:
            row = connection.execute(statement).one_or_none()
            if row is None:
                raise MoveNotAllowed("这张工单刚刚有了变化，请再看一次它的进度。")
            self._record(connection, ticket.id, verb, note, at)
            return row

        return self._ticket(await self.database.write(move))

    def _record(self, connection: Connection, ticket_id: int, verb: str, note: str | None, at: datetime) -> None:
        values = {"ticket_id": ticket_id, "at": at, "actor": CITIZEN, "verb": verb}
        connection.execute(insert(timeline).values(**values, note=self.cipher.encrypt_text(note)))

    async def _one(self, condition: Any) -> Ticket | None:
        statement = select(tickets).where(condition)
        row = await self.database.read(lambda connection: connection.execute(statement).one_or_none())
        return None if row is None else self._ticket(row)

    def _row(self, draft: Draft, number: str, at: datetime) -> dict[str, Any]:
        day: date = promised_by(draft.kind, china_date(at))
        return {
            "number": number,
            "kind": draft.kind,
            "state": State.SUBMITTED,
            "channel": draft.channel,
            "conversation": draft.conversation,
            "draft": draft.id,
            "description": self.cipher.encrypt_text(draft.description),
            "place": self.cipher.encrypt_text(draft.place),
            "requester_name": self.cipher.encrypt_text(draft.name),
            "requester_phone": self.cipher.encrypt_text(draft.phone),
            "requester_phone_hash": self.cipher.keyed_hash(draft.phone),
            "matter": draft.matter,
            "created_at": at,
            "promised_by": day,
            "updated_at": at,
        }

    def _ticket(self, row: Row[Any]) -> Ticket:
        plain = self.cipher.decrypt_text
        return Ticket(
            id=row.id,
            number=row.number,
            kind=Kind(row.kind),
            state=State(row.state),
            channel=row.channel,
            conversation=row.conversation,
            description=plain(row.description) or "",
            place=plain(row.place),
            requester_name=plain(row.requester_name),
            requester_phone=plain(row.requester_phone),
            matter=row.matter,
            created_at=row.created_at,
            promised_by=row.promised_by,
            updated_at=row.updated_at,
        )
