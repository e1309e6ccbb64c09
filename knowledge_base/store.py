"""Entries in the database, and what changed since a process last looked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, ScalarSelect, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from knowledge_base.coverage.closing import settle_within
from knowledge_base.entry import Entry
from knowledge_base.revisions import next_revision
from knowledge_base.synonym_store import synonyms_since
from knowledge_base.synonyms import Synonyms
from knowledge_base.tables import entries, history, revision, versions
from knowledge_base.versions import VersionState
from service.clock import Clock, now
from service.storage import Database

Vector = np.ndarray[Any, np.dtype[np.float32]]

_BATCH = 500
_SHOWN = 5


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


class UndoRefused(Exception):
    """The import cannot be taken back; the message says why, in Chinese."""


class EntryStore:
    """The knowledge base as it is stored."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock
        self._dialect = sqlite if database.is_sqlite else postgresql

    async def put(self, changed: Iterable[Entry], *, actor: str = "import") -> int:
        """Publish entries without review, each as the next version of its slug; the new revision of the base.

        For the first content and for an operator's import. What staff write goes through `lifecycle`.
        The revision is also the batch by which all of it can be undone.
        """
        changed = list(changed)

        def store(connection: Connection) -> int:
            at = self._clock()
            last = next_revision(connection)
            for start in range(0, len(changed), _BATCH):
                numbered = self._number(connection, changed[start : start + _BATCH], actor, last, at)
                self._publish(connection, numbered, last, at)
            return last

        return await self._database.write(store)

    def publish_within(self, connection: Connection, changed: Sequence[Entry], at: datetime) -> None:
        """Publish versions that are already numbered, within a transaction."""
        self._publish(connection, changed, next_revision(connection), at)

    def remove_within(self, connection: Connection, slugs: Sequence[str], at: datetime) -> int:
        """Publish entries no longer, within a transaction; the new revision of the base."""
        last = next_revision(connection)
        self._remove(connection, slugs, last, at)
        return last

    async def remove(self, slugs: Sequence[str]) -> int:
        """Publish entries no longer; the new revision of the base."""
        return await self._database.write(lambda connection: self.remove_within(connection, slugs, self._clock()))

    @staticmethod
    def _number(
        connection: Connection, batch: Sequence[Entry], actor: str, new_revision: int, at: datetime
    ) -> list[Entry]:
        slugs = [entry.slug for entry in batch]
        these = versions.c.slug.in_(slugs)
        newest = (
            select(versions.c.slug, func.max(versions.c.number).label("newest")).where(these).group_by(versions.c.slug)
        )
        last = {row.slug: row.newest for row in connection.execute(newest)}
        published = these & (versions.c.state == VersionState.PUBLISHED)
        connection.execute(update(versions).where(published).values(state=VersionState.SUPERSEDED, changed_at=at))
        numbered = [entry.model_copy(update={"version": last.get(entry.slug, 0) + 1}) for entry in batch]
        same = {"author": actor, "state": VersionState.PUBLISHED, "created_at": at, "changed_at": at}
        rows = [{"slug": entry.slug, "number": entry.version, "content": entry.model_dump_json()} for entry in numbered]
        connection.execute(insert(versions), [row | same for row in rows])
        did = {"at": at, "actor": actor, "verb": "import", "batch": new_revision}
        told = [{"slug": entry.slug, "number": entry.version} | did for entry in numbered]
        connection.execute(insert(history), told)
        return numbered

    def _publish(self, connection: Connection, batch: Sequence[Entry], last: int, at: datetime) -> None:
        statement = self._dialect.insert(entries)
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
        settle_within(connection, batch, at)

    @staticmethod
    def _remove(connection: Connection, slugs: Sequence[str], last: int, at: datetime) -> None:
        statement = entries.update().where(entries.c.slug.in_(slugs))
        connection.execute(statement.values(removed=True, revision=last, changed_at=at))

    async def undo(self, batch: int, *, actor: str = "import") -> int:
        """Take back an import: what it changed is published as before, what it added no longer; how many entries.

        Raises:
            UndoRefused: there was no such import, or an entry has changed since; nothing is undone.
        """

        def take_back(connection: Connection) -> int:
            at = self._clock()
            last = next_revision(connection)  # first: whoever else publishes waits
            by_it = (history.c.batch == batch) & (history.c.verb == "import")
            rows = connection.execute(select(history.c.slug, history.c.number).where(by_it))
            imported: list[tuple[str, int]] = [(row.slug, row.number) for row in rows]
            if not imported:
                raise UndoRefused(f"没有编号为 {batch} 的导入。")
            self._check_unchanged(connection, imported)
            before: list[Entry] = []
            for slug, number in imported:
                before += self._step_back(connection, slug, number, at)
            did = {"at": at, "actor": actor, "verb": "undo", "batch": batch}
            connection.execute(insert(history), [{"slug": slug, "number": number} | did for slug, number in imported])
            again = {entry.slug for entry in before}
            gone = [slug for slug, _ in imported if slug not in again]
            for start in range(0, len(before), _BATCH):
                self._publish(connection, before[start : start + _BATCH], last, at)
            for start in range(0, len(gone), _BATCH):
                self._remove(connection, gone[start : start + _BATCH], last, at)
            return len(imported)

        return await self._database.write(take_back)

    @staticmethod
    def _check_unchanged(connection: Connection, imported: Sequence[tuple[str, int]]) -> None:
        changed = []
        for start in range(0, len(imported), _BATCH):
            numbers = dict(imported[start : start + _BATCH])
            published = (versions.c.state == VersionState.PUBLISHED) & versions.c.slug.in_(numbers)
            now_published = {
                row.slug: row.number
                for row in connection.execute(select(versions.c.slug, versions.c.number).where(published))
            }
            changed += [slug for slug, number in numbers.items() if now_published.get(slug) != number]
        if changed:
            shown = "、".join(sorted(changed)[:_SHOWN])
            raise UndoRefused(f"有 {len(changed)} 条后来又改过（{shown}），没有撤销。请逐条处理。")

    @staticmethod
    def _step_back(connection: Connection, slug: str, number: int, at: datetime) -> list[Entry]:
        """Publish the version before, if there was one; it, or nothing."""
        this = (versions.c.slug == slug) & (versions.c.number == number)
        connection.execute(update(versions).where(this).values(state=VersionState.WITHDRAWN, changed_at=at))
        superseded = (versions.c.slug == slug) & (versions.c.state == VersionState.SUPERSEDED)
        last = select(versions.c.id, versions.c.content).where(
            superseded, versions.c.changed_at == _put_at(slug, number)
        )
        row = connection.execute(last.order_by(versions.c.number.desc()).limit(1)).one_or_none()
        if row is None:
            return []
        values = {"state": VersionState.PUBLISHED, "changed_at": at}
        connection.execute(update(versions).where(versions.c.id == row.id).values(values))
        return [Entry.model_validate_json(row.content)]

    async def is_empty(self) -> bool:
        """Whether nothing was ever stored."""
        statement = select(func.count()).select_from(entries)
        return not await self._database.read(lambda connection: connection.scalar(statement))

    async def changes_since(self, known: int) -> Changes | None:
        """What changed after a revision; None when nothing did."""

        def look(connection: Connection) -> tuple[int, Sequence[Row[Any]], Synonyms | None]:
            last = connection.scalar(select(revision.c.last)) or 0
            if last == known:
                return last, (), None
            changed = connection.execute(select(entries).where(entries.c.revision > known)).all()
            return last, changed, synonyms_since(connection, known)

        last, rows, synonyms = await self._database.read(look)
        if last == known:
            return None
        put = tuple(Entry.model_validate_json(row.content) for row in rows if not row.removed)
        # A row may be newer than the revision read before it; the next look finds it again, harmlessly.
        return Changes(last, put, tuple(row.slug for row in rows if row.removed), synonyms)


def _put_at(slug: str, number: int) -> ScalarSelect[Any]:
    """When a version was imported: what it took the place of changed at that moment."""
    this = (versions.c.slug == slug) & (versions.c.number == number)
    return select(versions.c.created_at).where(this).scalar_subquery()
