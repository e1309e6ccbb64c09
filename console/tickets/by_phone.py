"""The tickets that were made with a phone, found by its keyed hash."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from service.encryption import Cipher
from tickets.records import ticket_of
from tickets.tables import tickets
from tickets.ticket import Ticket


def made_with(cipher: Cipher, phone: str, limit: int) -> Callable[[Connection], list[Ticket]]:
    """A unit of work: the newest of them, as they are; who looks is shown what `tickets.masking` leaves."""
    theirs = tickets.c.requester_phone_hash.in_(cipher.keyed_hashes(phone))
    statement = select(tickets).where(theirs).order_by(tickets.c.id.desc()).limit(limit)
    return lambda connection: [ticket_of(row, cipher) for row in connection.execute(statement)]
