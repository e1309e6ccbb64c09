from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_time import TIMETABLE, china, steady

from tickets.deadlines.due import ClockTurned, PauseOver, RungDue, Watched, due_now, next_check
from tickets.deadlines.ladder import Taken
from tickets.deadlines.standing import Standing
from tickets.deadlines.terms import Term
from tickets.urgency import Urgency

FRIDAY = china("2026-11-20 10:00")
TERMS = TIMETABLE.terms(kind="complaint", channel="phone", urgency=Urgency.NORMAL, category="", at=FRIDAY)
PROMISE = TIMETABLE.start(Term.PROMISE, TERMS, FRIDAY)  # due on 2026-11-27 17:30


def watched(last_activity="2026-11-27 16:00", clocks=(PROMISE,), **taken) -> Watched:
    steps = tuple(Taken(key, china(at)) for key, at in taken.items())
    return Watched("20261120000001", tuple(clocks), china(last_activity), steps)


def due(ticket, at):
    return list(due_now([ticket], china(at), TIMETABLE))


def rungs(ticket, at):
    return [(found.rung.key, found.silent) for found in due(ticket, at) if isinstance(found, RungDue)]


def pressed(ticket, at) -> RungDue:
    return next(found for found in due(ticket, at) if isinstance(found, RungDue))


def test_a_clock_that_runs_well_says_nothing():
    assert due(watched("2026-11-24 16:00"), "2026-11-24 16:30") == []


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        ("2026-11-26 10:00", Standing.YELLOW),
        ("2026-11-27 10:00", Standing.RED),
        ("2026-11-27 17:31", Standing.OVERDUE),
        ("2026-12-28 09:00", Standing.LONG_OVERDUE),
    ],
)
def test_a_warning_tells_how_a_clock_stands(at, standing):
    (warning, *_) = due(watched(), at)
    assert isinstance(warning, ClockTurned)
    assert (warning.term, warning.standing) == (Term.PROMISE, standing)


def test_what_is_found_twice_has_one_key():
    assert due(watched(), "2026-11-27 17:31") == due(watched(), "2026-11-27 17:31")
    keys = {found.key for at in ("17:31", "18:00", "23:00") for found in due(watched(), f"2026-11-27 {at}")}
    assert len(keys) == 2  # overdue, and a reminder


def test_a_deadline_that_has_moved_is_warned_of_anew():
    moved = replace(PROMISE, due_at=china("2026-11-30 17:30"))
    (before,), (after,) = due(watched(), "2026-11-27 10:00"), due(watched(clocks=[moved]), "2026-11-30 10:00")
    assert before.standing == after.standing == Standing.RED
    assert before.key != after.key


def test_keys_do_not_depend_on_the_zone():
    utc = replace(PROMISE, due_at=PROMISE.due_at.astimezone(UTC))
    here, there = due(watched(), "2026-11-27 10:00"), due(watched(clocks=[utc]), "2026-11-27 10:00")
    assert [found.key for found in here] == [found.key for found in there]


def test_an_overdue_ticket_goes_up_the_ladder_one_rung_at_a_time():
    taken = {}
    ladder = [
        ("reminder", "2026-11-27 17:31", "2026-11-30 17:31"),  # one working day to act
        ("system", "2026-11-30 17:31", "2026-12-02 17:31"),  # two
        ("document", "2026-12-02 17:31", "2026-12-07 17:31"),
        ("inspector", "2026-12-07 17:31", "2026-12-10 17:31"),
        ("leader", "2026-12-10 17:31", "2026-12-17 17:31"),
    ]
    for key, at, after in ladder:
        busy = watched(at, **taken)
        assert rungs(busy, at) == [(key, False)]
        taken[key] = at
        assert rungs(watched(at, **taken), at) == []
        assert next_check(watched(at, **taken), china(at), TIMETABLE) <= china(after)


def test_the_last_rung_comes_again_until_somebody_acts():
    first = pressed(watched("2026-12-10 17:31", inspector="2026-12-07 10:00"), "2026-12-10 17:31")
    again = pressed(watched("2026-12-17 17:31", leader="2026-12-10 17:31"), "2026-12-17 17:31")
    assert first.rung.key == again.rung.key == "leader"
    assert first.key != again.key


def test_who_jumps_a_rung_goes_on_above_it():
    assert rungs(watched("2026-12-03 10:00", document="2026-11-28 10:00"), "2026-12-03 10:00") == [("inspector", False)]


def test_a_rung_says_by_when_to_act():
    found = pressed(watched(), "2026-11-28 10:00")
    assert (found.rung.name, found.deadline) == ("催办", china("2026-11-30 17:30"))


def test_a_ticket_on_which_nothing_happens_is_pressed_before_it_is_overdue():
    silent = watched("2026-11-20 10:00")
    assert rungs(silent, "2026-11-25 17:30") == []
    assert rungs(silent, "2026-11-25 17:31") == [("reminder", True)]
    assert rungs(watched("2026-11-25 17:00"), "2026-11-25 17:31") == []


def test_a_ticket_without_any_clock_cannot_be_silent_unseen():
    assert rungs(watched("2026-11-20 10:00", clocks=[]), "2026-11-26 10:00") == [("reminder", True)]


def test_rungs_of_an_earlier_trouble_do_not_count():
    again = watched("2026-11-27 10:00", reminder="2026-11-25 18:00", system="2026-11-26 18:00")
    assert rungs(again, "2026-11-27 18:00") == [("reminder", False)]


def test_a_waiting_ticket_is_neither_silent_nor_overdue():
    paused = TIMETABLE.pause(PROMISE, china("2026-11-24 10:00"), TERMS.suspend_for)
    waiting = watched("2026-11-24 10:00", clocks=[paused])
    assert due(waiting, "2026-12-15 17:29") == []
    assert next_check(waiting, china("2026-11-24 10:00"), TIMETABLE) == china("2026-12-15 17:30")


def test_a_pause_at_its_limit_is_told_with_the_clock_to_keep():
    paused = TIMETABLE.pause(PROMISE, china("2026-11-24 10:00"), TERMS.suspend_for)
    (found,) = due(watched("2026-11-24 10:00", clocks=[paused]), "2026-12-15 17:30")
    assert isinstance(found, PauseOver)
    assert found.countdown == TIMETABLE.resume(paused, china("2026-12-15 17:30"))


def test_a_step_that_waits_does_not_stop_the_promise():
    step = TIMETABLE.pause(TIMETABLE.start(Term.ACCEPT, TERMS, FRIDAY), FRIDAY)
    assert [found.term for found in due(watched(clocks=[PROMISE, step]), "2026-11-27 10:00")] == [Term.PROMISE]


RUNGS = ["reminder", "system", "document", "inspector", "leader"]
MINUTES = st.integers(0, 60 * 24 * 60)


@st.composite
def tickets(draw):
    """A ticket in any state: clocks that run or are paused, rungs taken, quiet for any time."""

    def moment():
        return FRIDAY + timedelta(minutes=draw(MINUTES))

    clocks = []
    for term in draw(st.lists(st.sampled_from([Term.PROMISE, Term.ACCEPT, Term.HANDLE]), max_size=2, unique=True)):
        clock = TIMETABLE.start(term, TERMS, moment())
        pause = draw(st.sampled_from(["none", "limited", "open"]))
        if pause != "none":
            limit = TERMS.suspend_for if pause == "limited" else None
            clock = TIMETABLE.pause(clock, clock.started_at + timedelta(minutes=1), limit)
        clocks.append(clock)
    taken = draw(st.lists(st.sampled_from(RUNGS), max_size=3).map(lambda keys: [Taken(key, moment()) for key in keys]))
    return Watched("1", tuple(clocks), moment(), tuple(taken))


@steady
@given(tickets(), MINUTES, st.floats(0, 1))
def test_nothing_new_is_due_before_the_next_check(ticket, minutes, share):
    at = FRIDAY + timedelta(minutes=minutes)
    following = next_check(ticket, at, TIMETABLE) or at + timedelta(days=365)
    assert following > at
    between = at + (following - at - timedelta.resolution) * share
    keys = [{found.key for found in due_now([ticket], moment, TIMETABLE)} for moment in (at, between)]
    assert keys[0] == keys[1]


@steady
@given(tickets(), MINUTES)
def test_no_open_ticket_is_left_alone(ticket, minutes):
    """Whoever takes every rung as it comes always has a next one, unless the ticket waits without a limit."""
    at = FRIDAY + timedelta(minutes=minutes)
    if ticket.clocks and all(clock.is_paused and clock.paused_until is None for clock in ticket.clocks):
        return
    for _ in range(12):
        pressed = [found for found in due_now([ticket], at, TIMETABLE) if isinstance(found, RungDue)]
        for found in pressed:
            ticket = replace(ticket, taken=(*ticket.taken, Taken(found.rung.key, at)))
        at = next_check(ticket, at, TIMETABLE)
        assert at is not None
