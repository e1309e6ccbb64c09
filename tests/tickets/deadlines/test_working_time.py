import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_time import ALWAYS, DUTY, OFFICE, china, is_worked, slow_after, slow_between, steady

from tickets.deadlines.calendar import Holidays, calendar_of, last_day
from tickets.deadlines.hours import read_hours
from tickets.deadlines.span import Span

CALENDARS = st.sampled_from([OFFICE, DUTY, ALWAYS])
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]
SPANS = ["3个工作日", "10个工作日", "5个工作小时", "24小时", "90分钟", "15天", "当日", "当日，至少4小时"]


def moments(first="2024-12-01", last="2028-03-01"):
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    zones = st.sampled_from(ZONES).map(ZoneInfo)
    return st.datetimes(start, end).flatmap(lambda moment: zones.map(moment.replace(tzinfo=UTC).astimezone))


def minutes(first, last):
    """Whole minutes in a range whose holidays the slow way knows."""
    begin, size = china(first), china(last) - china(first)
    return st.integers(0, size // timedelta(minutes=1)).map(lambda number: begin + timedelta(minutes=number))


LENGTHS = st.timedeltas(timedelta(), timedelta(days=120))

# What people count on


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ("5个工作日", "2026-11-20 10:00", "2026-11-27 17:30"),  # the day after is the first
        ("1个工作日", "2026-11-20 10:00", "2026-11-23 17:30"),  # Friday to Monday
        ("1个工作日", "2026-11-21 10:00", "2026-11-23 17:30"),  # from a Saturday
        ("1个工作日", "2026-11-22 23:59", "2026-11-23 17:30"),
        ("10个工作日", "2026-11-21 10:00", "2026-12-04 17:30"),
        ("1个工作日", "2026-09-30 09:00", "2026-10-08 17:30"),  # over the National Day holiday
        ("2个工作日", "2026-10-08 09:00", "2026-10-10 17:30"),  # Saturday, worked (调休)
        ("1个工作日", "2026-02-13 09:00", "2026-02-14 17:30"),
        ("2个工作日", "2026-02-13 09:00", "2026-02-24 17:30"),  # nine days of Spring Festival
        ("5个工作日", "2025-12-30 09:00", "2026-01-07 17:30"),  # new year: 1-3 free, Sunday 4 worked
        ("4个工作小时", "2026-11-20 10:00", "2026-11-20 15:30"),  # lunch does not count
        ("4个工作小时", "2026-11-20 16:00", "2026-11-23 11:30"),
        ("2个工作小时", "2026-11-20 10:00", "2026-11-20 12:00"),  # ends before lunch, not after it
        ("4个工作小时", "2026-11-21 03:00", "2026-11-23 14:30"),
        ("24小时", "2026-11-20 16:00", "2026-11-21 16:00"),
        ("30分钟", "2026-11-20 23:50", "2026-11-21 00:20"),
        ("15天", "2026-11-20 16:00", "2026-12-06 00:00"),  # ends with the fifteenth day
        ("1天", "2028-02-28 10:00", "2028-03-01 00:00"),  # a leap day
        ("当日", "2026-11-20 10:00", "2026-11-20 17:30"),
        ("当日", "2026-11-20 17:30", "2026-11-23 17:30"),  # closed already
        ("当日", "2026-11-21 10:00", "2026-11-23 17:30"),
        ("当日，至少4小时", "2026-11-20 15:30", "2026-11-23 11:00"),
    ],
)
def test_the_end_of_office_time(span, start, end):
    assert OFFICE.end_of(Span.parse(span), china(start)) == china(end)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ("当日", "2026-10-01 10:00", "2026-10-02 00:00"),  # on a holiday, until 24:00
        ("当日，至少4小时", "2026-10-01 23:50", "2026-10-02 03:50"),
        ("1个工作日", "2026-10-01 10:00", "2026-10-03 00:00"),
        ("4个工作小时", "2026-10-01 22:00", "2026-10-02 02:00"),
    ],
)
def test_a_duty_calendar_knows_neither_nights_nor_holidays(span, start, end):
    assert DUTY.end_of(Span.parse(span), china(start)) == china(end)


def test_what_ends_at_24_belongs_to_the_day_that_ends():
    assert last_day(DUTY.end_of(Span.parse("当日"), china("2026-10-01 10:00"))) == date(2026, 10, 1)
    assert last_day(OFFICE.end_of(Span.parse("当日"), china("2026-11-20 10:00"))) == date(2026, 11, 20)


def test_the_announced_days_are_known_and_others_go_by_weekends():
    working_days = {year: sum(OFFICE.is_working_day(day) for day in days_of(year)) for year in (2025, 2026, 2027)}
    assert working_days == {2025: 248, 2026: 248, 2027: 261}


def days_of(year):
    return [date(year, 1, 1) + timedelta(days=number) for number in range(365)]


def test_a_deadline_in_a_year_nobody_entered_says_so():
    start = china("2026-12-30 10:00")
    due = OFFICE.end_of(Span.parse("5个工作日"), start)
    assert due == china("2027-01-06 17:30")  # counts New Year's Day, as nobody has said that it is free
    assert OFFICE.unknown_years(start, due) == (2027,)
    assert OFFICE.unknown_years(start, china("2026-12-31 17:30")) == ()
    assert DUTY.unknown_years(start, due) == ()


def test_a_deadline_at_the_last_midnight_of_a_known_year_is_sure():
    assert OFFICE.unknown_years(china("2026-12-30 10:00"), china("2027-01-01 00:00")) == ()


def test_a_naive_moment_is_refused():
    naive = datetime(2026, 11, 20, 10)  # noqa: DTZ001  # what is refused
    for use in (OFFICE.close_of_today, lambda at: OFFICE.between(at, at), lambda at: OFFICE.close_of(at, 1)):
        with pytest.raises(ValueError, match="time zone"):
            use(naive)


def test_time_beyond_the_table_is_refused():
    with pytest.raises(ValueError, match="2000 to 2099"):
        OFFICE.close_of(china("2099-12-30 10:00"), 10)
    with pytest.raises(ValueError, match="2000 to 2099"):
        OFFICE.after(china("2099-12-30 10:00"), timedelta(hours=100))
    with pytest.raises(ValueError, match="2000 to 2099"):
        OFFICE.after(china("2000-01-04 10:00"), -timedelta(hours=100))


def test_summer_hours_may_differ_and_a_season_may_go_over_new_year():
    document = {
        "office": {
            "name": "夏令",
            "weekdays": "一二三四五六日",
            "hours": ["9:00-12:00"],
            "seasons": [
                {"days": "06-01~09-30", "hours": ["8:00-12:00", "15:00-18:30"]},
                {"days": "12-15~01-15", "hours": ["10:00-12:00"]},
            ],
        }
    }
    summer = calendar_of(read_hours(document)["office"], Holidays(frozenset(), frozenset(), frozenset()))
    worked = [
        summer.between(china(f"2026-{day} 00:00"), china(f"2026-{day} 23:59")) / timedelta(hours=1)
        for day in ("05-31", "06-01", "09-30", "10-01", "12-15", "01-15", "01-16")
    ]
    assert worked == [3, 7.5, 7.5, 3, 2, 2, 3]


# What must hold for any moment


@steady
@given(minutes("2025-12-20 00:00", "2026-03-05 00:00"), minutes("2025-12-20 00:00", "2026-03-05 00:00"))
def test_measuring_agrees_with_counting_minutes(one, other):
    start, end = sorted((one, other))
    end = min(end, start + timedelta(days=20))
    assert OFFICE.between(start, end) == slow_between(start, end)


@steady
@given(minutes("2026-09-10 00:00", "2026-10-20 00:00"), st.integers(1, 5000))
def test_adding_agrees_with_counting_minutes(start, amount):
    assert OFFICE.after(start, timedelta(minutes=amount)) == slow_after(start, amount)


@steady
@given(minutes("2025-12-20 00:00", "2026-03-05 00:00"), st.integers(1, 15))
def test_working_days_agree_with_walking_day_by_day(start, count):
    day = start.date()
    for _ in range(count):
        day += timedelta(days=1)
        while not is_worked(day):
            day += timedelta(days=1)
    assert OFFICE.close_of(start, count) == china(f"{day} 17:30")


@steady
@given(CALENDARS, moments(), LENGTHS)
def test_what_is_added_is_what_is_measured(calendar, start, length):
    assert calendar.between(start, calendar.after(start, length)) == length


@steady
@given(CALENDARS, moments(), LENGTHS, LENGTHS)
def test_adding_twice_is_adding_the_sum(calendar, start, one, other):
    assert calendar.after(calendar.after(start, one), other) == calendar.after(start, one + other)


@steady
@given(CALENDARS, moments(), moments(), moments())
def test_parts_of_a_time_make_the_whole(calendar, first, second, third):
    whole = calendar.between(first, third)
    assert calendar.between(first, second) + calendar.between(second, third) == whole
    assert calendar.between(third, first) == -whole


@steady
@given(CALENDARS, moments(), LENGTHS.filter(bool))
def test_the_end_is_the_first_moment_at_which_the_time_has_passed(calendar, start, length):
    end = calendar.after(start, length)
    assert calendar.between(start, end - timedelta.resolution) < length


@steady
@given(CALENDARS, st.sampled_from(SPANS).map(Span.parse), moments(), moments())
def test_who_comes_later_is_never_due_earlier(calendar, span, one, other):
    earlier, later = sorted((one, other))
    assert calendar.end_of(span, earlier) <= calendar.end_of(span, later)


@steady
@given(CALENDARS, st.sampled_from(SPANS).map(Span.parse), moments())
def test_no_deadline_lies_before_its_start(calendar, span, start):
    assert calendar.end_of(span, start) > start


@steady
@given(st.sampled_from(SPANS).map(Span.parse), moments(), st.sampled_from(ZONES))
def test_the_zone_a_moment_is_told_in_changes_nothing(span, start, zone):
    elsewhere = start.astimezone(ZoneInfo(zone))
    end = OFFICE.end_of(span, elsewhere)
    assert end == OFFICE.end_of(span, start)
    assert end.tzinfo == ZoneInfo("Asia/Shanghai")


@steady
@given(moments(), st.integers(1, 60))
def test_a_deadline_in_working_days_is_the_close_of_a_working_day(start, count):
    due = OFFICE.close_of(start, count)
    assert OFFICE.is_working_day(due.date())
    assert f"{due:%H:%M}" == "17:30"
    assert OFFICE.close_of_today(due - timedelta(minutes=1)) == due


@steady
@given(CALENDARS, moments(), st.integers(1, 60))
def test_the_working_days_left_are_those_that_were_given(calendar, start, count):
    assert calendar.working_days(start, calendar.close_of(start, count)) == count


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_the_machines_time_zone_changes_nothing(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert OFFICE.end_of(Span.parse("5个工作日"), china("2026-11-20 10:00")) == china("2026-11-27 17:30")
        assert OFFICE.between(china("2026-11-20 10:00"), china("2026-11-21 10:00")) == timedelta(hours=6)
    finally:
        monkeypatch.undo()
        time.tzset()
