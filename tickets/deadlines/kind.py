"""What is set about time, as a kind of settings: its parts are the documents of `parts`."""

from collections.abc import Mapping

from sqlalchemy import Connection

from service.identity.roles import Role
from service.kept.kind import Contents, Kind
from service.kept.versions import SettingsVersion
from service.tasks import TaskKind, done_within
from tickets.deadlines.parts import CALENDARS, RULES, SUPERVISION, read_parts, shipped_parts, year_of
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.terms import Term
from tickets.watching import look_anew_within


def _check(before: Contents, after: Contents) -> None:
    calendars = after[CALENDARS]
    if isinstance(calendars, Mapping) and (removed := before[CALENDARS].keys() - calendars.keys()):
        message = f"日历“{sorted(removed)[0]}”可能还有工单在用，不能删除，只能修改。"
        raise TimeSettingsRefused(message)
    read_parts(after)


def _settle(connection: Connection, written: SettingsVersion) -> None:
    """The days of a year settle the task to enter them; all but rules make warnings come at other times."""
    if year := year_of(written.part):
        done_within(connection, (TaskKind.HOLIDAYS,), (str(year),), written.at)
    if written.part != RULES:
        look_anew_within(connection, written.effective_from)


_CALLED = {CALENDARS: "工作日历", RULES: "时限规则", SUPERVISION: "督办"}


def _called(part: str) -> str:
    return f"{year_of(part)}年放假安排" if year_of(part) else _CALLED.get(part, part)


_NAMES = {term.value: term.label for term in Term} | {
    "name": "名称",
    "when": "条件",
    "kind": "类型",
    "channel": "渠道",
    "urgency": "紧急程度",
    "category": "分类",
    "season": "时段",
    "calendar": "日历",
    "priority": "优先",
    "extensions": "可以延期几次",
    "extend_by": "每次最多延",
    "suspend_for": "最多暂停",
    "reassigns": "可以改派几次",
    "weekdays": "上班的日子",
    "hours": "上班时间",
    "source": "依据",
    "free": "放假",
    "worked": "补班",
}


DEADLINES = Kind(
    name="deadlines",
    title="时限",
    shipped=shipped_parts,
    check=_check,
    editors=(Role.SUPERVISOR,),
    refused=TimeSettingsRefused,
    called=_called,
    names=_NAMES,
    opens=lambda part: year_of(part) is not None,
    written=_settle,
)
