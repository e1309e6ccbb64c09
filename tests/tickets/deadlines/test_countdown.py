import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_time import OFFICE, TIMETABLE, china, steady

from tickets.deadlines.countdown import Countdown
from tickets.deadlines.refused import DeadlineRefused
from tickets.deadlines.span import Span
from tickets.deadlines.standing import Standing
from tickets.deadlines.terms import Term
from tickets.urgency import Urgency

FRIDAY = china("2026-11-20 10:00")
HOUR = timedelta(hours=1)


def terms(at=FRIDAY, **known):
    asked = {"kind": "complaint", "channel": "phone", "urgency": Urgency.NORMAL, "category": ""}
    return TIMETABLE.terms(at=at, **asked | known)


def promise(at=FRIDAY, **known) -> Countdown:
    return TIMETABLE.start(Term.PROMISE, terms(at, **known), at)


def test_a_promise_says_when_and_by_which_rule():
    clock = promise()
    assert (clock.due_at, clock.rule) == (china("2026-11-27 17:30"), "电话渠道")
    assert clock.last_day == date(2026, 11, 27)


def test_a_step_ends_with_the_promise_at_the_latest():
    late = china("2026-11-26 10:00")
    handle = TIMETABLE.start(Term.HANDLE, terms(), late, promise())
    assert handle.due_at == china("2026-11-27 17:30")  # not Monday


def test_a_step_that_begins_after_the_promise_has_passed_has_its_own_time():
    late = china("2026-11-30 10:00")
    assert TIMETABLE.start(Term.HANDLE, terms(), late, promise()).due_at == china("2026-12-02 17:30")


def test_a_callback_may_follow_the_promise():
    late = china("2026-11-27 16:00")
    assert TIMETABLE.start(Term.CALLBACK, terms(), late, promise()).due_at == china("2026-12-02 17:30")


def test_natural_hours_pass_in_a_pause_as_well_at_night():
    step = TIMETABLE.start(Term.RETURN, terms(), FRIDAY)
    paused = TIMETABLE.pause(step, FRIDAY + HOUR)
    assert TIMETABLE.resume(paused, FRIDAY + 49 * HOUR).due_at == FRIDAY + 72 * HOUR


def test_a_pause_adds_exactly_the_working_time_spent_in_it():
    paused = TIMETABLE.pause(promise(), china("2026-11-23 16:30"))
    resumed = TIMETABLE.resume(paused, china("2026-11-24 10:00"))  # an hour on Monday, one on Tuesday
    assert resumed.due_at == china("2026-11-30 11:00")
    assert resumed.paused == 2 * HOUR


def test_a_pause_over_a_weekend_adds_nothing():
    paused = TIMETABLE.pause(promise(), china("2026-11-20 18:00"))
    assert TIMETABLE.resume(paused, china("2026-11-22 20:00")).due_at == promise().due_at


def test_a_pause_at_its_limit_ends_by_itself():
    limit = terms().suspend_for
    paused = TIMETABLE.pause(promise(), FRIDAY, limit)
    assert paused.paused_until == china("2026-12-11 17:30")
    ended = paused.as_of(china("2026-12-20 10:00"), OFFICE)
    assert ended == TIMETABLE.resume(paused, china("2026-12-11 17:30"))
    assert ended == TIMETABLE.resume(paused, china("2026-12-20 10:00"))
    assert TIMETABLE.remaining(paused, china("2026-12-11 17:30")) == TIMETABLE.remaining(promise(), FRIDAY)


def test_who_pauses_again_after_the_limit_begins_a_new_pause():
    paused = TIMETABLE.pause(promise(), FRIDAY, terms().suspend_for)
    again = TIMETABLE.pause(paused, china("2026-12-14 10:00"))
    assert (again.paused_at, again.paused_until) == (china("2026-12-14 10:00"), None)


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (lambda clock: TIMETABLE.resume(clock, FRIDAY), "没有暂停"),
        (lambda clock: TIMETABLE.pause(TIMETABLE.pause(clock, FRIDAY), FRIDAY), "已经暂停"),
        (lambda clock: TIMETABLE.pause(clock, china("2026-11-27 17:31")), "已于 2026-11-27 17:30 到期，不能再暂停"),
        (lambda clock: TIMETABLE.resume(TIMETABLE.pause(clock, FRIDAY), FRIDAY - HOUR), "不能早于暂停"),
        (lambda clock: clock.pause(FRIDAY, OFFICE, FRIDAY), "应晚于"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(move, why):
    with pytest.raises(DeadlineRefused, match=why):
        move(promise())


def test_an_extension_counts_from_the_day_after_the_last_one():
    extended = TIMETABLE.extend(promise(), Span.parse("3个工作日"), china("2026-11-27 17:30"), terms())
    assert (extended.due_at, extended.extensions) == (china("2026-12-02 17:30"), 1)


def test_an_extension_of_what_ends_at_24_counts_from_the_day_that_ends():
    urgent = {"urgency": Urgency.URGENT}
    extended = TIMETABLE.extend(promise(**urgent), Span.parse("1个工作日"), FRIDAY, terms(**urgent))
    assert extended.last_day == date(2026, 11, 21)


def test_an_extension_into_a_year_nobody_entered_says_so():
    clock = promise(china("2026-12-24 10:00"))
    assert clock.unknown_years == ()
    assert TIMETABLE.extend(clock, Span.parse("3个工作日"), clock.started_at, terms()).unknown_years == (2027,)


@pytest.mark.parametrize(
    ("by", "at", "why"),
    [
        ("3个工作日", "2026-11-27 17:30:00.000001", "已于 2026-11-27 17:30 到期，不能再延期；延期要在到期前申请"),
        ("11个工作日", "2026-11-23 10:00", "每次最多延期10个工作日"),
        ("当日", "2026-11-23 10:00", "不能写“当日”"),
    ],
)
def test_an_extension_that_may_not_be_is_refused(by, at, why):
    with pytest.raises(DeadlineRefused, match=why):
        TIMETABLE.extend(promise(), Span.parse(by), china(at), terms())


def test_a_clock_is_extended_as_often_as_the_rules_allow():
    once = TIMETABLE.extend(promise(), Span.parse("1个工作小时"), FRIDAY, terms())
    with pytest.raises(DeadlineRefused, match="已经延期 1 次，按规定最多 1 次"):
        TIMETABLE.extend(once, Span.parse("1个工作小时"), FRIDAY, terms())
    with pytest.raises(DeadlineRefused, match="按规定不能延期"):
        TIMETABLE.extend(promise(), Span.parse("1个工作小时"), FRIDAY, replace(terms(), extensions=0))


def test_a_paused_clock_can_be_extended_however_long_it_stands():
    paused = TIMETABLE.pause(promise(), FRIDAY)
    assert TIMETABLE.extend(paused, Span.parse("3个工作日"), china("2026-12-20 10:00"), terms()).is_paused


def test_a_clock_is_kept_as_plain_json():
    paused = TIMETABLE.pause(promise(china("2026-12-28 09:15")), china("2026-12-29 09:15"), terms().suspend_for)
    assert Countdown.from_json(json.loads(json.dumps(paused.as_json()))) == paused


WAITS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9000)), min_size=1, max_size=4)


@steady
@given(WAITS)
def test_pauses_leave_the_time_to_work_as_it_was(waits):
    """However often a clock stands still: time worked and time left are together what was given."""
    clock, at, worked = promise(channel="wechat"), FRIDAY, timedelta()
    total = TIMETABLE.remaining(clock, FRIDAY)
    for minutes_running, minutes_paused in waits:
        until = at + timedelta(minutes=minutes_running)
        if until > clock.due_at:
            break
        worked += OFFICE.between(at, until)
        at = until + timedelta(minutes=minutes_paused)
        clock = TIMETABLE.resume(TIMETABLE.pause(clock, until), at)
        assert TIMETABLE.remaining(clock, at) + worked == total


@steady
@given(st.integers(0, 2000), st.integers(0, 5000), st.integers(0, 5000))
def test_two_pauses_one_after_the_other_are_one(until_pause, first, second):
    begin = FRIDAY + timedelta(minutes=until_pause)
    middle, end = begin + timedelta(minutes=first), begin + timedelta(minutes=first + second)
    paused = TIMETABLE.pause(promise(), begin)
    twice = TIMETABLE.resume(TIMETABLE.pause(TIMETABLE.resume(paused, middle), middle), end)
    assert twice == TIMETABLE.resume(paused, end)


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        ("2026-11-20 10:00", Standing.RUNNING),
        ("2026-11-25 17:30", Standing.RUNNING),
        ("2026-11-26 09:00", Standing.YELLOW),  # the working day before the last
        ("2026-11-26 23:59", Standing.YELLOW),
        ("2026-11-27 00:00", Standing.RED),  # due today
        ("2026-11-27 17:30", Standing.RED),
        ("2026-11-27 17:30:00.000001", Standing.OVERDUE),
        ("2026-12-27 17:30", Standing.OVERDUE),
        ("2026-12-27 17:31", Standing.LONG_OVERDUE),
    ],
)
def test_a_promise_turns_yellow_red_and_overdue(at, standing):
    assert TIMETABLE.standing(promise(), china(at)) is standing


def test_a_long_promise_is_yellow_for_its_last_fifth():
    clock = promise(channel="wechat")  # until Friday, 12-04; 76 hours of work, of which 15.2 make a fifth
    assert TIMETABLE.turns(clock).yellow == china("2026-12-02 16:18")


def test_a_clock_of_one_day_is_red_only_at_its_end():
    clock = promise(category="旅游/景区")  # Friday 10:00 to 17:30: six hours of work
    turns = TIMETABLE.turns(clock)
    assert (turns.yellow, turns.red) == (china("2026-11-20 16:18"), china("2026-11-20 16:54"))


def test_a_clock_that_stands_still_warns_nobody():
    paused = TIMETABLE.pause(promise(), FRIDAY)
    assert TIMETABLE.standing(paused, china("2026-12-20 10:00")) is Standing.PAUSED
    assert TIMETABLE.overdue_by(paused, china("2026-12-20 10:00")) == timedelta()


def test_how_much_a_clock_is_overdue_is_working_time():
    assert TIMETABLE.overdue_by(promise(), china("2026-11-30 10:00")) == HOUR
    assert TIMETABLE.overdue_by(promise(), china("2026-11-27 10:00")) == timedelta()


@steady
@given(st.sampled_from(["phone", "wechat"]), st.integers(0, 60 * 24 * 60), st.sampled_from(list(Urgency)))
def test_a_clock_turns_in_order(channel, minutes, urgency):
    at = FRIDAY + timedelta(minutes=minutes)
    for term in Term:
        turns = TIMETABLE.turns(TIMETABLE.start(term, terms(at, channel=channel, urgency=urgency), at))
        assert list(turns) == sorted(turns)
