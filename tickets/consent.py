"""What citizens were told of the use of their data, and that they agreed: each wording is kept once, by its digest."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Text, select

from service.storage import Moment, insert_into, metadata

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("digest", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("first_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody agreed that their data is kept.

    Attributes:
        told: the words they answered.
        at: when they did.
    """

    told: str
    at: datetime


def keep_within(connection: Connection, consent: Consent) -> dict[str, str]:
    """Keep what was told, in the transaction that registers the request; what its timeline says of it."""
    digest = hashlib.sha256(consent.told.encode()).hexdigest()[:16]
    kept = insert_into(connection, consent_texts).values(digest=digest, text=consent.told, first_at=consent.at)
    connection.execute(kept.on_conflict_do_nothing())
    return {"told": digest, "at": consent.at.isoformat()}


def told(connection: Connection, digest: str) -> str | None:
    """The wording of a digest."""
    return connection.scalar(select(consent_texts.c.text).where(consent_texts.c.digest == digest))
