"""What people are to be told, kept until it is delivered.

A notice is written in the transaction that makes it true, and delivered afterwards by its channel, at least once.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    delete,
    select,
    update,
)

from service.storage import INSERTS, Moment, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),  # the same key is told once, however often it is put
    Column("kind", String(30), nullable=False),
    Column("subject", String(100), nullable=False),  # what it is about: an entry's slug, a ticket's number
    Column("conversation", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("content", LargeBinary, info={"cipher": "conversations"}),  # what its wording needs
    Column("created_at", Moment, nullable=False, index=True),
    Column("due_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("failure", Text),  # why the last attempt failed
)

Index(
    "ix_outbox_waiting",
    outbox.c.due_at,
    sqlite_where=outbox.c.sent_at.is_(None),
    postgresql_where=outbox.c.sent_at.is_(None),
)

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_FAILURE_LIMIT = 300
_PUT = {name: insert(outbox).on_conflict_do_nothing(index_elements=["key"]) for name, insert in INSERTS.items()}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell in a conversation.

    Attributes:
        key: says what is told to whom; no two notices have the same.
        content: encrypted with the conversations' key.
        not_before: when it becomes true; at once if None.
    """

    key: str
    kind: str
    subject: str
    conversation: str
    channel: str
    content: bytes | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due."""

    id: int
    notice: Notice
    attempts: int


def put_within(connection: Connection, notices: Collection[Notice], at: datetime) -> None:
    """Keep notices for delivery, within the transaction that makes them true. Those already kept stay as they are."""
    if not notices:
        return
    same: dict[str, Any] = {"created_at": at, "attempts": 0}
    rows = [
        {
            "key": notice.key,
            "kind": notice.kind,
            "subject": notice.subject,
            "conversation": notice.conversation,
            "channel": notice.channel,
            "content": notice.content,
            "due_at": max(at, notice.not_before or at),
        }
        | same
        for notice in notices
    ]
    # One row is a plain statement, and cheaper.
    connection.execute(_PUT[connection.dialect.name], rows if len(rows) > 1 else rows[0])


def due(channels: Collection[str], at: datetime, limit: int) -> Callable[[Connection], list[Waiting]]:
    """A unit of work: what these channels should deliver now, the longest waiting first."""
    statement = (
        select(outbox)
        .where(outbox.c.sent_at.is_(None), outbox.c.due_at <= at, outbox.c.channel.in_(channels))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
    )
    return lambda connection: [_waiting(row) for row in connection.execute(statement)]


def sent_within(connection: Connection, waiting: Waiting, at: datetime) -> bool:
    """Mark a notice as delivered; False when another process was first."""
    this = (outbox.c.id == waiting.id) & outbox.c.sent_at.is_(None)
    values = {"sent_at": at, "attempts": outbox.c.attempts + 1, "failure": None}
    return connection.execute(update(outbox).where(this).values(values)).rowcount == 1


def failed_within(connection: Connection, waiting: Waiting, failure: str, at: datetime) -> None:
    """Keep why a delivery failed, and try again later: after a minute, then ever more slowly, up to six hours."""
    pause = min(_FIRST_PAUSE * 2 ** min(waiting.attempts, 16), _LONGEST_PAUSE)
    values = {"attempts": outbox.c.attempts + 1, "failure": failure[:_FAILURE_LIMIT], "due_at": at + pause}
    connection.execute(update(outbox).where(outbox.c.id == waiting.id, outbox.c.sent_at.is_(None)).values(values))


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete notices made earlier, delivered or not: nobody waits for them any longer; how many went."""
    return connection.execute(delete(outbox).where(outbox.c.created_at < before)).rowcount


def _waiting(row: Row[Any]) -> Waiting:
    notice = Notice(row.key, row.kind, row.subject, row.conversation, row.channel, row.content)
    return Waiting(row.id, notice, row.attempts)
