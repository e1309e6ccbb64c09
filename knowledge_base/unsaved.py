"""What somebody is typing into an entry's form and has not saved: one row a person and entry. Units of work.

It is theirs alone: nobody else sees it, and nothing of an entry's versions and history changes by it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, Table, Text, delete, select

from service.storage import Moment, insert_into, metadata

unsaved = Table(
    "kb_unsaved",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("slug", String(100), primary_key=True),
    Column("fields", Text, nullable=False),  # as JSON
    Column("seen", String(40), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "person", "at"),
)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A form as it was left.

    Attributes:
        fields: what was typed, by field.
        seen: which draft it was begun with, as the form had it; empty: none.
    """

    slug: str
    fields: Mapping[str, str]
    seen: str
    at: datetime


def unsaved_of(person: str, slug: str) -> Callable[[Connection], Unsaved | None]:
    """A unit of work: what somebody left of an entry; None where nothing is."""
    statement = select(unsaved).where(unsaved.c.person == person, unsaved.c.slug == slug)

    def work(connection: Connection) -> Unsaved | None:
        row = connection.execute(statement).one_or_none()
        return None if row is None else _unsaved(row)

    return work


def unsaved_by(person: str, limit: int) -> Callable[[Connection], list[Unsaved]]:
    """A unit of work: all that somebody left, the newest first."""
    statement = select(unsaved).where(unsaved.c.person == person).order_by(unsaved.c.at.desc()).limit(limit)
    return lambda connection: [_unsaved(row) for row in connection.execute(statement)]


def keep_within(connection: Connection, person: str, kept: Unsaved) -> None:
    """Keep a form as it stands, in place of the one before."""
    values = {"fields": json.dumps(dict(kept.fields), ensure_ascii=False), "seen": kept.seen, "at": kept.at}
    statement = insert_into(connection, unsaved).values(person=person, slug=kept.slug, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person", "slug"], set_=values))


def drop_within(connection: Connection, person: str, slug: str) -> None:
    """It was saved, or is not wanted any more."""
    connection.execute(delete(unsaved).where(unsaved.c.person == person, unsaved.c.slug == slug))


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete what nobody came back to; how many went."""
    return connection.execute(delete(unsaved).where(unsaved.c.at < before)).rowcount


def _unsaved(row: Row[Any]) -> Unsaved:
    return Unsaved(row.slug, json.loads(row.fields), row.seen, row.at)
