"""A file's entries on their way: handed in as a whole, looked at by another person, published or sent back as one.

Until then nothing of it is in the base. What became of the entries meanwhile is seen: what somebody else published
since is not written over.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from knowledge_base.entry import Entry
from knowledge_base.gate import Trial, check_trial, summary_of
from knowledge_base.imports import EntryImports, Share
from knowledge_base.reviewers import ALONE, is_alone
from knowledge_base.revisions import next_revision
from knowledge_base.tables import entries, import_rows, imports
from knowledge_base.versions import MOVES, NotAllowed
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.identity.roles import Actor, Role
from service.storage import hold

IMPORTERS = (Role.CURATOR, Role.REVIEWER)
"""Who may hand in a file."""

NAME_LIMIT = 100
_BATCH = 500
_GONE = 200  # entries that the file does not have, of which the names are kept
_SHOWN = 5


class ImportState(StrEnum):
    """What has become of a file."""

    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    TAKEN_BACK = "taken_back"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    ImportState.SUBMITTED: "待审核",
    ImportState.PUBLISHED: "已发布",
    ImportState.REJECTED: "没有通过",
    ImportState.TAKEN_BACK: "已收回",
}


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that was handed in.

    Attributes:
        new, changed, left_out: how many of its entries are new, differ from what is told, and are not to be published.
        same: how many are told just so already.
        gone: slugs that were told and not in the file, the first of them; they stay as they are.
        batch: by which it can be undone, once it is published.
    """

    number: int
    name: str
    author: str
    at: datetime
    state: ImportState
    new: int
    changed: int
    left_out: int
    same: int
    gone: tuple[str, ...]
    reviewer: str | None
    decided_at: datetime | None
    note: str | None
    batch: int | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An entry of a file.

    Attributes:
        before: the version that was told when it was handed in; 0: none.
        now: the version that is told now; 0: none.
    """

    entry: Entry
    before: int
    now: int
    left_out: bool

    @property
    def overtaken(self) -> bool:
        """Whether somebody published another content of it, or withdrew it, since."""
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class ImportReviews:
    """The verbs around a file's entries, from handing in to publishing."""

    imports: EntryImports

    async def submit(
        self,
        actor: Actor,
        name: str,
        changed: Sequence[Entry],
        same: int = 0,
        gone: Sequence[str] = (),
        progress: Share = lambda share: None,
    ) -> int:
        """Hand in the entries of a file; its number.

        Raises:
            NotAllowed: no right to, nothing in it, or something in it is still to be written.
        """
        if not actor.is_any(*IMPORTERS):
            raise NotAllowed("您没有导入条目的权限，请联系管理员。")
        if not changed:
            raise NotAllowed("没有要新增或改动的。")
        if unwritten := [entry.slug for entry in changed if entry.unwritten()]:
            raise NotAllowed(f"还没有写完：{_named(unwritten)}。把里面的【待填写】换成正式内容，再导入。")

        def keep(connection: Connection) -> int:
            head = {"name": name[:NAME_LIMIT], "author": actor.name, "at": self.imports.clock()}
            head |= {"state": ImportState.SUBMITTED, "same": same, "gone": list(gone[:_GONE])}
            number: int = connection.execute(insert(imports).values(head).returning(imports.c.id)).scalar_one()
            for start in range(0, len(changed), _BATCH):
                batch = changed[start : start + _BATCH]
                told = _told(connection, [entry.slug for entry in batch])
                rows = [
                    {"of": number, "slug": each.slug, "before": told.get(each.slug, 0), "left_out": False}
                    | {"content": each.model_dump_json()}
                    for each in batch
                ]
                connection.execute(insert(import_rows), rows)
                progress((start + len(batch)) / len(changed))
            return number

        return await self.imports.database.write(keep)

    async def leave_out(self, actor: Actor, number: int, slugs: Collection[str]) -> int:
        """Publish some entries of a file not with the others; how many more those are.

        Raises:
            NotAllowed: no right to, or it was decided on.
        """
        return await self._mark(actor, number, slugs, left_out=True)

    async def take_in(self, actor: Actor, number: int, slugs: Collection[str]) -> int:
        """Publish some entries with the others after all; how many more those are.

        Raises:
            NotAllowed: no right to, or it was decided on.
        """
        return await self._mark(actor, number, slugs, left_out=False)

    async def leave_overtaken(self, actor: Actor, number: int) -> int:
        """Publish not with the others what somebody changed since it was handed in; how many those are."""
        every = await self.imports.database.read(rows_of(number))
        return await self.leave_out(actor, number, [row.entry.slug for row in every if row.overtaken])

    async def approve(
        self, actor: Actor, number: int, trial: Trial, reason: str = "", progress: Share = lambda share: None
    ) -> HandedIn:
        """Find a file right and publish it, but for what was left out; in one transaction.

        Args:
            trial: what these very contents do to real questions (`knowledge_base.gate`).
            reason: why they are published although some are answered worse.

        Raises:
            NotAllowed: no right to, one's own, decided on already, tried with other contents, or overtaken by others.
        """
        move = MOVES["approve"]

        def publish(connection: Connection) -> HandedIn:
            found = self._hold(connection, actor, number, move.by)
            own = found.author == actor.name
            if own and not is_alone(connection, actor):
                raise NotAllowed("自己导入的不能自己通过，请另一位知识审核来看。")
            last = next_revision(connection)  # first: whoever else publishes waits
            every = [row for row in rows_of(number)(connection) if not row.left_out]
            if overtaken := [row.entry.slug for row in every if row.overtaken]:
                raise NotAllowed(f"送审以后有人改过 {_named(overtaken)}，没有盖掉。把这些留下不导入，再通过其余的。")
            if not every:
                raise NotAllowed("全都留下不导入了，没有要发布的。要整个退回，请用“退回”。")
            check_trial(trial, [row.entry for row in every], reason)
            wanted = [row.entry for row in every]
            self.imports.put_at(connection, wanted, last, actor=found.author, reviewer=actor.name, progress=progress)
            said = "；".join(filter(None, (reason.strip(), ALONE if own else "", summary_of(trial))))
            self._decide(connection, actor, number, ImportState.PUBLISHED, said, batch=last)
            told, at = f"导入 {number}：{len(wanted)} 条知识", self.imports.clock()
            done = Recorded(at, actor.name, Deed.IMPORT, told, reason.strip()[:REASON_LIMIT], {"author": found.author})
            record_within(connection, done)
            return _one(connection, number)

        return await self.imports.database.write(publish)

    async def reject(self, actor: Actor, number: int, reason: str) -> HandedIn:
        """Send a file back as a whole.

        Raises:
            NotAllowed: no right to, no reason, or it was decided on.
        """
        if not reason.strip():
            raise NotAllowed("请写明退回的原因。")

        def end(connection: Connection) -> HandedIn:
            self._hold(connection, actor, number, MOVES["send_back"].by)
            return self._decide(connection, actor, number, ImportState.REJECTED, reason.strip())

        return await self.imports.database.write(end)

    async def take_back(self, actor: Actor, number: int) -> HandedIn:
        """Hand in a file no longer; whoever handed it in can."""

        def end(connection: Connection) -> HandedIn:
            if self._hold(connection, actor, number).author != actor.name:
                raise NotAllowed("只有导入的人能收回；不该导入的，请审核的人退回。")
            return self._decide(connection, actor, number, ImportState.TAKEN_BACK)

        return await self.imports.database.write(end)

    async def reopen(self, actor: Actor, number: int) -> HandedIn:
        """Have a file wait again that was sent or taken back by the same person.

        Raises:
            NotAllowed: it was published, or somebody else decided.
        """

        def wait_again(connection: Connection) -> HandedIn:
            hold(connection, f"import {number}")
            found = _one(connection, number)
            if found.state not in (ImportState.REJECTED, ImportState.TAKEN_BACK) or found.reviewer != actor.name:
                raise NotAllowed(f"这次导入{found.state.label}，不能改回待审核。")
            values = {"state": ImportState.SUBMITTED, "reviewer": None, "decided_at": None, "note": None}
            connection.execute(update(imports).where(imports.c.id == number).values(values))
            return _one(connection, number)

        return await self.imports.database.write(wait_again)

    async def _mark(self, actor: Actor, number: int, slugs: Collection[str], *, left_out: bool) -> int:
        def mark(connection: Connection) -> int:
            self._hold(connection, actor, number)
            differ = (import_rows.c.of == number) & (import_rows.c.left_out != left_out)
            wanted, marked = list(slugs), 0
            for start in range(0, len(wanted), _BATCH):
                these = differ & import_rows.c.slug.in_(wanted[start : start + _BATCH])
                marked += connection.execute(update(import_rows).where(these).values(left_out=left_out)).rowcount
            return marked

        return await self.imports.database.write(mark)

    @staticmethod
    def _hold(connection: Connection, actor: Actor, number: int, by: Collection[Role] = IMPORTERS) -> HandedIn:
        """A file that is still to be decided on, kept from others until this transaction ends."""
        if not actor.is_any(*by):
            raise NotAllowed("您没有审核导入的权限，请联系管理员。")
        hold(connection, f"import {number}")
        found = _one(connection, number)
        if found.state is not ImportState.SUBMITTED:
            raise NotAllowed(f"这次导入{found.state.label}（{found.reviewer}），请刷新后再看。")
        return found

    def _decide(
        self,
        connection: Connection,
        actor: Actor,
        number: int,
        state: ImportState,
        note: str = "",
        batch: int | None = None,
    ) -> HandedIn:
        values = {"state": state, "reviewer": actor.name, "decided_at": self.imports.clock()}
        values |= {"note": note or None, "batch": batch}
        connection.execute(update(imports).where(imports.c.id == number).values(values))
        return _one(connection, number)


def handed_in(number: int) -> Callable[[Connection], HandedIn]:
    """A unit of work: one of them.

    Raises:
        NotAllowed: there is none of that number.
    """
    return lambda connection: _one(connection, number)


def waiting_imports(connection: Connection, limit: int = 20) -> list[HandedIn]:
    """A unit of work: those that wait, the longest waiting first."""
    waiting = select(imports).where(imports.c.state == ImportState.SUBMITTED).order_by(imports.c.id).limit(limit)
    return [_handed_in(connection, row) for row in connection.execute(waiting).all()]


def decided_imports(connection: Connection, limit: int = 10) -> list[HandedIn]:
    """A unit of work: those that were decided on last."""
    decided = select(imports).where(imports.c.state != ImportState.SUBMITTED).order_by(imports.c.id.desc())
    return [_handed_in(connection, row) for row in connection.execute(decided.limit(limit)).all()]


def rows_of(
    number: int, *, kind: str = "", after: str = "", limit: int | None = None
) -> Callable[[Connection], list[ImportRow]]:
    """A unit of work: entries of a file by their slugs.

    Args:
        kind: only those that are "new", "changed" or "left_out".
        after: the slug where the page before ended.
    """
    r = import_rows.c
    version = case((entries.c.removed.is_(False), entries.c.version), else_=0)
    chosen = {"new": r.before == 0, "changed": r.before > 0, "left_out": r.left_out}.get(kind)
    statement = (
        select(r.content, r.before, func.coalesce(version, 0).label("now"), r.left_out)
        .join_from(import_rows, entries, entries.c.slug == r.slug, isouter=True)
        .where(r.of == number, r.slug > after)
        .order_by(r.slug)
        .limit(limit)
    )
    statement = statement if chosen is None else statement.where(chosen)

    def read(connection: Connection) -> list[ImportRow]:
        found = connection.execute(statement)
        return [ImportRow(Entry.model_validate_json(row.content), row.before, row.now, row.left_out) for row in found]

    return read


def overtaken_within(connection: Connection, number: int) -> int:
    """How many entries that are to be published somebody changed or withdrew since the file was handed in."""
    r = import_rows.c
    now = func.coalesce(case((entries.c.removed.is_(False), entries.c.version), else_=0), 0)
    joined = import_rows.outerjoin(entries, entries.c.slug == r.slug)
    meanwhile = (r.of == number) & r.left_out.is_(False) & (r.before != now)
    return connection.scalar(select(func.count()).select_from(joined).where(meanwhile)) or 0


def forget_imports(connection: Connection, before: datetime) -> int:
    """Delete the contents of what was decided on before a moment; how many entries.

    What was published is in the versions.
    """
    old = select(imports.c.id).where(imports.c.decided_at < before)
    return connection.execute(delete(import_rows).where(import_rows.c.of.in_(old))).rowcount


def _one(connection: Connection, number: int) -> HandedIn:
    row = connection.execute(select(imports).where(imports.c.id == number)).one_or_none()
    if row is None:
        raise NotAllowed("没有这次导入。")
    return _handed_in(connection, row)


def _handed_in(connection: Connection, row: Row[Any]) -> HandedIn:
    r = import_rows.c
    out, new, every = (func.sum(case((which, 1), else_=0)) for which in (r.left_out, r.before == 0, r.of == row.id))
    left_out, added, count = connection.execute(select(out, new, every).where(r.of == row.id)).one()
    return HandedIn(
        number=row.id,
        name=row.name,
        author=row.author,
        at=row.at,
        state=ImportState(row.state),
        new=added or 0,
        changed=(count or 0) - (added or 0),
        left_out=left_out or 0,
        same=row.same,
        gone=tuple(row.gone),
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        note=row.note,
        batch=row.batch,
    )


def _told(connection: Connection, slugs: Collection[str]) -> dict[str, int]:
    """The versions that are told of these entries."""
    statement = select(entries.c.slug, entries.c.version).where(entries.c.slug.in_(slugs), entries.c.removed.is_(False))
    return {row.slug: row.version for row in connection.execute(statement)}


def _named(slugs: Sequence[str]) -> str:
    more = f"等 {len(slugs)} 条" if len(slugs) > _SHOWN else f"这 {len(slugs)} 条" if len(slugs) > 1 else ""
    return f"{'、'.join(slugs[:_SHOWN])}{more}"
