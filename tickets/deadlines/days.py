"""Dates as staff write them, and the holidays and make-up days of a year."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tickets.deadlines.calendar import FIRST_YEAR, LAST_YEAR, Holidays
from tickets.deadlines.document import Document, Section
from tickets.deadlines.refused import TimeSettingsRefused

_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
_SATURDAY = 5
_LEAP_YEAR = 2000

MonthDay = tuple[int, int]


@dataclass(frozen=True, slots=True)
class YearDays:
    """The days off and make-up days of one year.

    Attributes:
        source: number of the official announcement.
        free: days off by the name of the holiday.
    """

    year: int
    source: str
    free: Mapping[str, tuple[date, ...]]
    worked: tuple[date, ...]


def read_year(year: int, document: Document) -> YearDays:
    """The days of a year as staff wrote them.

    Raises:
        TimeSettingsRefused: they contradict each other or are of no use; the message says which.
    """
    section = Section(document, f"{year}年放假安排")
    section.only(("source", "free", "worked"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise section.refused(f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    source = section.text("source")
    named = section.section("free", f"{year}年放假安排的 free")
    free = {name: named.understood(name, written, lambda each: days_of(year, each)) for name, written in named}
    worked = tuple(
        section.understood("worked", written, lambda text: _date(year, month_day(text)))
        for written in section.items("worked")
    )
    _check(section, free, worked)
    return YearDays(year, source, free, worked)


def holidays_of(years: Iterable[YearDays]) -> Holidays:
    """The days of all years together."""
    known = tuple(years)
    return Holidays(
        years=frozenset(each.year for each in known),
        free=frozenset(day for each in known for days in each.free.values() for day in days),
        worked=frozenset(day for each in known for day in each.worked),
    )


def month_day(written: Any) -> MonthDay:
    """A day of the year, written 10-01.

    Raises:
        TimeSettingsRefused: there is no such day.
    """
    found = _DAY.fullmatch(str(written).strip())
    try:
        if found:
            day = date(_LEAP_YEAR, int(found[1]), int(found[2]))
            return day.month, day.day
    except ValueError:
        pass
    message = f"“{written}”不是日期，请写成“月-日”，如 10-01。"
    raise TimeSettingsRefused(message)


def month_days(written: Any) -> tuple[MonthDay, MonthDay]:
    """A day or a range of days, written 10-01 or 10-01~10-07.

    Raises:
        TimeSettingsRefused: it is neither.
    """
    first, tilde, last = str(written).partition("~")
    return month_day(first), month_day(last if tilde else first)


def _date(year: int, day: MonthDay) -> date:
    try:
        return date(year, *day)
    except ValueError as error:
        message = f"{year}年没有{day[0]}月{day[1]}日。"
        raise TimeSettingsRefused(message) from error


def days_of(year: int, written: Any) -> tuple[date, ...]:
    """The days of a year that somebody wrote: 10-01, 10-01~10-07, or a list of such.

    Raises:
        TimeSettingsRefused: there are no such days in that year.
    """
    if isinstance(written, list):
        return tuple(day for each in written for day in days_of(year, each))
    first, last = (_date(year, day) for day in month_days(written))
    if last < first:
        message = f"“{written}”前后颠倒了；跨年的假期请分别写在两年里。"
        raise TimeSettingsRefused(message)
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def _check(section: Section, named: Mapping[str, tuple[date, ...]], worked: tuple[date, ...]) -> None:
    if not named:
        raise section.refused("还没有写放假的日子")
    free = {day for days in named.values() for day in days}
    for day in worked:
        if day in free:
            raise section.refused(f"{day:%m-%d} 既放假又上班，请只留一处")
        if day.weekday() < _SATURDAY:
            raise section.refused(f"{day:%m-%d} 不是周末，本来就上班，不用写在 worked 里")
    if len(set(worked)) < len(worked):
        raise section.refused("worked 里有一天写了两次")
