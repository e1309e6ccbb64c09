"""The verbs of settings: change them, plan a change, withdraw it, go back; each is one transaction with its audit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from service.audit import Deed, Recorded, record_within
from service.clock import Clock, now, shown_when
from service.identity.roles import Actor
from service.kept.kind import Contents, Kind
from service.kept.tables import NOTE_LIMIT, kept_settings
from service.kept.versions import (
    SettingsVersion,
    add_version,
    coming,
    contents_at,
    last_revision,
    last_version,
    moments_after,
    versions,
)
from service.storage import Database, hold

_SEEDED_BY = "import"


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """What is set of one kind, in an installation.

    A version never counts from before it was written, so what was in force at any moment can be asked for later.
    All parts are checked together, as they will be when the change counts and at every later moment at which another
    change begins; so no plan can break what is set, nor a change break a plan.
    """

    database: Database
    kind: Kind
    clock: Clock = now

    async def seed(self) -> None:
        """Keep what the product brings, for every part that was never kept."""
        shipped = self.kind.shipped()

        def begin(connection: Connection) -> None:
            hold(connection, "kept_settings")
            at = self.clock()
            for part, content in shipped.items():
                if not last_version(connection, self.kind.name, part):
                    seeded = SettingsVersion(self.kind.name, part, 1, at, content, at, _SEEDED_BY, "随产品提供")
                    add_version(connection, seeded)

        if shipped.keys() - await self.database.read(lambda connection: self._kept(connection, self.clock()).keys()):
            await self.database.write(begin)

    async def contents(self, at: datetime | None = None) -> dict[str, Any]:
        """Every part as it is in force at a moment, now by default."""
        return await self.database.read(lambda connection: self.contents_within(connection, at or self.clock()))

    def contents_within(self, connection: Connection, at: datetime) -> dict[str, Any]:
        """Every part in force at a moment; one that was never kept is as the product brings it."""
        return {**self.kind.shipped(), **self._kept(connection, at)}

    async def change(
        self,
        actor: Actor,
        contents: Contents,
        *,
        note: str,
        effective_from: datetime | None = None,
        replaces: Mapping[str, int] | None = None,
    ) -> list[SettingsVersion]:
        """Set parts anew, all or none; those that are so already are left alone.

        Args:
            contents: by part, as JSON; None: as the product brings it.
            note: why, for those who read the history.
            effective_from: from when they count, now by default; not earlier.
            replaces: by part the version that was the newest when this was written, so that nobody overwrites another's
                work.

        Returns:
            What was written; nothing where nothing differs.

        Raises:
            Kind.refused: no right to, not valid, from before now, or somebody else has changed it meanwhile.
        """
        why = self._why(actor, note)

        def run(connection: Connection) -> list[SettingsVersion]:
            hold(connection, "kept_settings")
            at = self.clock()
            begins = effective_from or at
            if begins < at:
                raise self.kind.refused("生效时间不能早于现在：已经用过的设置不会再变。")
            for part, version in (replaces or {}).items():
                if version != last_version(connection, self.kind.name, part):
                    raise self.kind.refused("别人刚刚改过这一项，请看过新内容再改。")
            before = self.contents_within(connection, begins)
            self._check_parts(contents, before)
            written = [
                self._write(connection, actor, part, content, why, at, begins)
                for part, content in self._differing(contents, before, self._kept(connection, begins))
            ]
            self._check_from(connection, begins, before)
            return written

        return await self.database.write(run)

    async def withdraw(self, actor: Actor, part: str, version: int, *, note: str) -> SettingsVersion:
        """Take back a change that does not count yet.

        Raises:
            Kind.refused: no right to, there is none, it counts already, or something planned after it needs it.
        """
        why = self._why(actor, note)

        def run(connection: Connection) -> SettingsVersion:
            hold(connection, "kept_settings")
            at = self.clock()
            found = self._version(connection, part, version)
            if not found.is_coming(at):
                raise self.kind.refused("这一版已经生效或者撤回过，不能再撤回；要改回去，请取回以前的版本。")
            columns = kept_settings.c
            same = (columns.kind == self.kind.name, columns.part == part, columns.version == version)
            taken_back = {"withdrawn_at": at, "withdrawn_by": actor.name, "revision": last_revision(connection) + 1}
            connection.execute(update(kept_settings).where(*same).values(taken_back))
            self._check_from(connection, at, self.contents_within(connection, at))
            self._record(connection, actor, at, part, why, {"withdrawn": version})
            return replace(found, withdrawn_at=at, withdrawn_by=actor.name)

        return await self.database.write(run)

    async def go_back(
        self, actor: Actor, part: str, version: int, *, note: str, effective_from: datetime | None = None
    ) -> list[SettingsVersion]:
        """Set a part as an earlier version had it, by a new version.

        Raises:
            Kind.refused: as `change`, or there is no such version.
        """
        found = await self.database.read(lambda connection: self._version(connection, part, version))
        return await self.change(actor, {part: found.content}, note=note, effective_from=effective_from)

    async def history(self, part: str) -> list[SettingsVersion]:
        """Every version of a part, the newest first."""
        return await self.database.read(versions(self.kind.name, part))

    async def coming(self) -> list[SettingsVersion]:
        """What will count later, the next first."""
        return await self.database.read(coming(self.clock(), self.kind.name))

    def _kept(self, connection: Connection, at: datetime) -> dict[str, Any]:
        return contents_at(connection, self.kind.name, at)

    def _why(self, actor: Actor, note: str) -> str:
        if not actor.is_any(*self.kind.editors):
            raise self.kind.refused(f"您没有修改{self.kind.title}设置的权限，请联系管理员。")
        if not note.strip() or len(note) > NOTE_LIMIT:
            raise self.kind.refused(f"请写明为什么改，最多 {NOTE_LIMIT} 字，如依据的文件和文号。")
        return note.strip()

    def _check_parts(self, contents: Contents, before: Contents) -> None:
        for part in contents:
            if part not in before and not self.kind.opens(part):
                raise self.kind.refused(f"没有“{part}”这一项设置，可以改的有：{'、'.join(before)}。")

    @staticmethod
    def _differing(contents: Contents, before: Contents, kept: Contents) -> list[tuple[str, Any]]:
        return [
            (part, content)
            for part, content in contents.items()
            if (part in kept if content is None else part not in before or content != before[part])
        ]

    def _write(
        self, connection: Connection, actor: Actor, part: str, content: Any, why: str, at: datetime, begins: datetime
    ) -> SettingsVersion:
        number = last_version(connection, self.kind.name, part) + 1
        written = SettingsVersion(self.kind.name, part, number, begins, content, at, actor.name, why)
        add_version(connection, written)
        self.kind.written(connection, written)
        self._record(connection, actor, at, part, why, {"version": number, "from": begins.isoformat()})
        return written

    def _check_from(self, connection: Connection, begins: datetime, before: Contents) -> None:
        """Refuse what is not valid from a moment on, or would not fit with what begins later."""
        after = self.contents_within(connection, begins)
        self.kind.check(before, after)
        for moment in moments_after(connection, self.kind.name, begins):
            before, after = after, self.contents_within(connection, moment)
            try:
                self.kind.check(before, after)
            except self.kind.refused as refused:
                message = f"和 {shown_when(moment)} 起的改动合不到一起：{refused} 请先改好或者撤回那一版。"
                raise self.kind.refused(message) from refused

    def _version(self, connection: Connection, part: str, version: int) -> SettingsVersion:
        for each in versions(self.kind.name, part)(connection):
            if each.version == version:
                return each
        raise self.kind.refused(f"“{part}”没有第 {version} 版。")

    def _record(
        self, connection: Connection, actor: Actor, at: datetime, part: str, why: str, details: Mapping[str, Any]
    ) -> None:
        done = Recorded(at, actor.name, Deed.SETTINGS, f"{self.kind.name} {part}", why, details)
        record_within(connection, done)
