"""Imports: entries published from a file without review, as one step that can be taken back as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Subquery, func, insert, literal, select, update

from knowledge_base.entry import Entry
from knowledge_base.preview import Preview, preview
from knowledge_base.store import EntryStore
from knowledge_base.tables import entries, history, versions
from knowledge_base.versions import VersionState
from service.clock import Clock, now
from service.storage import Database

_BATCH = 500
_SHOWN = 5

Share = Callable[[float], object]
"""Is told how much of the work is done, from 0 to 1."""


class UndoRefused(Exception):
    """The import cannot be taken back; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class EntryImports:
    """Imports into the published base."""

    database: Database
    store: EntryStore
    clock: Clock = now

    async def preview(self, read: Sequence[Entry], progress: Share = lambda share: None) -> Preview:
        """What would become of each entry of a file."""
        parts = []
        for start in range(0, len(read), _BATCH):
            batch = read[start : start + _BATCH]
            parts.append(preview(await self.store.published([entry.slug for entry in batch]), batch))
            progress((start + len(batch)) / len(read))
        return Preview.joined(parts)

    async def put(
        self, changed: Sequence[Entry], *, actor: str = "import", progress: Share = lambda share: None
    ) -> int:
        """Publish entries without review, each as the next version of its slug; the new revision of the base.

        For the first content and for an operator's import. What staff write goes through `lifecycle`.
        The revision is also the batch by which all of it can be undone.
        """

        def publish(connection: Connection) -> int:
            at = self.clock()
            last = self.store.next_revision(connection)
            for start in range(0, len(changed), _BATCH):
                _number(connection, changed[start : start + _BATCH], actor, last, at)
                progress(min((start + _BATCH) / len(changed), 1.0))
            imported = _imported(last)
            these = (versions.c.slug == imported.c.slug) & (versions.c.number == imported.c.number)
            chosen = select(versions.c.slug, versions.c.number, versions.c.content).where(these)
            self.store.publish_selected(connection, chosen, last, at)
            return last

        return await self.database.write(publish)

    async def undo(self, batch: int, *, actor: str = "import") -> int:
        """Take back an import: what it changed is published as before, what it added no longer; how many entries.

        A handful of statements, however many entries it had.

        Raises:
            UndoRefused: there was no such import, or an entry has changed since; nothing is undone.
        """

        def take_back(connection: Connection) -> int:
            at = self.clock()
            last = self.store.next_revision(connection)  # first: whoever else publishes waits
            imported = _imported(batch)
            count = connection.scalar(select(func.count()).select_from(imported)) or 0
            if not count:
                raise UndoRefused(f"没有编号为 {batch} 的导入。")
            _check_unchanged(connection, imported)
            before = _taken_over(imported)
            told_again = {"version": before.c.number, "content": before.c.content, "removed": False}
            changed = {"revision": last, "changed_at": at}
            connection.execute(update(entries).where(entries.c.slug == before.c.slug).values(**told_again, **changed))
            added = entries.c.slug.in_(select(imported.c.slug)) & (entries.c.revision != last)
            connection.execute(update(entries).where(added).values(removed=True, **changed))
            _step_back(connection, imported, before, at)
            did = [literal(at, history.c.at.type), literal(actor), literal("undo"), literal(batch)]
            undone = select(imported.c.slug, imported.c.number, *did)
            connection.execute(insert(history).from_select(["slug", "number", "at", "actor", "verb", "batch"], undone))
            return count

        return await self.database.write(take_back)


def _number(connection: Connection, batch: Sequence[Entry], actor: str, revision: int, at: datetime) -> None:
    """Write entries as the next versions of their slugs, published."""
    these = versions.c.slug.in_([entry.slug for entry in batch])
    there = connection.execute(
        select(versions.c.id, versions.c.slug, versions.c.number, versions.c.state).where(these)
    ).all()
    last: dict[str, int] = {}
    for row in there:
        last[row.slug] = max(row.number, last.get(row.slug, 0))
    # By id: asked for slugs and the state, SQLite would go through all that is published.
    ids = [row.id for row in there if row.state == VersionState.PUBLISHED]
    published = versions.c.id.in_(ids)
    connection.execute(update(versions).where(published).values(state=VersionState.SUPERSEDED, changed_at=at))
    numbered = [entry.model_copy(update={"version": last.get(entry.slug, 0) + 1}) for entry in batch]
    same = {"author": actor, "state": VersionState.PUBLISHED, "created_at": at, "changed_at": at}
    rows = [{"slug": entry.slug, "number": entry.version, "content": entry.model_dump_json()} for entry in numbered]
    connection.execute(insert(versions), [row | same for row in rows])
    did = {"at": at, "actor": actor, "verb": "import", "batch": revision}
    connection.execute(insert(history), [{"slug": e.slug, "number": e.version} | did for e in numbered])


def _imported(batch: int) -> Subquery:
    """The versions an import made, and when."""
    by_it = (history.c.batch == batch) & (history.c.verb == "import")
    return select(history.c.slug, history.c.number, history.c.at).where(by_it).subquery("imported")


def _taken_over(imported: Subquery) -> Subquery:
    """The versions whose place an import took: superseded at its moment, the newest of each slug."""
    superseded = (
        (versions.c.slug == imported.c.slug)
        & (versions.c.number < imported.c.number)
        & (versions.c.state == VersionState.SUPERSEDED)
        & (versions.c.changed_at == imported.c.at)
    )
    newest = select(versions.c.slug, func.max(versions.c.number).label("number")).join(imported, superseded)
    newest_of_each = newest.group_by(versions.c.slug).subquery("newest")
    this = (versions.c.slug == newest_of_each.c.slug) & (versions.c.number == newest_of_each.c.number)
    found = select(versions.c.id, versions.c.slug, versions.c.number, versions.c.content)
    return found.join(newest_of_each, this).subquery("before")


def _check_unchanged(connection: Connection, imported: Subquery) -> None:
    still = (
        (versions.c.slug == imported.c.slug)
        & (versions.c.number == imported.c.number)
        & (versions.c.state == VersionState.PUBLISHED)
    )
    changed = select(imported.c.slug).outerjoin(versions, still).where(versions.c.id.is_(None))
    count = connection.scalar(select(func.count()).select_from(changed.subquery()))
    if count:
        shown = "、".join(connection.scalars(changed.order_by(imported.c.slug).limit(_SHOWN)))
        raise UndoRefused(f"有 {count} 条后来又改过（{shown}），没有撤销。请逐条处理。")


def _step_back(connection: Connection, imported: Subquery, before: Subquery, at: datetime) -> None:
    """Withdraw what was imported and publish what was there before it."""
    ids = connection.scalars(select(before.c.id)).all()  # read first: what follows changes which they are
    this = (versions.c.slug == imported.c.slug) & (versions.c.number == imported.c.number)
    connection.execute(update(versions).where(this).values(state=VersionState.WITHDRAWN, changed_at=at))
    for start in range(0, len(ids), _BATCH):
        these = versions.c.id.in_(ids[start : start + _BATCH])
        connection.execute(update(versions).where(these).values(state=VersionState.PUBLISHED, changed_at=at))
