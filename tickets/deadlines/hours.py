"""The working hours of the calendars, as staff write them."""

import re
from itertools import pairwise
from typing import Any

from tickets.deadlines.calendar import Hours, Interval, SeasonHours
from tickets.deadlines.days import month_days
from tickets.deadlines.document import Document, Section
from tickets.deadlines.refused import TimeSettingsRefused

_WEEKDAYS = "一二三四五六日"
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MINUTE = 60_000_000
_DAY_MINUTES = 24 * 60


def read_hours(document: Document) -> dict[str, Hours]:
    """The hours of every calendar by its key.

    Raises:
        TimeSettingsRefused: they are of no use; the message says why.
    """
    found = {key: _hours(Section(value, f"日历“{key}”")) for key, value in Section(document, "工作时间")}
    if not found:
        message = "一个日历也没有，至少写一个。"
        raise TimeSettingsRefused(message)
    return found


def _hours(section: Section) -> Hours:
    section.only(("name", "weekdays", "hours", "seasons", "holidays"))
    seasons = [Section(each, f"{section.where}的 seasons") for each in section.items("seasons")]
    for season in seasons:
        season.only(("days", "hours"))
    return Hours(
        name=section.text("name"),
        weekdays=section.parsed("weekdays", _weekdays),
        intervals=section.understood("hours", section.items("hours"), _intervals),
        seasons=tuple(_season(each) for each in seasons),
        follows_holidays=section.flag("holidays", default=True),
    )


def _season(section: Section) -> SeasonHours:
    first, last = section.parsed("days", month_days)
    return SeasonHours(first, last, section.understood("hours", section.items("hours"), _intervals))


def _weekdays(written: Any) -> frozenset[int]:
    days = frozenset(_WEEKDAYS.find(day) for day in str(written))
    if not written or -1 in days:
        message = f"应写星期几上班，如“一二三四五”，现在是“{written}”。"
        raise TimeSettingsRefused(message)
    return days


def _intervals(written: list[Any]) -> tuple[Interval, ...]:
    intervals = tuple(_interval(str(each)) for each in written)
    if not intervals:
        message = "没有写上班时间，如 [9:00-12:00, 13:30-17:30]。"
        raise TimeSettingsRefused(message)
    for earlier, later in pairwise(intervals):
        if later.start < earlier.end:
            message = "里的时段要从早到晚写，不能重叠。"
            raise TimeSettingsRefused(message)
    return intervals


def _interval(written: str) -> Interval:
    if found := _INTERVAL.fullmatch(written.strip()):
        hour, minute, last_hour, last_minute = map(int, found.groups())
        start, end = hour * 60 + minute, last_hour * 60 + last_minute
        if max(minute, last_minute) < 60 and start < end <= _DAY_MINUTES:
            return Interval(start * _MINUTE, end * _MINUTE)
    message = f"里的“{written}”不是时段，请写成 9:00-12:00 这样；整天写 0:00-24:00。"
    raise TimeSettingsRefused(message)
