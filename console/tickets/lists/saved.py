"""Filters somebody wants to use again, under names of their own. Units of work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    select,
)

from service.storage import Moment, insert_into, metadata

NAME_LIMIT = 20
_QUERY_LIMIT = 500
_MOST = 20

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("person", String(64), nullable=False),
    Column("name", String(NAME_LIMIT), nullable=False),
    Column("query", String(_QUERY_LIMIT), nullable=False),  # what stands behind the ? of the list
    Column("at", Moment, nullable=False),
    UniqueConstraint("person", "name"),
)


class NotSaved(Exception):
    """It cannot be kept; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with a name."""

    id: int
    name: str
    query: str


def saved_by(person: str) -> Callable[[Connection], list[SavedFilter]]:
    """A unit of work: somebody's filters, by name."""
    statement = select(saved_filters).where(saved_filters.c.person == person).order_by(saved_filters.c.name)
    return lambda connection: [SavedFilter(row.id, row.name, row.query) for row in connection.execute(statement)]


def save_within(connection: Connection, person: str, name: str, query: str, at: datetime) -> None:
    """Keep a filter; one of the same name is replaced.

    Raises:
        NotSaved: it has no name or too long a one, or there are too many.
    """
    if not name or len(name) > NAME_LIMIT or len(query) > _QUERY_LIMIT:
        raise NotSaved(f"请给筛选起个名字，最多 {NAME_LIMIT} 个字。")
    theirs = saved_filters.c.person == person
    others = select(func.count()).where(theirs, saved_filters.c.name != name)
    if (connection.scalar(others) or 0) >= _MOST:
        raise NotSaved(f"最多存 {_MOST} 个筛选，请先删掉用不着的。")
    values = {"query": query, "at": at}
    statement = insert_into(connection, saved_filters).values(person=person, name=name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person", "name"], set_=values))


def drop_within(connection: Connection, person: str, number: int) -> None:
    """Forget one of somebody's filters; nothing happens where it is not theirs."""
    these = (saved_filters.c.id == number) & (saved_filters.c.person == person)
    connection.execute(delete(saved_filters).where(these))
