"""Calendar, rules and ladder as staff keep them: every change is a new version with a day from which it counts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from service.clock import Clock, now
from service.identity.roles import Actor
from service.kept.store import KeptSettings
from service.kept.tables import kept_settings
from service.kept.versions import SettingsVersion, in_force, moments_after
from service.storage import Database
from tickets.deadlines.document import read_yaml, without_lines
from tickets.deadlines.kind import DEADLINES
from tickets.deadlines.parts import days_part, read_parts
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.timetable import Timetable

_ASKED_AGAIN_AFTER = timedelta(seconds=1)
_REMEMBERED = 16  # timetables: that of now, and those by which older tickets run


class TimeSettings:
    """What is set about time in an installation.

    A ticket's clocks keep the moment they are due, and a version never counts from before it was written:
    so no change moves what was promised, and what was in force at any moment can be asked for later.

    Attributes:
        kept: every version; to withdraw what is planned, to go back, and for the history.
    """

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self.database = database
        self.kept = KeptSettings(database, DEADLINES, clock)
        self._clock = clock
        self._timetables: dict[tuple[object, ...], Timetable] = {}
        self._newest: tuple[datetime, Timetable] | None = None

    async def seed(self) -> None:
        """Keep what the product brings, for every part that was never kept."""
        await self.kept.seed()

    async def timetable(self, at: datetime | None = None) -> Timetable:
        """What is in force at a moment, now by default."""
        return await self.database.read(lambda connection: self.timetable_within(connection, at or self._clock()))

    def timetable_within(self, connection: Connection, at: datetime) -> Timetable:
        """What is in force at a moment, within a unit of work; asked at most once a second, a small question.

        A part that was never kept is as the product brings it. What another process has just changed counts here
        within a second.
        """
        if (newest := self._newest) and newest[0] <= at < newest[0] + _ASKED_AGAIN_AFTER:
            return newest[1]
        counting = in_force(DEADLINES.name, at).with_only_columns(kept_settings.c.id)
        until = next(iter(moments_after(connection, DEADLINES.name, at)), None)
        ids = (until, *sorted(connection.scalars(counting)))
        timetable = self._timetables.get(ids)
        if timetable is None:
            if len(self._timetables) >= _REMEMBERED:
                self._timetables.clear()
            timetable = replace(read_parts(self.kept.contents_within(connection, at)), until=until)
            self._timetables[ids] = timetable
        self._newest = (at, timetable)
        return timetable

    async def change(
        self,
        actor: Actor,
        part: str,
        content: Any,
        *,
        note: str,
        effective_from: datetime | None = None,
        replaces: int | None = None,
    ) -> SettingsVersion:
        """Set a part anew.

        Args:
            content: the document of the part, or its YAML text, whose errors then name their line.
            note: why, for those who read the history.
            effective_from: from when it counts, now by default; not earlier.
            replaces: the version that was open while this one was written, so that nobody overwrites another's work.

        Raises:
            TimeSettingsRefused: no right to, not valid, from before now, nothing differs, or somebody else has changed
                it meanwhile.
        """
        document = read_yaml(content) if isinstance(content, str) else content
        before = await self.kept.contents(effective_from)
        DEADLINES.check(before, before | {part: document})  # tells the lines, which are not kept
        written = await self.kept.change(
            actor,
            {part: without_lines(document)},
            note=note,
            effective_from=effective_from,
            replaces=None if replaces is None else {part: replaces},
        )
        self._newest = None
        if not written:
            raise TimeSettingsRefused("和现在用的一样，没有要改的。")
        return written[0]

    async def set_days(self, actor: Actor, year: int, content: Any, *, note: str) -> SettingsVersion:
        """Enter the holidays and make-up days of a year, or correct them; they count at once.

        Raises:
            TimeSettingsRefused: no right to, or not valid.
        """
        return await self.change(actor, days_part(year), content, note=note)

    async def content(self, part: str, at: datetime | None = None) -> Any:
        """The document of a part in force at a moment, now by default.

        Raises:
            TimeSettingsRefused: there is no such part, or nobody has entered the year.
        """
        parts = await self.kept.contents(at)
        if part not in parts:
            raise TimeSettingsRefused(f"没有“{part}”这一项设置，现有：{'、'.join(sorted(parts))}。")
        return parts[part]

    async def history(self, part: str) -> list[SettingsVersion]:
        """Every version of a part, the newest first."""
        return await self.kept.history(part)
