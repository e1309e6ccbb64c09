"""What staff are to know: a line for a role, a unit or a person, until one of them has read it.

Lines are written in the transaction that makes them true, and hold nothing personal: what they are about is read
where the right to read it is checked.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from service.identity.roles import Actor
from service.storage import Moment, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("recipient", String(80), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("subject", String(100), nullable=False),  # a ticket's number
    Column("at", Moment, nullable=False, index=True),
    Column("read_at", Moment),
    Column("read_by", String(64)),
)

_unread = inbox.c.read_at.is_(None)
Index("ix_inbox_unread", inbox.c.recipient, inbox.c.id, sqlite_where=_unread, postgresql_where=_unread)

_PUT = insert(inbox)


def to_role(role: str) -> str:
    """Everybody with a role, as a recipient."""
    return f"role:{role}"


def to_unit(code: str) -> str:
    """A unit as a recipient."""
    return f"unit:{code}"


def to_person(name: str) -> str:
    """One member of staff as a recipient."""
    return f"person:{name}"


def recipients_of(actor: Actor) -> list[str]:
    """Under which recipients somebody's lines stand."""
    return [to_person(actor.name), *map(to_unit, sorted(actor.units)), *map(to_role, sorted(actor.roles))]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing staff are to know."""

    id: int
    recipient: str
    kind: str
    subject: str
    at: datetime


def put_within(connection: Connection, recipients: Iterable[str], kind: str, subject: str, at: datetime) -> None:
    """Tell recipients, within the transaction that makes it true."""
    rows = [{"recipient": name, "kind": kind, "subject": subject, "at": at} for name in sorted(set(recipients))]
    if rows:
        connection.execute(_PUT, rows if len(rows) > 1 else rows[0])  # one row is a plain statement, and cheaper


def unread(actor: Actor, limit: int = 100) -> Callable[[Connection], list[Line]]:
    """A unit of work: what somebody has not read yet, the newest first."""
    mine = inbox.c.recipient.in_(recipients_of(actor))
    statement = select(inbox).where(mine, _unread).order_by(inbox.c.id.desc()).limit(limit)
    return lambda connection: [
        Line(row.id, row.recipient, row.kind, row.subject, row.at) for row in connection.execute(statement)
    ]


def read_within(connection: Connection, actor: Actor, lines: Collection[int], at: datetime) -> int:
    """Mark lines as read by one they are meant for; how many were still unread."""
    these = inbox.c.id.in_(lines) & inbox.c.recipient.in_(recipients_of(actor)) & _unread
    return connection.execute(update(inbox).where(these).values(read_at=at, read_by=actor.name)).rowcount


def readdress_within(connection: Connection, recipient: str, heir: str) -> None:
    """Let others have what a recipient has not read yet."""
    connection.execute(update(inbox).where(inbox.c.recipient == recipient, _unread).values(recipient=heir))


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete what was read before a moment; how many lines went."""
    return connection.execute(delete(inbox).where(inbox.c.read_at < before)).rowcount
