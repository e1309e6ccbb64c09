"""Working time: which moments count, and what time it is when so much of it has passed.

All working time from 2000 on is summed up once a calendar, day by day. Measuring between two moments is then two
look-ups, and finding the end of a length of time is one bisection, however long it is.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from service.clock import CHINA
from tickets.deadlines.span import Span, Unit

FIRST_YEAR, LAST_YEAR = 2000, 2099
INSTANT = timedelta.resolution
"""The shortest time there is: what is due at a moment is overdue an instant later."""

_FIRST = date(FIRST_YEAR, 1, 1).toordinal()
_SIZE = date(LAST_YEAR + 1, 1, 1).toordinal() - _FIRST
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


class Interval(NamedTuple):
    """Working time within a day, in microseconds after midnight; the end does not belong to it."""

    start: int
    end: int


ALL_DAY = (Interval(0, _DAY),)


class SeasonHours(NamedTuple):
    """Other working hours from one day of the year to another, both included; the range may go over new year."""

    first: tuple[int, int]
    last: tuple[int, int]
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a calendar works.

    Attributes:
        weekdays: 0 is Monday.
        intervals: of a working day, in order.
        seasons: parts of the year with other intervals; the first that fits counts.
        follows_holidays: public holidays are off, make-up days (调休) are worked.
    """

    name: str
    weekdays: frozenset[int]
    intervals: tuple[Interval, ...]
    seasons: tuple[SeasonHours, ...] = ()
    follows_holidays: bool = True


NATURAL = Hours("自然时间", frozenset(range(7)), ALL_DAY, follows_holidays=False)
"""Every moment counts: what hours and days are counted by that are not working ones."""


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days off and make-up days of the years somebody has entered."""

    years: frozenset[int]
    free: frozenset[date]
    worked: frozenset[date]


class WorkCalendar:
    """The working time of one calendar, from 2000 to 2099, in China's time zone; never changed.

    Moments may be in any zone but must be aware; what is given back is in China's.

    Raises:
        ValueError: a moment is naive, or lies outside those years.
    """

    def __init__(self, hours: Hours, holidays: Holidays) -> None:
        self.hours = hours
        self.holidays = holidays
        of_date = _intervals_of_dates(hours)
        self._intervals: list[tuple[Interval, ...]] = []
        self._elapsed = [0]  # working time before each day
        self._days = [0]  # working days before each day
        elapsed = days = 0
        for place in range(_SIZE):
            day = date.fromordinal(_FIRST + place)
            intervals, worked = of_date[day.month, day.day] if self._works(day) else ((), 0)
            elapsed += worked
            days += bool(intervals)
            self._intervals.append(intervals)
            self._elapsed.append(elapsed)
            self._days.append(days)

    def _works(self, day: date) -> bool:
        if self.hours.follows_holidays:
            if day in self.holidays.free:
                return False
            if day in self.holidays.worked:
                return True
        return day.weekday() in self.hours.weekdays

    def is_working_day(self, day: date) -> bool:
        """Whether any of the day is worked."""
        return bool(self._intervals[_place(day)])

    def intervals_of(self, day: date) -> tuple[Interval, ...]:
        """The working time of a day."""
        return self._intervals[_place(day)]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments; negative when the end comes first."""
        return timedelta(microseconds=self._until(end) - self._until(start))

    def working_days(self, start: datetime, due: datetime) -> int:
        """The working days from the day after a moment to the last one before something is due; none when it is."""
        return max(self._days[_place(last_day(due)) + 1] - self._days[_place(in_china(start).date()) + 1], 0)

    def after(self, start: datetime, worked: timedelta) -> datetime:
        """The first moment at which so much working time has passed; the start itself when it is none.

        Less than none goes back: the first moment at which only so much was still to come.
        """
        amount = worked // INSTANT
        return self._moment(self._until(start) + amount) if amount else in_china(start)

    def close_of(self, start: datetime, days: int) -> datetime:
        """Close of business of the last of some working days; the day after the start's is the first that counts."""
        target = self._days[_place(in_china(start).date()) + 1] + days
        return self._close(bisect_left(self._days, target) - 1)

    def close_of_today(self, start: datetime) -> datetime:
        """Close of business of the day, or of the next working day when business is closed already."""
        place = _place(in_china(start).date())
        intervals = self._intervals[place]
        if intervals and self._close(place) > start:
            return self._close(place)
        return self.close_of(start, 1)

    def opening_before(self, day: date, days: int) -> datetime:
        """When business opened on the working day so many working days before a day."""
        place = bisect_left(self._days, self._days[_place(day)] - days + 1) - 1
        return _at(place, self._intervals[place][0].start)

    def end_of(self, span: Span, start: datetime) -> datetime:
        """When a length of time that begins at a moment ends.

        Days, working or natural, count from the day after, and end with the last of them.
        """
        match span.unit:
            case Unit.WORKING_DAYS:
                return self.close_of(start, span.count)
            case Unit.WORKING_HOURS:
                return self.after(start, timedelta(hours=span.count))
            case Unit.SAME_DAY:
                return max(self.close_of_today(start), self.after(start, timedelta(hours=span.count)))
            case Unit.DAYS:
                return _midnight_after(in_china(start).date(), span.count)
            case Unit.HOURS:
                return in_china(start) + timedelta(hours=span.count)
            case Unit.MINUTES:
                return in_china(start) + timedelta(minutes=span.count)

    def unknown_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """The years from one moment to another of which nobody has entered the holidays; they count by weekends."""
        if not self.hours.follows_holidays:
            return ()
        years = range(in_china(start).year, last_day(end).year + 1)
        return tuple(year for year in years if year not in self.holidays.years)

    def _until(self, moment: datetime) -> int:
        """Working time from the beginning of the table to a moment."""
        local = in_china(moment)
        place = _place(local)
        elapsed = self._elapsed[place]
        intervals = self._intervals[place]
        if intervals:
            seconds = (local.hour * 60 + local.minute) * 60 + local.second
            into = seconds * _SECOND + local.microsecond
            for start, end in intervals:
                if into <= start:
                    break
                elapsed += min(into, end) - start
        return elapsed

    def _moment(self, elapsed: int) -> datetime:
        """The first moment at which so much working time has passed since the beginning of the table."""
        place = bisect_left(self._elapsed, elapsed) - 1
        if not 0 <= place < _SIZE:
            raise _outside()
        rest = elapsed - self._elapsed[place]
        for start, end in self._intervals[place]:
            if rest <= end - start:
                return _at(place, start + rest)
            rest -= end - start
        raise AssertionError(place)  # the day has as much working time as the table says

    def _close(self, place: int) -> datetime:
        if place >= _SIZE:
            raise _outside()
        return _at(place, self._intervals[place][-1].end)


@lru_cache(maxsize=64)
def calendar_of(hours: Hours, holidays: Holidays) -> WorkCalendar:
    """The calendar of these hours and holidays, made once."""
    return WorkCalendar(hours, holidays)


def in_china(moment: datetime) -> datetime:
    """A moment in China's time zone.

    Raises:
        ValueError: it is naive, so that its meaning would depend on the machine.
    """
    if moment.tzinfo is None:
        message = "a moment needs a time zone"
        raise ValueError(message)
    return moment.astimezone(CHINA)


def last_day(due_at: datetime) -> date:
    """The last day, in China, on which something due at a moment is in time; 24:00 belongs to the day it ends."""
    return (in_china(due_at) - INSTANT).date()


def _intervals_of_dates(hours: Hours) -> dict[tuple[int, int], tuple[tuple[Interval, ...], int]]:
    """The intervals of each day of the year if it is worked, and their sum."""
    leap_year = (date(2000, 1, 1) + timedelta(days=number) for number in range(366))
    found = {(day.month, day.day): _intervals_on(hours, (day.month, day.day)) for day in leap_year}
    return {day: (intervals, sum(end - start for start, end in intervals)) for day, intervals in found.items()}


def _intervals_on(hours: Hours, day: tuple[int, int]) -> tuple[Interval, ...]:
    for first, last, intervals in hours.seasons:
        if first <= day <= last if first <= last else not last < day < first:
            return intervals
    return hours.intervals


def _place(day: date) -> int:
    place = day.toordinal() - _FIRST
    if 0 <= place < _SIZE:
        return place
    raise _outside()


def _at(place: int, into: int) -> datetime:
    """A moment of a day, by microseconds after its midnight; China has had no other offset since 1991."""
    midnight = datetime.combine(date.fromordinal(_FIRST + place), time(), CHINA)
    return midnight + timedelta(microseconds=into)


def _midnight_after(day: date, days: int) -> datetime:
    return datetime.combine(day + timedelta(days=days + 1), time(), CHINA)


def _outside() -> ValueError:
    return ValueError(f"working time is known from {FIRST_YEAR} to {LAST_YEAR}")
