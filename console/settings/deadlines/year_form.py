"""The holidays and make-up days of a year as a form has them, and as twelve months."""

import re
from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from console.forms import Form
from console.settings.deadlines.parts import WEEKDAYS
from tickets.deadlines.days import YearDays, days_of, read_year
from tickets.deadlines.refused import TimeSettingsRefused

HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""Those the State Council announces every year."""

_BETWEEN = re.compile(r"[、，,\s]+")
_LINE = re.compile(r"([^\s：:]+)[\s：:]+(.+)")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the year.

    Attributes:
        kind: free, worked (a make-up day), off (a weekend) or plain.
        holiday: its name, where it is one.
    """

    day: date
    kind: str
    holiday: str = ""

    @property
    def written(self) -> str:
        """As the form has it."""
        return f"{self.day:%m-%d}"

    @property
    def told(self) -> str:
        """For readers."""
        kinds = {"free": f"放假，{self.holiday}", "worked": "调休上班", "off": "周末", "plain": "上班"}
        return f"{self.day.month}月{self.day.day}日 星期{WEEKDAYS[self.day.weekday()]}，{kinds[self.kind]}"


def document_of(form: Form, year: int) -> dict[str, Any]:
    """The document of a year as a form has it; what is wrong stands in the form's complaints."""
    free: dict[str, list[str]] = {}
    for number, line in enumerate(filter(None, map(str.strip, form.text("free").splitlines())), 1):
        found = _LINE.fullmatch(line)
        if not found:
            form.complain("free", f"第 {number} 行“{line}”看不懂，请写成：国庆节 10-01~10-07。")
            continue
        free.setdefault(found[1], []).extend(_ranges(form, "free", year, found[2]))
    document = {
        "source": form.text("source", missing="请写依据，如国办发明电的文号。", limit=100),
        "free": {name: days[0] if len(days) == 1 else days for name, days in free.items()},
        "worked": _ranges(form, "worked", year, form.text("worked")),
    }
    if form.ok:
        try:
            read_year(year, document)
        except TimeSettingsRefused as refused:
            form.complain("worked" if "worked" in str(refused) or "上班" in str(refused) else "free", str(refused))
    return document


def form_of(year: YearDays | None) -> Form:
    """A form with the days of a year that was entered, or an empty one."""
    if year is None:
        return Form()
    lines = [f"{name} {'、'.join(ranges(days))}" for name, days in year.free.items()]
    worked = "、".join(f"{day:%m-%d}" for day in sorted(year.worked))
    return Form.of({"source": year.source, "free": "\n".join(lines), "worked": worked})


def ranges(days: Iterable[date]) -> list[str]:
    """Days as they are written: those in a row as one."""
    ordered = sorted(set(days))
    breaks = [place for place, (one, two) in enumerate(pairwise(ordered), 1) if two - one > timedelta(days=1)]
    rows = [ordered[start:end] for start, end in pairwise([0, *breaks, len(ordered)])] if ordered else []
    return [f"{row[0]:%m-%d}~{row[-1]:%m-%d}" if len(row) > 1 else f"{row[0]:%m-%d}" for row in rows]


def months(year: int, known: YearDays | None) -> list[list[list[Day | None]]]:
    """Twelve months of weeks of seven days, Monday first; None for days of other months."""
    kinds = kinds_of(known)
    return [
        [[_day(day, kinds) if day.month == month else None for day in week] for week in weeks]
        for month, weeks in ((month, Calendar().monthdatescalendar(year, month)) for month in range(1, 13))
    ]


def kinds_of(known: YearDays | None) -> dict[date, tuple[str, str]]:
    """What is announced of days: whether they are free or worked, and the holiday's name."""
    if known is None:
        return {}
    free = {day: ("free", name) for name, days in known.free.items() for day in days}
    return free | dict.fromkeys(known.worked, ("worked", ""))


def differences(before: YearDays | None, after: YearDays) -> list[tuple[date, str]]:
    """The days that become different, with words on what they were and are."""
    old, new = kinds_of(before), kinds_of(after)
    changed = sorted(day for day in old.keys() | new.keys() if old.get(day) != new.get(day))
    return [(day, f"{_told(day, old)} → {_told(day, new)}") for day in changed]


def _told(day: date, kinds: Mapping[date, tuple[str, str]]) -> str:
    return _day(day, kinds).told.partition("，")[2].replace("，", " ")


def _day(day: date, kinds: Mapping[date, tuple[str, str]]) -> Day:
    kind, holiday = kinds.get(day, ("off" if day.weekday() >= 5 else "plain", ""))
    return Day(day, kind, holiday)


def _ranges(form: Form, field: str, year: int, written: str) -> list[str]:
    """The single days and ranges in a text, each checked."""
    found: Sequence[str] = [each for each in _BETWEEN.split(written.replace("～", "~")) if each]
    for each in found:
        try:
            days_of(year, each)
        except TimeSettingsRefused as refused:
            form.complain(field, str(refused))
    return list(found)
