"""Signatures as stored, so that a start does not read a single text. Units of work on a connection."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Table,
    delete,
    select,
    update,
)

from service.encryption import Cipher
from service.storage import Moment, insert_into, metadata
from tickets.similar.index import MOST_TICKETS, SimilarIndex
from tickets.similar.signature import Signature
from tickets.tables import tickets

PURPOSE = "ticket signatures"
"""The purpose of the cipher they are encrypted with."""

signatures = Table(
    "ticket_signatures",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("topic", BigInteger().with_variant(Integer, "sqlite"), nullable=False, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False, info={"cipher": PURPOSE}),  # after eight bytes of no meaning
)

_PERSON_BYTES = 8
_HEAD = bytes(_PERSON_BYTES)  # where earlier versions kept whose it is, by a key that may be gone


def person_of(phone_hash: str | None) -> int:
    """The number by which a person is known to the index, from the keyed hash of their phone; 0 for nobody."""
    return 0 if phone_hash is None else int(phone_hash[: 2 * _PERSON_BYTES], 16)


def put_within(
    connection: Connection,
    cipher: Cipher,
    ticket: int,
    signature: Signature,
    *,
    topic: int,
    at: datetime,
) -> None:
    """Keep a ticket's signature, in the transaction that opens it. One that is there is left as it is."""
    content = cipher.encrypt(_HEAD + signature.pack())
    row = {"ticket_id": ticket, "topic": topic, "at": at, "content": content}
    connection.execute(
        insert_into(connection, signatures).values(row).on_conflict_do_nothing(index_elements=["ticket_id"])
    )


def forget_within(connection: Connection, ticket: int) -> None:
    """Drop a ticket's signature, as when the ticket itself is forgotten."""
    connection.execute(delete(signatures).where(signatures.c.ticket_id == ticket))


def signature_of(cipher: Cipher, row: Row[Any]) -> Signature:
    """The signature in a row."""
    return Signature.unpack(cipher.decrypt(row.content)[_PERSON_BYTES:])


def topics(connection: Connection, most: int) -> dict[int, int]:
    """The topics of the newest tickets: ticket → topic."""
    newest = select(signatures.c.ticket_id, signatures.c.topic).order_by(signatures.c.ticket_id.desc()).limit(most)
    return {row.ticket_id: row.topic for row in connection.execute(newest)}


def regroup_within(connection: Connection, topics: Mapping[int, int]) -> None:
    """Write the topics of tickets anew: ticket → topic."""
    for ticket, topic in topics.items():
        connection.execute(update(signatures).where(signatures.c.ticket_id == ticket).values(topic=topic))


def fill(
    index: SimilarIndex, cipher: Cipher, *, after: int = 0, most: int = MOST_TICKETS
) -> Callable[[Connection], int]:
    """A unit of work: bring the newest signatures into an index, the oldest of them first; how many.

    Args:
        after: only tickets with a larger number, as when another process opened some. A transaction may commit later
            than one with a larger number: go back a few, what is known already is left as it is.
    """

    def work(connection: Connection) -> int:
        later = select(signatures.c.ticket_id).where(signatures.c.ticket_id > after)
        newest = later.order_by(signatures.c.ticket_id.desc()).limit(most).subquery()
        these = select(signatures, tickets.c.requester_phone_hash)
        these = these.join(newest, newest.c.ticket_id == signatures.c.ticket_id)
        these = these.join(tickets, tickets.c.id == signatures.c.ticket_id)
        done = 0
        for done, row in enumerate(connection.execute(these.order_by(signatures.c.ticket_id)), 1):  # noqa: B007
            person = person_of(row.requester_phone_hash)
            index.add(row.ticket_id, signature_of(cipher, row), group=row.topic, person=person)
        return done

    return work
