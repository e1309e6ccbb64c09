"""What is due now for open tickets: warnings, rungs of the ladder, pauses at their limit; and when to look again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tickets.deadlines.countdown import Countdown
from tickets.deadlines.ladder import DueRung, Rung, Taken
from tickets.deadlines.standing import Standing
from tickets.deadlines.terms import Term
from tickets.deadlines.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Watched:
    """What must be known of an open ticket to watch over its time.

    Attributes:
        ticket: its number or id.
        clocks: those that run or are paused: the promise and the steps now going on.
        last_activity_at: when somebody last did something for it, or a pause ended; supervision does not count.
        taken: the rungs of the ladder taken so far.
    """

    ticket: str
    clocks: tuple[Countdown, ...]
    last_activity_at: datetime
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockTurned:
    """A clock of a ticket has turned yellow, red, overdue or long overdue."""

    ticket: str
    key: str
    term: Term
    standing: Standing
    countdown: Countdown


@dataclass(frozen=True, slots=True)
class PauseOver:
    """A clock runs again by itself, because its pause has come to its limit; `countdown` is to be kept."""

    ticket: str
    key: str
    term: Term
    countdown: Countdown


@dataclass(frozen=True, slots=True)
class RungDue:
    """The next rung of the ladder is to be taken.

    Attributes:
        silent: whether the ticket is silent; otherwise it is overdue.
        since: from when the rung was due.
        deadline: by when the unit has to act if it is taken now.
    """

    ticket: str
    key: str
    rung: Rung
    silent: bool
    since: datetime
    deadline: datetime


Due = ClockTurned | PauseOver | RungDue
"""Something to say or do. Its key is the same whenever and wherever it is found: who keeps keys says it once."""


def due_now(tickets: Iterable[Watched], at: datetime, timetable: Timetable) -> Iterator[Due]:
    """What is due at a moment for a batch of open tickets.

    A clock gives its present standing only: what nobody looked at in time is not told afterwards.
    """
    for ticket in tickets:
        for clock in ticket.clocks:
            yield from _due_of_clock(ticket.ticket, clock, at, timetable)
        if (rung := _next_rung(ticket, at, timetable)) and rung.since <= at:
            yield _rung_due(ticket, rung, at, timetable)


def next_check(ticket: Watched, at: datetime, timetable: Timetable) -> datetime | None:
    """The next moment after this one at which something new may be due; none when that never happens by itself.

    Whoever changes the ticket asks anew.
    """
    moments = [moment for clock in ticket.clocks for moment in _changes_of(clock, timetable)]
    if not _all_paused(ticket, at, timetable):
        moments.append(_silent_from(ticket, at, timetable))
    if rung := _next_rung(ticket, at, timetable):
        moments.append(rung.since)
    return min((moment for moment in moments if moment > at), default=None)


def _due_of_clock(ticket: str, clock: Countdown, at: datetime, timetable: Timetable) -> Iterator[Due]:
    here = clock.as_of(at, timetable.calendar_of(clock))
    if here != clock:
        yield PauseOver(ticket, f"{ticket}:{clock.term}:runs:{_stamp(clock.paused_until or at)}", clock.term, here)
    standing = timetable.standing(here, at)
    if standing not in (Standing.RUNNING, Standing.PAUSED):
        yield ClockTurned(ticket, f"{ticket}:{clock.term}:{standing}:{_stamp(here.due_at)}", clock.term, standing, here)


def _changes_of(clock: Countdown, timetable: Timetable) -> tuple[datetime, ...]:
    if not clock.is_paused:
        return timetable.turns(clock)
    if clock.paused_until is None:
        return ()
    running = clock.as_of(clock.paused_until, timetable.calendar_of(clock))
    return (clock.paused_until, *timetable.turns(running))


def _next_rung(ticket: Watched, at: datetime, timetable: Timetable) -> DueRung | None:
    """The rung that comes next for a ticket in trouble; none for one that is well."""
    ladder = timetable.supervision.ladder
    since = _trouble_since(ticket, at, timetable)
    return ladder.next_rung(since, ticket.taken, timetable.calendars[ladder.calendar]) if since else None


def _trouble_since(ticket: Watched, at: datetime, timetable: Timetable) -> datetime | None:
    began = [timetable.turns(clock).overdue for clock in _running(ticket, at, timetable)]
    if not _all_paused(ticket, at, timetable):
        began.append(_silent_from(ticket, at, timetable))
    return min((moment for moment in began if moment <= at), default=None)


def _running(ticket: Watched, at: datetime, timetable: Timetable) -> list[Countdown]:
    here = (clock.as_of(at, timetable.calendar_of(clock)) for clock in ticket.clocks)
    return [clock for clock in here if not clock.is_paused]


def _all_paused(ticket: Watched, at: datetime, timetable: Timetable) -> bool:
    """Whether the ticket waits, so that silence is no fault."""
    return bool(ticket.clocks) and not _running(ticket, at, timetable)


def _silent_from(ticket: Watched, at: datetime, timetable: Timetable) -> datetime:
    ladder = timetable.supervision.ladder
    # A pause that came to its limit is no silence of the unit's.
    limits = (clock.paused_until for clock in ticket.clocks if clock.paused_until and clock.paused_until <= at)
    return ladder.silent_from(max((ticket.last_activity_at, *limits)), timetable.calendars[ladder.calendar])


def _rung_due(ticket: Watched, due: DueRung, at: datetime, timetable: Timetable) -> RungDue:
    ladder = timetable.supervision.ladder
    deadline = ladder.deadline_of(Taken(due.rung.key, at), timetable.calendars[ladder.calendar])
    overdue = any(timetable.standing(clock, at).is_overdue for clock in ticket.clocks)
    key = f"{ticket.ticket}:rung:{due.rung.key}:{due.number}:{_stamp(due.since)}"
    return RungDue(ticket.ticket, key, due.rung, not overdue, due.since, deadline)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
