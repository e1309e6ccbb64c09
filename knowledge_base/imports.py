"""Imports: entries published from a file as one step that can be taken back as a whole."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from knowledge_base.entry import Entry
from knowledge_base.preview import Preview, preview
from knowledge_base.revisions import next_revision
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
class _Step:
    """An imported version that is taken back, by number and id, and the id of the one whose place it took."""

    slug: str
    number: int
    imported: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """An imported entry that an undo leaves as it is, and why, in Chinese."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would do.

    Attributes:
        entries: how many are as they were before the import.
        left: those that somebody has changed since.
    """

    entries: int
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class EntryImports:
    """Imports into the published base."""

    database: Database
    store: EntryStore
    clock: Clock = now

    async def preview(
        self, read: Sequence[Entry], progress: Share = lambda share: None, silent: Collection[str] = frozenset()
    ) -> Preview:
        """What would become of each entry of a file.

        Args:
            silent: fields of which the file says nothing; they stay as they are.
        """
        parts = []
        for start in range(0, len(read), _BATCH):
            batch = read[start : start + _BATCH]
            there = await self.store.published([entry.slug for entry in batch])
            parts.append(preview(there, batch, silent))
            progress((start + len(batch)) / len(read))
        return Preview.joined(parts)

    async def put(
        self, changed: Sequence[Entry], *, actor: str = "import", progress: Share = lambda share: None
    ) -> int:
        """Publish entries without review, each as the next version of its slug; the new revision of the base.

        For the first content and for an operator's import. What staff take in goes through `import_reviews`.
        The revision is also the batch by which all of it can be undone.
        """

        def publish(connection: Connection) -> int:
            last = next_revision(connection)
            self.put_at(connection, changed, last, actor=actor, progress=progress)
            return last

        return await self.database.write(publish)

    def put_at(
        self,
        connection: Connection,
        changed: Sequence[Entry],
        last: int,
        *,
        actor: str,
        reviewer: str | None = None,
        progress: Share = lambda share: None,
    ) -> None:
        """Publish entries at a revision already taken, within its transaction; see `put`."""
        at = self.clock()
        for start in range(0, len(changed), _BATCH):
            numbered = _number(connection, changed[start : start + _BATCH], (actor, reviewer), last, at)
            self.store.publish_at(connection, numbered, last, at)
            progress(min((start + _BATCH) / len(changed), 1.0))

    async def preview_undo(self, batch: int) -> Undone:
        """What would become of an import if it were taken back.

        Raises:
            UndoRefused: there was no such import.
        """

        def look(connection: Connection) -> Undone:
            steps, left = _steps_back(connection, _imported(connection, batch))
            return Undone(len(steps), left)

        return await self.database.read(look)

    async def undo(self, batch: int, *, actor: str = "import") -> Undone:
        """Take back an import: what it changed is published as before, what it added no longer.

        A few statements for five hundred entries.

        Raises:
            UndoRefused: there was no such import, or an entry has changed since; nothing is undone.
        """

        def take_back(connection: Connection) -> Undone:
            last = next_revision(connection)  # first: whoever else publishes waits
            steps, left = _steps_back(connection, _imported(connection, batch))
            if left:
                shown = "\n".join(f"  {one.slug}：{one.why}" for one in left[:_SHOWN])
                more = f"\n  还有 {len(left) - _SHOWN} 条。" if len(left) > _SHOWN else ""
                rest = f"\n要留下这些、撤销其余 {len(steps)} 条：liaotianban kb undo {batch} --rest" if steps else ""
                raise UndoRefused(f"有 {len(left)} 条后来又改过，所以一条都没有撤销：\n{shown}{more}{rest}")
            return self._take_back(connection, batch, steps, left, last, actor)

        return await self.database.write(take_back)

    async def undo_rest(self, batch: int, *, actor: str = "import") -> Undone:
        """Take back what nobody has changed since; the others stay as they are.

        Raises:
            UndoRefused: there was no such import.
        """

        def take_back(connection: Connection) -> Undone:
            last = next_revision(connection)  # first: whoever else publishes waits
            steps, left = _steps_back(connection, _imported(connection, batch))
            return self._take_back(connection, batch, steps, left, last, actor)

        return await self.database.write(take_back)

    def _take_back(
        self, connection: Connection, batch: int, steps: Sequence[_Step], left: tuple[Left, ...], last: int, actor: str
    ) -> Undone:
        at = self.clock()
        for start in range(0, len(steps), _BATCH):
            self._step_back(connection, steps[start : start + _BATCH], last, at)
        did = {"at": at, "actor": actor, "verb": "undo", "batch": batch}
        rows = [{"slug": step.slug, "number": step.number} | did for step in steps]
        if rows:
            connection.execute(insert(history), rows)
        return Undone(len(steps), left)

    def _step_back(self, connection: Connection, steps: Sequence[_Step], last: int, at: datetime) -> None:
        """Withdraw what was imported and publish what was there before it."""
        imported = versions.c.id.in_([step.imported for step in steps])
        connection.execute(update(versions).where(imported).values(state=VersionState.WITHDRAWN, changed_at=at))
        again = versions.c.id.in_([step.before for step in steps if step.before is not None])
        connection.execute(update(versions).where(again).values(state=VersionState.PUBLISHED, changed_at=at))
        before = [Entry.model_validate_json(row) for row in connection.scalars(select(versions.c.content).where(again))]
        if before:
            self.store.publish_at(connection, before, last, at)
        added = entries.c.slug.in_([step.slug for step in steps if step.before is None])
        connection.execute(update(entries).where(added).values(removed=True, revision=last, changed_at=at))


def _number(
    connection: Connection, batch: Sequence[Entry], hands: tuple[str, str | None], revision: int, at: datetime
) -> list[Entry]:
    """Write entries as the next versions of their slugs, published; the hands are the author's and the reviewer's."""
    actor, reviewer = hands
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
    same = {"author": actor, "reviewer": reviewer, "state": VersionState.PUBLISHED, "created_at": at, "changed_at": at}
    rows = [{"slug": entry.slug, "number": entry.version, "content": entry.model_dump_json()} for entry in numbered]
    connection.execute(insert(versions), [row | same for row in rows])
    note = None if reviewer is None else f"{reviewer} 审核通过"
    did = {"at": at, "actor": actor, "verb": "import", "note": note, "batch": revision}
    connection.execute(insert(history), [{"slug": e.slug, "number": e.version} | did for e in numbered])
    return numbered


def _imported(connection: Connection, batch: int) -> Sequence[Any]:
    """The versions an import made, and when.

    Raises:
        UndoRefused: there was no such import.
    """
    by_it = (history.c.batch == batch) & (history.c.verb == "import")
    imported = connection.execute(select(history.c.slug, history.c.number, history.c.at).where(by_it)).all()
    if not imported:
        raise UndoRefused(f"没有编号为 {batch} 的导入。")
    return imported


def _steps_back(connection: Connection, imported: Sequence[Row[Any]]) -> tuple[list[_Step], tuple[Left, ...]]:
    """What to do for each entry, and what cannot be undone.

    Asked for by slug and decided here, as SQLite would go through all of a state.
    """
    steps: list[_Step] = []
    left: list[Left] = []
    v = versions.c
    for start in range(0, len(imported), _BATCH):
        batch = {row.slug: row for row in imported[start : start + _BATCH]}
        columns = (v.id, v.slug, v.number, v.state, v.author, v.changed_at)
        statement = select(*columns).where(v.slug.in_(batch)).order_by(v.slug, v.number)
        there: dict[str, list[Any]] = {}
        for row in connection.execute(statement):
            there.setdefault(row.slug, []).append(row)
        for slug, put in batch.items():
            published = [row for row in there[slug] if row.state == VersionState.PUBLISHED]
            if not published or published[0].number != put.number:
                left.append(Left(slug, _why_left(published, there[slug], put)))
                continue
            superseded = [
                row.id
                for row in there[slug]
                if row.state == VersionState.SUPERSEDED and row.changed_at == put.at and row.number < put.number
            ]
            steps.append(_Step(slug, put.number, published[0].id, superseded[-1] if superseded else None))
    return steps, tuple(sorted(left, key=lambda one: one.slug))


def _why_left(published: Sequence[Row[Any]], every: Sequence[Row[Any]], put: Row[Any]) -> str:
    imported = next(row for row in every if row.number == put.number)
    if published and published[0].number > put.number:
        return f"后来发布了第 {published[0].number} 版（{published[0].author}）"
    return f"导入的那一版{VersionState(imported.state).label}"
