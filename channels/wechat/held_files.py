"""Pictures and videos that citizens send: kept until there is a ticket they belong to."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from channels.wechat.tables import files
from service.clock import Clock, now
from service.encryption import Cipher
from service.storage import INSERTS, Database
from tickets.attachments.received import Received
from tickets.attachments.refusal import AttachmentRefused
from tickets.attachments.store import Attachments
from tickets.parties import CITIZEN
from tickets.ticket import Ticket

_WAIT = timedelta(hours=12)  # as long as attachments can be added to a ticket
_PUT = {name: insert(files).on_conflict_do_nothing(index_elements=["arrival"]) for name, insert in INSERTS.items()}


@dataclass(frozen=True, slots=True)
class HeldFiles:
    """The files that wait, by conversation."""

    database: Database
    attachments: Attachments
    cipher: Cipher
    clock: Clock = now

    async def keep(self, arrival: str, conversation: str, content: bytes, name: str) -> None:
        """Check a file and keep it; the same arrival again changes nothing.

        Raises:
            AttachmentRefused: see there.
        """
        received = await self.attachments.take_in(_once(content), name)
        row = {
            "arrival": arrival,
            "conversation": conversation,
            "received": self.cipher.encrypt(json.dumps(received.as_json()).encode()),
            "at": self.clock(),
        }
        await self.database.write(lambda connection: connection.execute(_PUT[connection.dialect.name], row))

    async def wait(self, conversation: str) -> bool:
        """Whether files wait in a conversation."""
        statement = select(files.c.arrival).where(self._current(conversation)).limit(1)
        return await self.database.read(lambda connection: connection.scalar(statement) is not None)

    async def add_to(self, ticket: Ticket) -> list[str]:
        """Add what waits in the ticket's conversation to it; for each file that was refused, why."""
        return await self.database.write(self._adding(ticket))

    async def add_to_new(self, conversation: str, own: Sequence[Ticket]) -> list[str]:
        """Add each file that waits to the first ticket registered after it came; for each refused one, why.

        Args:
            own: the conversation's tickets.
        """
        statement = select(files.c.at).where(self._current(conversation)).order_by(files.c.at).limit(1)
        since = await self.database.read(lambda connection: connection.scalar(statement))
        later = [ticket for ticket in own if since is not None and ticket.created_at >= since]
        return await self.add_to(min(later, key=lambda ticket: ticket.id)) if later else []

    async def forget(self) -> int:
        """Delete what waited too long; the files themselves are swept with all others without a ticket."""
        old = delete(files).where(files.c.at < self.clock() - _WAIT)
        return await self.database.write(lambda connection: connection.execute(old).rowcount)

    def _adding(self, ticket: Ticket) -> Callable[[Connection], list[str]]:
        def work(connection: Connection) -> list[str]:
            refused = []
            statement = select(files).where(self._current(ticket.conversation)).order_by(files.c.at)
            for row in connection.execute(statement).all():
                if not connection.execute(delete(files).where(files.c.arrival == row.arrival)).rowcount:
                    continue  # another process adds it
                held: dict[str, Any] = json.loads(self.cipher.decrypt(row.received))
                received = Received.from_json(held)
                try:
                    self.attachments.put_within(connection, ticket.id, received, CITIZEN.name, self.clock())
                except AttachmentRefused as refusal:
                    refused.append(str(refusal))
            return refused

        return work

    def _current(self, conversation: str | None) -> Any:
        return (files.c.conversation == conversation) & (files.c.at >= self.clock() - _WAIT)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
