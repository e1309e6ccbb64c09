"""Versions of what is set about time: which is in force when."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from service.tasks import TaskKind, done_within
from tickets.deadlines.parts import shipped_parts, year_of
from tickets.deadlines.tables import deadline_settings


@dataclass(frozen=True, slots=True)
class SettingsVersion:
    """One version of a part, and who wrote it.

    Attributes:
        version: counted from 1 for each part.
        effective_from: from when it counts, until a version that counts from later on.
    """

    part: str
    version: int
    effective_from: datetime
    content: Any
    at: datetime
    actor: str
    note: str


def years_entered(connection: Connection) -> set[int]:
    """A unit of work: the years whose holidays are known."""
    parts = {*shipped_parts(), *connection.scalars(select(deadline_settings.c.part).distinct())}
    return {year for part in parts if (year := year_of(part))}


def in_force(at: datetime) -> Select[Any]:
    """Of every part the version that counts at a moment: the one that began last, of several the newest."""
    versions = deadline_settings.c
    newest_first = (versions.effective_from.desc(), versions.version.desc())
    place = func.row_number().over(partition_by=versions.part, order_by=newest_first)
    ranked = select(versions.id, place.label("place")).where(versions.effective_from <= at).subquery()
    return select(deadline_settings).join(ranked, versions.id == ranked.c.id).where(ranked.c.place == 1)


def parts_at(connection: Connection, at: datetime) -> dict[str, Any]:
    """The documents in force; a part that was never kept is as the product brings it."""
    return shipped_parts() | {row.part: row.content for row in connection.execute(in_force(at))}


def last_version(connection: Connection, part: str) -> int:
    """The number of the newest version of a part; 0 when there is none."""
    newest = select(func.max(deadline_settings.c.version)).where(deadline_settings.c.part == part)
    return connection.scalar(newest) or 0


def add_version(connection: Connection, written: SettingsVersion) -> None:
    """Keep a version; that of a year settles the task to enter it."""
    connection.execute(insert(deadline_settings).values(asdict(written)))
    if year := year_of(written.part):
        done_within(connection, (TaskKind.HOLIDAYS,), (str(year),), written.at)


def version_of(row: Row[Any]) -> SettingsVersion:
    """The version a row keeps."""
    return SettingsVersion(*(getattr(row, field.name) for field in fields(SettingsVersion)))
