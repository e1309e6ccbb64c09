"""What must be answered for later: who looked at personal data, exported it, or gave out a key, and why.

A line is written in the transaction that gives what it tells of, so nothing is given unrecorded. Lines are never
changed, and hold no personal data themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Index, Integer, String, Table, insert, select

from service.storage import Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("deed", String(30), nullable=False),
    Column("subject", String(100), nullable=False),  # a ticket's number, a file's or key's name
    Column("reason", String(500), nullable=False),
    Column("details", JSON),
)
Index(None, audit.c.subject, audit.c.id)

REASON_LIMIT = 500


class Deed(StrEnum):
    """What is recorded."""

    LOOK = "look"
    EXPORT = "export"
    IMPORT = "import"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that was done.

    Attributes:
        reason: why, as the one who did it gave it.
        details: counts and the like, nothing personal.
    """

    at: datetime
    actor: str
    deed: Deed
    subject: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def record_within(connection: Connection, done: Recorded) -> None:
    """Keep what was done, within the transaction that does it."""
    values = {
        "at": done.at,
        "actor": done.actor,
        "deed": done.deed,
        "subject": done.subject,
        "reason": done.reason,
        "details": dict(done.details) or None,
    }
    connection.execute(insert(audit).values(values))


def recorded_of(subject: str) -> Callable[[Connection], list[Recorded]]:
    """A unit of work: what was done with a subject, oldest first."""
    statement = select(audit).where(audit.c.subject == subject).order_by(audit.c.id)
    return lambda connection: [
        Recorded(row.at, row.actor, Deed(row.deed), row.subject, row.reason, row.details or {})
        for row in connection.execute(statement)
    ]
