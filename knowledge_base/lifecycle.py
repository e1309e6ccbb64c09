"""What staff do with entries. Each verb is one transaction: the version, the published base, the history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge_base.entry import TO_BE_WRITTEN, Entry
from knowledge_base.gate import Trial, check_trial, summary_of
from knowledge_base.own_units import UnitNames, own_units, unnamed
from knowledge_base.reviewers import ALONE, is_alone
from knowledge_base.reviews import due_for_review
from knowledge_base.store import EntryStore
from knowledge_base.tables import history, versions
from knowledge_base.unsaved import Unsaved, drop_within, keep_within
from knowledge_base.versions import (
    AUTHORS,
    MOVES,
    OPEN,
    TOLD,
    HistoryItem,
    NotAllowed,
    Source,
    Version,
    VersionState,
)
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.clock import Clock, now
from service.identity.roles import Actor, Role
from service.storage import Database, hold

_AUDITED = {"publish": Deed.PUBLISH, "put_back": Deed.PUBLISH, "withdraw": Deed.WITHDRAW}
_PUT_BACK_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EntryLifecycle:
    """The verbs around an entry, from its first draft to the archive.

    Attributes:
        names: of units by their codes; people of a unit deal with the entries it issues.
    """

    database: Database
    store: EntryStore
    clock: Clock = now
    names: UnitNames = unnamed

    async def save_draft(
        self, actor: Actor, entry: Entry, *, seen: datetime | None = None, source: Source | None = None
    ) -> Version:
        """Write a draft: the entry's open one anew, or its next version. What the actor had left unsaved of it goes.

        Args:
            source: the part of a document it was taken from; it makes a new draft, which somebody has to edit, that is
                to save again without a source, before it may be submitted.
            seen: `changed_at` of the draft that was edited; what somebody else saved since is not overwritten.

        Raises:
            NotAllowed: no right to, another unit's entry, a version is under review, or the draft has changed since it
                was read.
        """
        return await self.database.write(lambda connection: self.save_within(connection, actor, entry, seen, source))

    async def keep_typed(self, actor: Actor, slug: str, fields: Mapping[str, str], seen: str) -> None:
        """Keep what is being typed for whoever types it, and for nobody else; no version changes.

        Raises:
            NotAllowed: no right to, or another unit's entry.
        """

        def keep(connection: Connection) -> None:
            self.check_writer_within(connection, actor, slug)
            keep_within(connection, actor.name, Unsaved(slug, fields, seen, self.clock()))

        await self.database.write(keep)

    async def drop_typed(self, actor: Actor, slug: str) -> None:
        """Forget what somebody left unsaved of an entry."""
        await self.database.write(lambda connection: drop_within(connection, actor.name, slug))

    async def restore(self, actor: Actor, slug: str, number: int) -> Version:
        """Make an older version the content of a draft; what it was taken from stays beside it."""

        def bring_back(connection: Connection) -> Version:
            older = _version(_row(connection, slug, number))
            restored = self.save_within(connection, actor, older.entry)
            if older.source is not None:
                values = {"source": older.source.model_dump_json()}
                restored = _version(_change(connection, slug, restored.number, values))
            _record(connection, slug, restored.number, actor, "restore", f"取自第 {number} 版", self.clock())
            return restored

        return await self.database.write(bring_back)

    async def submit(self, actor: Actor, slug: str, number: int) -> Version:
        """Hand a draft to a reviewer; one taken from a document only once somebody has edited it."""
        return await self._move(actor, "submit", slug, number)

    async def take_back(self, actor: Actor, slug: str, number: int) -> Version:
        """Go on writing what was handed to a reviewer and not looked at yet."""
        return await self._move(actor, "take_back", slug, number)

    async def approve(self, actor: Actor, slug: str, number: int) -> Version:
        """Find a submitted version right; not by who wrote of it, unless nobody else ever could (`reviewers`)."""
        return await self._move(actor, "approve", slug, number)

    async def send_back(self, actor: Actor, slug: str, number: int, reason: str) -> Version:
        """Give a version back to its author."""
        return await self._move(actor, "send_back", slug, number, reason)

    async def publish(self, actor: Actor, slug: str, number: int, trial: Trial, reason: str = "") -> Version:
        """Tell it to citizens from now on, or from its own date on, in place of the version before.

        Args:
            trial: what this very content does to real questions (`knowledge_base.gate`).
            reason: why it is published although some of them are answered worse.
        """
        return await self._move(actor, "publish", slug, number, reason, trial)

    async def withdraw(self, actor: Actor, slug: str, reason: str) -> Version:
        """Tell the published version to nobody any longer, at once and everywhere."""
        published = [item for item in await self.versions(slug) if item.state is VersionState.PUBLISHED]
        if not published:
            raise NotAllowed("这个条目没有已发布的版本。")
        return await self._move(actor, "withdraw", slug, published[0].number, reason)

    async def put_back(self, actor: Actor, slug: str, number: int) -> Version:
        """Tell again, without another review, what one has just withdrawn: within a day, if nothing was done since."""
        return await self._move(actor, "put_back", slug, number)

    async def archive(self, actor: Actor, slug: str, number: int) -> Version:
        """Put a version away."""
        return await self._move(actor, "archive", slug, number)

    async def versions(self, slug: str) -> list[Version]:
        """All versions of an entry, newest first."""
        statement = select(versions).where(versions.c.slug == slug).order_by(versions.c.number.desc())
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [_version(row) for row in rows]

    async def shown_to(self, actor: Actor, slug: str) -> list[Version]:
        """The versions of an entry that somebody may see, newest first: of other units only what citizens were told."""
        every = await self.versions(slug)
        units = await self.database.read(lambda connection: self.units_seen_within(connection, actor))
        return [each for each in every if units is None or each.state in TOLD or each.entry.issuing_unit in units]

    def units_seen_within(self, connection: Connection, actor: Actor) -> frozenset[str] | None:
        """The units whose drafts somebody may see; None: every unit's."""
        return own_units(connection, actor, Role, self.names)

    def units_written_within(self, connection: Connection, actor: Actor) -> frozenset[str] | None:
        """The units for which somebody may write; None: for every one."""
        return own_units(connection, actor, AUTHORS, self.names)

    def reaches_within(self, connection: Connection, actor: Actor, verb: str, entry: Entry) -> bool:
        """Whether somebody may make a move with this entry, as far as it is about whose it is."""
        return self.deals_with_within(connection, actor, MOVES[verb].by, entry)

    def deals_with_within(self, connection: Connection, actor: Actor, by: Collection[Role], entry: Entry) -> bool:
        """Whether an entry is one that somebody deals with by one of these roles."""
        units = own_units(connection, actor, by, self.names)
        return units is None or entry.issuing_unit in units

    async def version(self, slug: str, number: int) -> Version:
        """One version.

        Raises:
            NotAllowed: there is none of that number.
        """
        row = await self.database.read(lambda connection: _row(connection, slug, number))
        return _version(row)

    async def existing(self, slugs: Collection[str]) -> set[str]:
        """Those of some entries that have any version at all; ask for a few hundred at most."""
        statement = select(versions.c.slug).where(versions.c.slug.in_(slugs)).distinct()
        return set(await self.database.read(lambda connection: connection.scalars(statement).all()))

    async def history(self, slug: str) -> list[HistoryItem]:
        """What was done with an entry, oldest first."""
        statement = select(history).where(history.c.slug == slug).order_by(history.c.id)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [HistoryItem(row.number, row.at, row.actor, row.verb, row.note) for row in rows]

    async def in_state(self, state: VersionState, limit: int = 100) -> list[Version]:
        """Versions that stand somewhere, those waiting longest first."""
        statement = select(versions).where(versions.c.state == state).order_by(versions.c.changed_at).limit(limit)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [_version(row) for row in rows]

    async def reviews_due(self, until: date) -> list[Entry]:
        """Published entries to be looked at again by a day, the earliest first."""
        rows = await self.database.read(lambda connection: due_for_review(connection, until))
        return [Entry.model_validate_json(content) for content in rows]

    async def _move(
        self, actor: Actor, verb: str, slug: str, number: int, reason: str = "", trial: Trial | None = None
    ) -> Version:
        move = MOVES[verb]
        if not actor.is_any(*move.by):
            raise NotAllowed(f"您没有“{move.label}”的权限，请联系管理员。")
        if move.reason and not reason.strip():
            raise NotAllowed(f"请写明{move.label}的原因。")

        def run(connection: Connection) -> Version:
            hold_entry(connection, slug)
            at = self.clock()
            found = _version(_row(connection, slug, number))
            _check_unit(found.entry, own_units(connection, actor, move.by, self.names))
            if found.state not in move.source:
                raise NotAllowed(f"第 {number} 版{found.state.label}，不能{move.label}。请刷新后再看。")
            if verb == "submit" and found.source is not None and not _was_edited(connection, slug, number):
                raise NotAllowed("这份草稿是从文件里取来的，还没有人编辑过。请先对照原文改好、保存，再送审。")
            own = move.not_the_author and _wrote(connection, slug, number, actor)
            if own and not is_alone(connection, actor):
                raise NotAllowed(f"自己写的不能自己{move.label}，请另一位同事来办。")
            if verb == "submit" and (unwritten := found.entry.unwritten()):
                where = "、".join(unwritten)
                raise NotAllowed(f"还没有写完（{where}）：把“{TO_BE_WRITTEN}”换成正式内容，再送审。")
            if verb == "put_back" and not _has_just_withdrawn(connection, slug, number, actor, at):
                raise NotAllowed("只有刚撤下的人，一天之内、还没有别的改动时，才能直接恢复。请取回成草稿，再送审。")
            if trial is not None:
                check_trial(trial, [found.entry], reason)
            values = {"state": move.target, "changed_at": at}
            if verb in ("approve", "send_back"):
                values["reviewer"] = actor.name
            if move.target is VersionState.PUBLISHED:
                # First: it waits for an import that may be publishing the same entry.
                self.store.publish_within(connection, [found.entry.model_copy(update={"published_at": at})], at)
                self._supersede(connection, slug, actor, at)
            if verb == "withdraw":
                self.store.remove_within(connection, [slug], at)
            row = _change(connection, slug, number, values)
            said = (reason.strip(), ALONE if own else "", summary_of(trial) if trial else "")
            told = "；".join(filter(None, said))
            _record(connection, slug, number, actor, verb, told or None, at)
            if verb in _AUDITED:
                done = Recorded(
                    at, actor.name, _AUDITED[verb], slug, reason.strip()[:REASON_LIMIT], {"version": number}
                )
                record_within(connection, done)
            return _version(row)

        return await self.database.write(run)

    def save_within(
        self,
        connection: Connection,
        actor: Actor,
        entry: Entry,
        seen: datetime | None = None,
        source: Source | None = None,
    ) -> Version:
        """See `save_draft`; within a transaction."""
        hold_entry(connection, entry.slug)
        units = self.check_writer_within(connection, actor, entry.slug)
        if units is not None:
            entry = _of_unit(entry, units)
        drop_within(connection, actor.name, entry.slug)
        at = self.clock()
        current = self._open(connection, entry.slug)
        if current is None:
            return self._draft(connection, actor, entry, at, source)
        if source is not None:
            raise NotAllowed(
                f"条目 {entry.slug} 已有第 {current.number} 版{current.state.label}，没有用文件里的内容盖掉。"
            )
        if current.state is not VersionState.DRAFT:
            raise NotAllowed(f"第 {current.number} 版{current.state.label}，不能改。要改请先退回。")
        if seen is not None and current.changed_at != seen:
            raise NotAllowed(f"{current.author} 刚刚保存过这份草稿，请刷新后再改，免得把别人的改动盖掉。")
        content = entry.model_copy(update={"version": current.number}).model_dump_json()
        values = {"content": content, "author": actor.name, "changed_at": at}
        row = _change(connection, entry.slug, current.number, values)
        _record(connection, entry.slug, current.number, actor, "edit", None, at)
        return _version(row)

    def check_writer_within(self, connection: Connection, actor: Actor, slug: str) -> frozenset[str] | None:
        """The units for which somebody may write this entry; None: for every one.

        Raises:
            NotAllowed: no right to write, or what is told or on its way is another unit's.
        """
        if not actor.is_any(*AUTHORS):
            raise NotAllowed("您没有编辑条目的权限，请联系管理员。")
        units = self.units_written_within(connection, actor)
        if units is not None:
            present = (versions.c.slug == slug) & versions.c.state.in_((*OPEN, VersionState.PUBLISHED))
            for row in connection.execute(select(versions).where(present)):
                _check_unit(_version(row).entry, units)
        return units

    @staticmethod
    def _supersede(connection: Connection, slug: str, actor: Actor, at: datetime) -> None:
        published = (versions.c.slug == slug) & (versions.c.state == VersionState.PUBLISHED)
        values = {"state": VersionState.SUPERSEDED, "changed_at": at}
        for number in connection.scalars(update(versions).where(published).values(values).returning(versions.c.number)):
            _record(connection, slug, number, actor, "supersede", None, at)

    @staticmethod
    def _open(connection: Connection, slug: str) -> Version | None:
        statement = select(versions).where(versions.c.slug == slug, versions.c.state.in_(OPEN))
        row = connection.execute(statement).one_or_none()
        return None if row is None else _version(row)

    @staticmethod
    def _draft(connection: Connection, actor: Actor, entry: Entry, at: datetime, source: Source | None) -> Version:
        last = connection.scalar(select(func.max(versions.c.number)).where(versions.c.slug == entry.slug)) or 0
        values = {
            "slug": entry.slug,
            "number": last + 1,
            "state": VersionState.DRAFT,
            "content": entry.model_copy(update={"version": last + 1, "published_at": None}).model_dump_json(),
            "author": actor.name,
            "created_at": at,
            "changed_at": at,
            "source": None if source is None else source.model_dump_json(),
        }
        row = connection.execute(insert(versions).values(values).returning(versions)).one()
        note = None if source is None else f"取自 {source.document}：{source.place}"
        _record(connection, entry.slug, last + 1, actor, "draft", note, at)
        return _version(row)


def hold_entry(connection: Connection, slug: str) -> None:
    """Keep others from moving an entry until this transaction ends."""
    hold(connection, f"entry {slug}")


def _check_unit(entry: Entry, units: frozenset[str] | None) -> None:
    if units is not None and entry.issuing_unit not in units:
        whose = f"由{entry.issuing_unit}负责" if entry.issuing_unit else "没有写明发布单位"
        raise NotAllowed(f"条目 {entry.slug} {whose}，您只能写本单位的条目。要改请联系知识编辑。")


def _of_unit(entry: Entry, units: frozenset[str]) -> Entry:
    """An entry that one of these units issues; who belongs to one only need not say so."""
    named = sorted(units)
    if entry.issuing_unit in units:
        return entry
    if not entry.issuing_unit and len(named) == 1:
        return entry.model_copy(update={"issuing_unit": named[0]})
    said = f"“发布单位”请写{'或'.join(named)}：" if named else "您的账号不属于任何单位，"
    raise NotAllowed(f"{said}单位的同事只能写本单位的条目。")


def _row(connection: Connection, slug: str, number: int) -> Row[Any]:
    statement = select(versions).where(versions.c.slug == slug, versions.c.number == number)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotAllowed(f"条目 {slug} 没有第 {number} 版。")
    return row


def _was_edited(connection: Connection, slug: str, number: int) -> bool:
    """Whether the content of a version is as somebody last saved it, not as it was taken in or restored."""
    writing = history.c.verb.in_(("draft", "edit", "restore"))
    statement = select(history.c.verb).where(history.c.slug == slug, history.c.number == number, writing)
    return connection.scalar(statement.order_by(history.c.id.desc()).limit(1)) == "edit"


def _has_just_withdrawn(connection: Connection, slug: str, number: int, actor: Actor, at: datetime) -> bool:
    """Whether the last thing done with an entry is that somebody withdrew this version, lately."""
    newest = select(history).where(history.c.slug == slug).order_by(history.c.id.desc()).limit(1)
    last = connection.execute(newest).one()
    return (last.verb, last.number, last.actor) == ("withdraw", number, actor.name) and last.at > at - _PUT_BACK_WITHIN


def _wrote(connection: Connection, slug: str, number: int, actor: Actor) -> bool:
    """Whether somebody had a hand in a version, also when a colleague saved it last."""
    saved = history.c.verb.in_(("draft", "edit", "restore")) & (history.c.actor == actor.name)
    statement = select(history.c.id).where(history.c.slug == slug, history.c.number == number, saved)
    return connection.execute(statement.limit(1)).first() is not None


def _change(connection: Connection, slug: str, number: int, values: dict[str, Any]) -> Row[Any]:
    this = (versions.c.slug == slug) & (versions.c.number == number)
    return connection.execute(update(versions).where(this).values(values).returning(versions)).one()


def _record(
    connection: Connection, slug: str, number: int, actor: Actor, verb: str, note: str | None, at: datetime
) -> None:
    values = {"slug": slug, "number": number, "at": at, "actor": actor.name, "verb": verb, "note": note}
    connection.execute(insert(history).values(values))


def _version(row: Row[Any]) -> Version:
    return Version(
        entry=Entry.model_validate_json(row.content),
        number=row.number,
        state=VersionState(row.state),
        author=row.author,
        reviewer=row.reviewer,
        created_at=row.created_at,
        changed_at=row.changed_at,
        source=None if row.source is None else Source.model_validate_json(row.source),
    )
