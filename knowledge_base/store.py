"""Entries in the database, and what changed since a process last looked."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select

from knowledge_base.coverage.closing import settle_within
from knowledge_base.entry import Entry
from knowledge_base.revisions import next_revision
from knowledge_base.synonym_store import synonyms_since
from knowledge_base.synonyms import Synonyms
from knowledge_base.tables import entries, revision
from service.clock import Clock, now
from service.storage import Database, insert_into

Result = TypeVar("Result")

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from an earlier revision.

    Attributes:
        revision: the revision this brings one to.
        put: entries new or changed.
        removed: slugs of entries taken out.
        synonyms: all of them, if any has changed.
    """

    revision: int
    put: tuple[Entry, ...]
    removed: tuple[str, ...]
    synonyms: Synonyms | None = None


class EntryStore:
    """The knowledge base as it is stored."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self.database = database
        self._clock = clock

    def publish_within(self, connection: Connection, changed: Sequence[Entry], at: datetime) -> None:
        """Publish versions that are already numbered, within a transaction."""
        self.publish_at(connection, changed, next_revision(connection), at)

    def remove_within(self, connection: Connection, slugs: Sequence[str], at: datetime) -> int:
        """Publish entries no longer, within a transaction; the new revision of the base."""
        last = next_revision(connection)
        self._remove(connection, slugs, last, at)
        return last

    async def remove(self, slugs: Sequence[str]) -> int:
        """Publish entries no longer; the new revision of the base."""
        return await self.database.write(lambda connection: self.remove_within(connection, slugs, self._clock()))

    def publish_at(self, connection: Connection, batch: Sequence[Entry], last: int, at: datetime) -> None:
        """Publish numbered versions at a revision already taken, within its transaction."""
        put_at(connection, batch, last, at)
        settle_within(connection, batch, at)

    @staticmethod
    def _remove(connection: Connection, slugs: Sequence[str], last: int, at: datetime) -> None:
        statement = entries.update().where(entries.c.slug.in_(slugs))
        connection.execute(statement.values(removed=True, revision=last, changed_at=at))

    async def is_empty(self) -> bool:
        """Whether nothing was ever stored."""
        statement = select(func.count()).select_from(entries)
        return not await self.database.read(lambda connection: connection.scalar(statement))

    async def changes_since(self, known: int) -> Changes | None:
        """What changed after a revision; None when nothing did."""

        def look(connection: Connection) -> tuple[int, Sequence[Row[Any]], Synonyms | None]:
            last = connection.scalar(select(revision.c.last)) or 0
            if last == known:
                return last, (), None
            changed = connection.execute(select(entries).where(entries.c.revision > known)).all()
            return last, changed, synonyms_since(connection, known)

        last, rows, synonyms = await self.database.read(look)
        if last == known:
            return None
        put = tuple(Entry.model_validate_json(row.content) for row in rows if not row.removed)
        # A row may be newer than the revision read before it; the next look finds it again, harmlessly.
        return Changes(last, put, tuple(row.slug for row in rows if row.removed), synonyms)

    async def published(self, slugs: Collection[str]) -> list[Entry]:
        """Those of some entries that are published; ask for a few hundred at most."""
        statement = select(entries.c.content).where(entries.c.slug.in_(slugs), entries.c.removed.is_(False))
        rows = await self.database.read(lambda connection: connection.scalars(statement).all())
        return [Entry.model_validate_json(content) for content in rows]

    async def walk(self, work: Callable[[Iterator[Entry], int], Result]) -> Result:
        """Let a function go through all published entries by their slugs, with few of them in memory at a time.

        Args:
            work: gets the entries and how many there are; it runs in a thread.
        """

        def go(connection: Connection) -> Result:
            published = entries.c.removed.is_(False)
            count = connection.scalar(select(func.count()).select_from(entries).where(published)) or 0
            return work(_pages(connection), count)

        return await self.database.read(go)


def put_at(connection: Connection, batch: Sequence[Entry], last: int, at: datetime) -> None:
    """Have numbered versions told at a revision already taken; what waits for their words is not settled by it."""
    statement = insert_into(connection, entries)
    columns = ("version", "revision", "removed", "content", "changed_at", "review_by")
    statement = statement.on_conflict_do_update(
        index_elements=["slug"], set_={name: statement.excluded[name] for name in columns}
    )
    rows = [
        {
            "slug": entry.slug,
            "version": entry.version,
            "revision": last,
            "removed": False,
            "content": entry.model_dump_json(),
            "changed_at": at,
            "review_by": entry.review_by,
        }
        for entry in batch
    ]
    connection.execute(statement, rows)


def _pages(connection: Connection) -> Iterator[Entry]:
    statement = select(entries.c.slug, entries.c.content).where(entries.c.removed.is_(False))
    statement = statement.order_by(entries.c.slug).limit(_PAGE)
    rows = connection.execute(statement).all()
    while rows:
        for row in rows:
            yield Entry.model_validate_json(row.content)
        rows = connection.execute(statement.where(entries.c.slug > rows[-1].slug)).all()
