"""Working time told the slow way: minute by minute, knowing nothing of sums. What the calendar is checked against."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import settings

from tickets.deadlines.calendar import NATURAL, Holidays, calendar_of
from tickets.deadlines.parts import read_parts, shipped_parts

steady = settings(deadline=None, max_examples=60)
BEIJING = timedelta(hours=8)
MINUTE = timedelta(minutes=1)

TIMETABLE = read_parts(shipped_parts())
OFFICE = TIMETABLE.calendars["office"]
DUTY = TIMETABLE.calendars["duty"]
ALWAYS = calendar_of(NATURAL, Holidays(frozenset(), frozenset(), frozenset()))

FREE = {date(2026, 1, day) for day in (1, 2, 3)} | {date(2026, 2, day) for day in range(15, 24)}
FREE |= {date(2026, 10, day) for day in range(1, 8)} | {date(2025, 10, day) for day in range(1, 9)}
WORKED = {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)}
WORKED |= {date(2025, 9, 28), date(2025, 10, 11)}
FREE |= {date(2026, 9, day) for day in (25, 26, 27)}


def is_worked(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in FREE)


def works_in(minute: datetime) -> bool:
    """Whether the minute that begins at a moment is office time; only where FREE and WORKED know the holidays."""
    local = minute.astimezone(UTC) + BEIJING
    into = local.hour * 60 + local.minute
    return is_worked(local.date()) and (540 <= into < 720 or 810 <= into < 1050)


def slow_between(start: datetime, end: datetime) -> timedelta:
    """Working minutes between two whole minutes."""
    count = sum(works_in(start + number * MINUTE) for number in range((end - start) // MINUTE))
    return count * MINUTE


def slow_after(start: datetime, minutes: int) -> datetime:
    """The moment at which so many working minutes have passed."""
    moment = start
    while minutes:
        minutes -= works_in(moment)
        moment += MINUTE
    return moment


def china(text: str) -> datetime:
    """A moment in China's time, written 2026-11-20 10:00."""
    return datetime.fromisoformat(f"{text}+08:00")
