"""Versions of what is set: which is in force when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from service.kept.tables import kept_settings

_COLUMNS = kept_settings.c


@dataclass(frozen=True, slots=True)
class SettingsVersion:
    """One version of a part, and who wrote it.

    Attributes:
        kind: what kind of settings the part belongs to, see `service.kept.kind`.
        version: counted from 1 for each part.
        effective_from: from when it counts, until a version that counts from later on.
        content: None: as the product brings it.
        withdrawn_at: when it was taken back before it counted; None for nearly all.
    """

    kind: str
    part: str
    version: int
    effective_from: datetime
    content: Any
    at: datetime
    actor: str
    note: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    def is_coming(self, at: datetime) -> bool:
        """Whether it will count, and does not yet."""
        return self.withdrawn_at is None and self.effective_from > at


_FIELDS = tuple(SettingsVersion.__dataclass_fields__)


def in_force(kind: str, at: datetime) -> Select[Any]:
    """Of every part the version that counts at a moment: the one that began last, of several the newest."""
    newest_first = (_COLUMNS.effective_from.desc(), _COLUMNS.version.desc())
    place = func.row_number().over(partition_by=_COLUMNS.part, order_by=newest_first)
    counting = (_COLUMNS.kind == kind, _COLUMNS.effective_from <= at, _COLUMNS.withdrawn_at.is_(None))
    ranked = select(_COLUMNS.id, place.label("place")).where(*counting).subquery()
    return select(kept_settings).join(ranked, _COLUMNS.id == ranked.c.id).where(ranked.c.place == 1)


def contents_at(connection: Connection, kind: str, at: datetime) -> dict[str, Any]:
    """The contents in force by part, without those that are as the product brings them."""
    rows = connection.execute(in_force(kind, at))
    return {row.part: row.content for row in rows if row.content is not None}


def moments_after(connection: Connection, kind: str, at: datetime) -> Sequence[datetime]:
    """When something will change by itself, the next first."""
    moments = select(_COLUMNS.effective_from).where(
        _COLUMNS.kind == kind, _COLUMNS.effective_from > at, _COLUMNS.withdrawn_at.is_(None)
    )
    return connection.scalars(moments.distinct().order_by(_COLUMNS.effective_from)).all()


def last_version(connection: Connection, kind: str, part: str) -> int:
    """The number of the newest version of a part; 0 when there is none."""
    newest = select(func.max(_COLUMNS.version)).where(_COLUMNS.kind == kind, _COLUMNS.part == part)
    return connection.scalar(newest) or 0


def last_revision(connection: Connection) -> int:
    """How often anything was changed; 0 before the first time."""
    newest: int | None = connection.scalar(select(func.max(_COLUMNS.revision)))
    return newest or 0


def add_version(connection: Connection, written: SettingsVersion) -> None:
    """Keep a version; the caller holds `kept_settings`."""
    values = {name: getattr(written, name) for name in _FIELDS}
    connection.execute(insert(kept_settings).values(values | {"revision": last_revision(connection) + 1}))


def versions(kind: str, part: str) -> Callable[[Connection], list[SettingsVersion]]:
    """A unit of work: every version of a part, the newest first."""
    of_part = select(kept_settings).where(_COLUMNS.kind == kind, _COLUMNS.part == part)
    return lambda connection: _all(connection, of_part.order_by(_COLUMNS.version.desc()))


def coming(at: datetime, kind: str = "") -> Callable[[Connection], list[SettingsVersion]]:
    """A unit of work: what will count later, the next first; of every kind when none is named."""
    waiting = select(kept_settings).where(_COLUMNS.effective_from > at, _COLUMNS.withdrawn_at.is_(None))
    if kind:
        waiting = waiting.where(_COLUMNS.kind == kind)
    return lambda connection: _all(connection, waiting.order_by(_COLUMNS.effective_from, _COLUMNS.id))


def latest(limit: int, kind: str = "") -> Callable[[Connection], list[SettingsVersion]]:
    """A unit of work: what was changed last, the newest first."""
    newest = select(kept_settings).order_by(_COLUMNS.id.desc()).limit(limit)
    if kind:
        newest = newest.where(_COLUMNS.kind == kind)
    return lambda connection: _all(connection, newest)


def _all(connection: Connection, statement: Select[Any]) -> list[SettingsVersion]:
    return [version_of(row) for row in connection.execute(statement)]


def version_of(row: Row[Any]) -> SettingsVersion:
    """The version a row keeps."""
    return SettingsVersion(*(getattr(row, name) for name in _FIELDS))
