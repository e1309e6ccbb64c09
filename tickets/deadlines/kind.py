"""What is set about time, as a kind of settings: its parts are the documents of `parts`."""

from collections.abc import Mapping

from sqlalchemy import Connection

from service.identity.roles import Role
from service.kept.kind import Contents, Kind
from service.kept.versions import SettingsVersion
from service.tasks import TaskKind, done_within
from tickets.deadlines.parts import CALENDARS, RULES, SUPERVISION, read_parts, shipped_parts, year_of
from tickets.deadlines.refused import TimeSettingsRefused


def _check(before: Contents, after: Contents) -> None:
    calendars = after[CALENDARS]
    if isinstance(calendars, Mapping) and (removed := before[CALENDARS].keys() - calendars.keys()):
        message = f"日历“{sorted(removed)[0]}”可能还有工单在用，不能删除，只能修改。"
        raise TimeSettingsRefused(message)
    read_parts(after)


def _settle(connection: Connection, written: SettingsVersion) -> None:
    """The days of a year settle the task to enter them."""
    if year := year_of(written.part):
        done_within(connection, (TaskKind.HOLIDAYS,), (str(year),), written.at)


_CALLED = {CALENDARS: "工作日历", RULES: "时限规则", SUPERVISION: "督办"}


def _called(part: str) -> str:
    return f"{year_of(part)}年放假安排" if year_of(part) else _CALLED.get(part, part)


DEADLINES = Kind(
    name="deadlines",
    title="时限",
    shipped=shipped_parts,
    check=_check,
    editors=(Role.SUPERVISOR,),
    refused=TimeSettingsRefused,
    called=_called,
    opens=lambda part: year_of(part) is not None,
    written=_settle,
)
