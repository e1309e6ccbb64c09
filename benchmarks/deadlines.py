"""Working time by sums against walking day by day, and what watching over a batch of tickets costs."""

import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from service.clock import CHINA
from tickets.deadlines.calendar import WorkCalendar, calendar_of
from tickets.deadlines.due import Watched, due_now, next_check
from tickets.deadlines.parts import read_parts, shipped_parts
from tickets.deadlines.span import Span, Unit
from tickets.deadlines.terms import Term
from tickets.deadlines.timetable import Timetable
from tickets.urgency import Urgency

_CALLS = 20_000
_TICKETS = 20_000
_SEED = 12345

Work = Callable[[datetime], object]


def main() -> None:
    """Print microseconds a call, and how many times as long the plain loop takes."""
    timetable = read_parts(shipped_parts())
    office = timetable.calendars["office"]
    draw = random.Random(_SEED)
    starts = [datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=draw.randrange(500_000)) for _ in range(_CALLS)]
    for days in (1, 10, 60):
        span = Span(days, Unit.WORKING_DAYS)
        _compare(
            f"end of {days} working days",
            starts,
            lambda start, span=span: office.end_of(span, start),
            lambda start, days=days: _walk(office, start, days),
        )
    for hours in (4, 70, 420):
        length = timedelta(hours=hours)
        _compare(
            f"end of {hours} working hours",
            starts,
            lambda start, length=length: office.after(start, length),
            lambda start, length=length: _spend(office, start, length),
        )
    for days in (3, 30, 300):
        ahead = timedelta(days=days)
        _compare(
            f"working time within {days} days",
            starts,
            lambda start, ahead=ahead: office.between(start, start + ahead),
            lambda start, ahead=ahead: _measure(office, start, start + ahead),
        )
    _million(office, starts)
    _watch(timetable, starts)
    calendar_of.cache_clear()
    made = _microseconds(lambda _: calendar_of(office.hours, office.holidays), starts[:1])
    print(f"{'a calendar of a hundred years':<36} {made / 1000:8.1f} ms")


def _compare(name: str, starts: list[datetime], ours: Work, plain: Work) -> None:
    assert [ours(start) for start in starts[:200]] == [plain(start) for start in starts[:200]]
    mine, theirs = _microseconds(ours, starts), _microseconds(plain, starts[: _CALLS // 10])
    print(f"{name:<36} {mine:8.2f} µs   day by day {theirs:8.2f} µs   {theirs / mine:6.1f} x")


def _microseconds(work: Work, starts: list[datetime]) -> float:
    begun = time.process_time()
    for start in starts:
        work(start)
    return (time.process_time() - begun) / len(starts) * 1e6


def _million(office: WorkCalendar, starts: list[datetime]) -> None:
    span = Span(10, Unit.WORKING_DAYS)
    begun = time.process_time()
    for _ in range(1_000_000 // _CALLS):
        for start in starts:
            office.end_of(span, start)
    print(f"{'1,000,000 promises':<36} {time.process_time() - begun:8.2f} s")


def _watch(timetable: Timetable, starts: list[datetime]) -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=CHINA)
    tickets = [_ticket(timetable, number, start) for number, start in enumerate(starts[:_TICKETS])]
    begun = time.process_time()
    found = sum(1 for _ in due_now(tickets, at, timetable))
    cost = (time.process_time() - begun) / _TICKETS * 1e6
    print(f"{'what is due for a batch':<36} {cost:8.2f} µs a ticket   {found:,} things for {_TICKETS:,} tickets")
    begun = time.process_time()
    for ticket in tickets:
        next_check(ticket, at, timetable)
    print(f"{'when to look again':<36} {(time.process_time() - begun) / _TICKETS * 1e6:8.2f} µs a ticket")


def _ticket(timetable: Timetable, number: int, at: datetime) -> Watched:
    terms = timetable.terms(kind="complaint", channel="phone", urgency=Urgency.NORMAL, category="", at=at)
    promise = timetable.start(Term.PROMISE, terms, at)
    return Watched(str(number), (promise, timetable.start(Term.HANDLE, terms, at, promise)), at)


def _walk(office: WorkCalendar, start: datetime, days: int) -> datetime:
    day = start.date()
    while days:
        day += timedelta(days=1)
        days -= office.is_working_day(day)
    return _moment(day, office.intervals_of(day)[-1].end)


def _spend(office: WorkCalendar, start: datetime, length: timedelta) -> datetime:
    day, left = start.date(), length
    while True:
        for interval in office.intervals_of(day):
            begin = max(_moment(day, interval.start), start)
            worked = max(_moment(day, interval.end) - begin, timedelta())
            if left <= worked:
                return begin + left
            left -= worked
        day += timedelta(days=1)


def _measure(office: WorkCalendar, start: datetime, end: datetime) -> timedelta:
    day, worked = start.date(), timedelta()
    while day <= end.date():
        for interval in office.intervals_of(day):
            first, last = max(_moment(day, interval.start), start), min(_moment(day, interval.end), end)
            worked += max(last - first, timedelta())
        day += timedelta(days=1)
    return worked


def _moment(day: date, into: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(microseconds=into)
