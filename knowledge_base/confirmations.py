"""That a published entry is still right: who found so, by what, and until when it is believed.

What citizens are told does not change by it, so it takes one person, and no new version.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge_base.entry import Entry
from knowledge_base.lifecycle import EntryLifecycle, hold_entry
from knowledge_base.revisions import next_revision
from knowledge_base.tables import confirmations, entries, history, versions
from knowledge_base.versions import AUTHORS, NotAllowed, VersionState
from service.clock import china_date
from service.identity.roles import Actor, Role
from service.tasks import TaskKind, done_within

CONFIRMERS = (*AUTHORS, Role.REVIEWER)
EVIDENCE_LIMIT = 300  # characters
_LONGEST = timedelta(days=3 * 366)
_UNDONE_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That somebody found an entry still right.

    Attributes:
        evidence: by what: a link, a document.
        before: the day by which it was to be looked at.
        until: the day by which it is to be looked at again.
    """

    id: int
    slug: str
    version: int
    at: datetime
    actor: str
    evidence: str
    before: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Confirmations:
    """The verbs around it."""

    lifecycle: EntryLifecycle

    async def confirm(self, actor: Actor, slug: str, evidence: str, until: date) -> Confirmation:
        """Say that what is told of an entry is still right; its task is done.

        Raises:
            NotAllowed: no right to, another unit's entry, nothing is told of it, no evidence, or no such day.
        """
        evidence, at = evidence.strip(), self.lifecycle.clock()
        if not evidence:
            raise NotAllowed("请写明核对了什么：官网网址，或者文件名和条款。")
        if len(evidence) > EVIDENCE_LIMIT:
            raise NotAllowed(f"依据最多 {EVIDENCE_LIMIT} 字。")
        if not china_date(at) < until <= china_date(at + _LONGEST):
            raise NotAllowed("下次复核请选今天以后、三年以内的一天。")

        def keep(connection: Connection) -> Confirmation:
            told, entry = self._told(connection, actor, slug)
            self._review_by(connection, told, until, at)
            values = {"slug": slug, "version": told.number, "at": at, "actor": actor.name, "evidence": evidence}
            values |= {"before": entry.review_by, "until": until}
            row = connection.execute(insert(confirmations).values(values).returning(confirmations)).one()
            done_within(connection, (TaskKind.REVIEW,), [slug], at)
            _record(connection, told, actor, "confirm", f"依据：{evidence}；下次复核 {until}", at)
            return _confirmation(row)

        return await self.lifecycle.database.write(keep)

    async def take_back(self, actor: Actor, slug: str) -> date | None:
        """Take back what one said last of an entry, within a day; the day by which it is to be looked at, as before.

        Raises:
            NotAllowed: somebody else said so, it is too long ago, or the entry has changed since.
        """
        at = self.lifecycle.clock()

        def undo(connection: Connection) -> date | None:
            told, entry = self._told(connection, actor, slug)
            last = last_confirmation(slug)(connection)
            mine = last is not None and last.actor == actor.name and last.at > at - _UNDONE_WITHIN
            if last is None or not mine or (last.version, last.until) != (told.number, entry.review_by):
                raise NotAllowed("没有可以撤销的复核。要改复核日期，请在条目里改。")
            self._review_by(connection, told, last.before, at)
            connection.execute(update(confirmations).where(confirmations.c.id == last.id).values(undone_at=at))
            _record(connection, told, actor, "unconfirm", None, at)
            return last.before

        return await self.lifecycle.database.write(undo)

    def _told(self, connection: Connection, actor: Actor, slug: str) -> tuple[Row[Any], Entry]:
        """What is told of an entry, held until this transaction ends."""
        if not actor.is_any(*CONFIRMERS):
            raise NotAllowed("您没有复核条目的权限，请联系管理员。")
        hold_entry(connection, slug)
        published = (versions.c.slug == slug) & (versions.c.state == VersionState.PUBLISHED)
        row = connection.execute(select(versions).where(published)).one_or_none()
        if row is None:
            raise NotAllowed("这个条目没有已发布的版本，不用复核。")
        entry = Entry.model_validate_json(row.content)
        if not self.lifecycle.deals_with_within(connection, actor, CONFIRMERS, entry):
            raise NotAllowed(f"条目 {slug} 由{entry.issuing_unit or '别的单位'}负责，请他们来复核。")
        return row, entry

    @staticmethod
    def _review_by(connection: Connection, told: Row[Any], day: date | None, at: datetime) -> None:
        last = next_revision(connection)
        for table, these in ((versions, versions.c.id == told.id), (entries, entries.c.slug == told.slug)):
            entry = Entry.model_validate_json(connection.execute(select(table.c.content).where(these)).scalar_one())
            content = entry.model_copy(update={"review_by": day}).model_dump_json()
            more = {"review_by": day, "revision": last, "changed_at": at} if table is entries else {}
            connection.execute(update(table).where(these).values(content=content, **more))


def last_confirmation(slug: str) -> Callable[[Connection], Confirmation | None]:
    """A unit of work: the last time somebody found an entry still right."""
    standing = (confirmations.c.slug == slug) & confirmations.c.undone_at.is_(None)
    statement = select(confirmations).where(standing).order_by(confirmations.c.id.desc()).limit(1)

    def read(connection: Connection) -> Confirmation | None:
        row = connection.execute(statement).one_or_none()
        return None if row is None else _confirmation(row)

    return read


def overdue(units: Collection[str] | None, today: date) -> Callable[[Connection], int]:
    """A unit of work: how many published entries should have been looked at by now; of some units, or of all."""
    late = entries.c.removed.is_(False) & (entries.c.review_by < today)
    if units is None:
        return lambda connection: connection.scalar(select(func.count()).select_from(entries).where(late)) or 0

    def read(connection: Connection) -> int:
        contents = connection.scalars(select(entries.c.content).where(late))
        return sum(1 for content in contents if Entry.model_validate_json(content).issuing_unit in units)

    return read


def _record(connection: Connection, told: Row[Any], actor: Actor, verb: str, note: str | None, at: datetime) -> None:
    values = {"slug": told.slug, "number": told.number, "at": at, "actor": actor.name, "verb": verb, "note": note}
    connection.execute(insert(history).values(values))


def _confirmation(row: Row[Any]) -> Confirmation:
    return Confirmation(row.id, row.slug, row.version, row.at, row.actor, row.evidence, row.before, row.until)
