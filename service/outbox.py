"""What people are to be told, kept until it is delivered.

A notice is written in the transaction that makes it true. `channels.delivery` carries it afterwards; what becomes of it
stands here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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
    literal,
    select,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

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
    Column("content", LargeBinary, info={"cipher": "conversations"}),  # what its wording needs: a question
    Column("news", LargeBinary, info={"cipher": "tickets"}),  # what its wording needs: news of a ticket
    Column("phone", LargeBinary, info={"cipher": "tickets"}),  # where it goes instead, as staff said
    Column("created_at", Moment, nullable=False, index=True),
    Column("state", String(12), nullable=False, server_default="waiting"),
    Column("due_at", Moment, nullable=False),  # when somebody has to look at it; a worker that has it moves this on
    Column("holder", String(32)),  # the claim of the worker that has it now
    Column("rung", String(20)),  # the way it is tried by
    Column("rung_since", Moment),
    Column("attempts", Integer, nullable=False),  # by this way, so far
    Column("slot_at", Moment),  # its turn while a service that was down is caught up with
    Column("round", Integer, nullable=False, server_default="0"),  # how often staff have had it tried anew
    Column("failure", Text),  # why it has not arrived, for staff
    Column("sent_at", Moment),
)


def in_state(state: str, table: FromClause = outbox) -> ColumnElement[bool]:
    """That a notice is in a state, written out and no parameter: a plan for any state could not use these indexes."""
    found: ColumnElement[bool] = table.c.state == literal(state, literal_execute=True)
    return found


# What is waiting, and what has come to nothing, is a small part of all there ever was.
_waiting, _undelivered = in_state("waiting"), in_state("undelivered")
for _name, _columns in {
    "waiting": (outbox.c.due_at, outbox.c.id),
    "before": (outbox.c.subject, outbox.c.conversation, outbox.c.id),
}.items():
    Index(f"ix_outbox_{_name}", *_columns, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_outbox_undelivered", outbox.c.id, sqlite_where=_undelivered, postgresql_where=_undelivered)

FAILURE_LIMIT = 300
"""Characters kept of why something failed."""

_PUT = {name: insert(outbox).on_conflict_do_nothing(index_elements=["key"]) for name, insert in INSERTS.items()}


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    NoticeState.WAITING: "等待送出",
    NoticeState.SENT: "已送出",
    NoticeState.UNDELIVERED: "没有送到",
    NoticeState.UNREACHABLE: "没有可用的方式",
    NoticeState.CANCELLED: "已取消",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a citizen.

    Attributes:
        key: says what is told to whom; no two notices have the same.
        conversation: where they asked for it; one that no page belongs to for what came another way.
        content: encrypted with the conversations' key.
        news: encrypted with the tickets' key.
        not_before: when it becomes true; at once if None.
        phone: to which number it goes instead of the ticket's, as staff said; encrypted with the tickets' key.
    """

    key: str
    kind: str
    subject: str
    conversation: str
    channel: str
    content: bytes | None = None
    news: bytes | None = None
    not_before: datetime | None = None
    phone: bytes | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice, and how far it has come.

    Attributes:
        rung: the way it is tried by, since when and how often; None before the first.
        slot_at: its turn while a service that was down is caught up with.
        round: how often staff have had it tried anew.
        failure: why it has not arrived, for staff.
    """

    id: int
    notice: Notice
    state: NoticeState
    created_at: datetime
    due_at: datetime
    rung: str | None
    rung_since: datetime | None
    attempts: int
    slot_at: datetime | None
    round: int
    failure: str | None
    sent_at: datetime | None


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
            "news": notice.news,
            "due_at": max(at, notice.not_before or at),
        }
        | same
        for notice in notices
    ]
    # One row is a plain statement, and cheaper.
    connection.execute(_PUT[connection.dialect.name], rows if len(rows) > 1 else rows[0])


def due(at: datetime, limit: int) -> Callable[[Connection], list[Kept]]:
    """A unit of work: what is to be told by now, the longest waiting first."""
    waits = _waiting & (outbox.c.due_at <= at)
    statement = select(outbox).where(waits).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    return lambda connection: [kept(row) for row in connection.execute(statement)]


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete notices made earlier, delivered or not: nobody waits for them any longer; how many went."""
    return connection.execute(delete(outbox).where(outbox.c.created_at < before)).rowcount


def kept(row: Row[Any]) -> Kept:
    """A row of the table as a value."""
    held = row._mapping
    told = ("key", "kind", "subject", "conversation", "channel", "content", "news", "phone")
    own = ("id", "created_at", "due_at", "rung", "rung_since", "attempts", "slot_at", "round", "failure", "sent_at")
    notice = Notice(**{name: held[name] for name in told})
    return Kept(notice=notice, state=NoticeState(row.state), **{name: held[name] for name in own})
