"""What the last look at the services outside has found: kept, so that every process can show it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, String, Table, delete, insert, select

from service.finding import Finding
from service.storage import Moment, metadata

checkups = Table(
    "checkups",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("findings", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Checkup:
    """A look at the services outside."""

    at: datetime
    by: str
    findings: tuple[Finding, ...]


def keep_within(connection: Connection, checkup: Checkup) -> None:
    """Keep what was found; what was found before counts no more."""
    connection.execute(delete(checkups))
    findings = [finding.as_dict() for finding in checkup.findings]
    connection.execute(insert(checkups).values(at=checkup.at, by=checkup.by, findings=findings))


def last_checkup(connection: Connection) -> Checkup | None:
    """A unit of work: the last look, if there was any."""
    row = connection.execute(select(checkups).order_by(checkups.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else Checkup(row.at, row.by, tuple(Finding(**each) for each in row.findings))
