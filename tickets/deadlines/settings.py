"""Calendar, rules and ladder as staff keep them: every change is a new version with a day from which it counts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from service.audit import Deed, Recorded, record_within
from service.clock import Clock, now
from service.identity.roles import Actor, Role
from service.storage import Database, hold
from tickets.deadlines.document import read_yaml, without_lines
from tickets.deadlines.parts import CALENDARS, days_part, read_parts, shipped_parts, year_of
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.tables import NOTE_LIMIT, deadline_settings
from tickets.deadlines.timetable import Timetable
from tickets.deadlines.versions import SettingsVersion, add_version, in_force, last_version, parts_at, version_of

EDITORS = (Role.SUPERVISOR,)
"""Who may change how time is counted, beside administrators."""

_SHIPPED_BY = "import"
_ASKED_AGAIN_AFTER = timedelta(seconds=1)
_REMEMBERED = 16  # timetables: that of now, and those by which older tickets run


class TimeSettings:
    """What is set about time in an installation.

    A ticket's clocks keep the moment they are due, and a version never counts from before it was written:
    so no change moves what was promised, and what was in force at any moment can be asked for later.
    """

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self.database = database
        self._clock = clock
        self._timetables: dict[tuple[int, ...], Timetable] = {}
        self._newest: tuple[datetime, Timetable] | None = None

    async def seed(self) -> None:
        """Keep what the product brings, for every part that was never kept."""

        def begin(connection: Connection) -> None:
            hold(connection, "deadline_settings")
            kept = set(connection.scalars(select(deadline_settings.c.part)))
            at = self._clock()
            for part, content in shipped_parts().items():
                if part not in kept:
                    add_version(connection, SettingsVersion(part, 1, at, content, at, _SHIPPED_BY, "随产品提供"))

        kept = await self.database.read(lambda connection: set(connection.scalars(select(deadline_settings.c.part))))
        if shipped_parts().keys() - kept:
            await self.database.write(begin)

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
        ids = tuple(sorted(connection.scalars(in_force(at).with_only_columns(deadline_settings.c.id))))
        timetable = self._timetables.get(ids)
        if timetable is None:
            if len(self._timetables) >= _REMEMBERED:
                self._timetables.clear()
            timetable = self._timetables[ids] = read_parts(parts_at(connection, at))
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
            TimeSettingsRefused: no right to, not valid, from before now, or somebody else has changed it meanwhile.
        """
        if not actor.is_any(*EDITORS):
            raise TimeSettingsRefused("您没有修改时限设置的权限，请联系管理员。")
        if not note.strip() or len(note) > NOTE_LIMIT:
            raise TimeSettingsRefused(f"请写明为什么改，最多 {NOTE_LIMIT} 字，如依据的文件和文号。")
        document = read_yaml(content) if isinstance(content, str) else content

        def run(connection: Connection) -> SettingsVersion:
            hold(connection, "deadline_settings")
            at = self._clock()
            begins = effective_from or at
            if begins < at:
                raise TimeSettingsRefused("生效时间不能早于现在：已经承诺的时限不会再变。")
            last = last_version(connection, part)
            if replaces is not None and replaces != last:
                raise TimeSettingsRefused("别人刚刚改过这一项，请看过新内容再改。")
            _check(connection, part, document, begins)
            written = SettingsVersion(part, last + 1, begins, without_lines(document), at, actor.name, note.strip())
            add_version(connection, written)
            _check_later(connection, begins)
            done = {"version": written.version, "from": begins.isoformat()}
            record_within(connection, Recorded(at, actor.name, Deed.SETTINGS, f"deadlines {part}", note.strip(), done))
            return written

        written = await self.database.write(run)
        self._newest = None
        return written

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
        parts = await self.database.read(lambda connection: parts_at(connection, at or self._clock()))
        if part not in parts:
            raise TimeSettingsRefused(f"没有“{part}”这一项设置，现有：{'、'.join(sorted(parts))}。")
        return parts[part]

    async def history(self, part: str) -> list[SettingsVersion]:
        """Every version of a part, the newest first."""
        statement = select(deadline_settings).where(deadline_settings.c.part == part)
        newest_first = statement.order_by(deadline_settings.c.version.desc())
        rows = await self.database.read(lambda connection: connection.execute(newest_first).all())
        return [version_of(row) for row in rows]


def _check(connection: Connection, part: str, document: Any, begins: datetime) -> None:
    """Refuse what is not valid, or does not fit with all else."""
    kept = parts_at(connection, begins)
    if part not in kept and year_of(part) is None:
        raise TimeSettingsRefused(f"没有“{part}”这一项设置，可以改的有：{'、'.join(kept)}。")
    if part == CALENDARS and isinstance(document, Mapping) and (removed := kept[part].keys() - document.keys()):
        raise TimeSettingsRefused(f"日历“{sorted(removed)[0]}”可能还有工单在用，不能删除，只能修改。")
    read_parts(kept | {part: document})


def _check_later(connection: Connection, begins: datetime) -> None:
    """Refuse what would not fit with a version that begins later."""
    moments = select(deadline_settings.c.effective_from).where(deadline_settings.c.effective_from > begins)
    for moment in connection.scalars(moments.distinct()).all():
        read_parts(parts_at(connection, moment))
