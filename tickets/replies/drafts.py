"""What staff have begun to write to a citizen and not sent yet, kept for whoever writes it. Units of work."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, PrimaryKeyConstraint, String, Table, delete, select

from service.encryption import Cipher
from service.storage import Moment, insert_into, metadata

drafts = Table(
    "reply_drafts",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("text", LargeBinary, nullable=False, info={"cipher": "tickets"}),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("ticket_id", "person"),
)


def draft_of(ticket_id: int, person: str, cipher: Cipher) -> Callable[[Connection], str]:
    """A unit of work: what somebody has written so far for a ticket; empty where nothing is."""
    statement = select(drafts.c.text).where(drafts.c.ticket_id == ticket_id, drafts.c.person == person)
    return lambda connection: cipher.decrypt_text(connection.execute(statement).scalar_one_or_none()) or ""


def keep_within(connection: Connection, cipher: Cipher, ticket_id: int, person: str, text: str, at: datetime) -> None:
    """Keep what somebody has written so far in place of what they had; nothing is kept of nothing."""
    if not text.strip():
        drop_within(connection, ticket_id, person)
        return
    values = {"text": cipher.encrypt_text(text), "at": at}
    statement = insert_into(connection, drafts).values(ticket_id=ticket_id, person=person, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["ticket_id", "person"], set_=values))


def drop_within(connection: Connection, ticket_id: int, person: str) -> None:
    """It was sent, or is not wanted any more."""
    connection.execute(delete(drafts).where(drafts.c.ticket_id == ticket_id, drafts.c.person == person))
