"""What is due now for open tickets: warnings, rungs of the ladder, pauses at their limit; and when to look again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tickets.deadlines.countdown import Countdown
from tickets.deadlines.ladder import DueRung, Rung, Taken
from tickets.deadlines.standing import Standing, standing_by
from tickets.deadlines.terms import Term
from tickets.deadlines.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Watched:
    """What must be known of an open ticket to watch over its time.

    Attributes:
        ticket: its number; number and unit, where each of several units is watched by itself. Keys begin with it.
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
        yield from _Look(ticket, at, timetable).due()


def next_check(ticket: Watched, at: datetime, timetable: Timetable) -> datetime | None:
    """The next moment after this one at which something new may be due; none when that never happens by itself.

    The moment at which another timetable counts is one of them. Whoever changes the ticket, or the timetable,
    asks anew.
    """
    own, until = _Look(ticket, at, timetable).next_check(), timetable.until
    if until is None or until <= at:
        return own
    return until if own is None else min(own, until)


class _Look:
    """One look at a ticket: how each of its clocks runs at a moment, and the trouble it is in."""

    def __init__(self, ticket: Watched, at: datetime, timetable: Timetable) -> None:
        self._ticket = ticket
        self._at = at
        self._ladder = timetable.supervision.ladder
        self._calendar = timetable.calendars[self._ladder.calendar]
        self._clocks = [(clock, clock.as_of(at, timetable.calendar_of(clock))) for clock in ticket.clocks]
        self._running = [(here, timetable.turns(here)) for _, here in self._clocks if not here.is_paused]
        self._silent_from = self._silence()

    def due(self) -> Iterator[Due]:
        for kept, here in self._clocks:
            if here is not kept and kept.paused_until:
                yield PauseOver(self._ticket.ticket, self._key(here.term, "runs", kept.paused_until), here.term, here)
        for here, turns in self._running:
            standing = standing_by(turns, self._at)
            if standing is not Standing.RUNNING:
                key = self._key(here.term, standing, here.due_at)
                yield ClockTurned(self._ticket.ticket, key, here.term, standing, here)
        if (rung := self._next_rung()) and rung.since <= self._at:
            yield self._rung_due(rung)

    def next_check(self) -> datetime | None:
        moments = [turn for _, turns in self._running for turn in turns]
        moments += [here.paused_until for _, here in self._clocks if here.paused_until]
        if self._silent_from:
            moments.append(self._silent_from)
        if rung := self._next_rung():
            moments.append(rung.since)
        return min((moment for moment in moments if moment > self._at), default=None)

    def _silence(self) -> datetime | None:
        """From when the ticket is silent if nothing happens; none while all of it waits, which is no fault."""
        if self._clocks and not self._running:
            return None
        # A pause that came to its limit is no silence of the unit's.
        limits = (kept.paused_until for kept, here in self._clocks if here is not kept and kept.paused_until)
        return self._ladder.silent_from(max((self._ticket.last_activity_at, *limits)), self._calendar)

    def _next_rung(self) -> DueRung | None:
        """The rung that comes next for a ticket in trouble; none for one that is well."""
        began = [turns.overdue for _, turns in self._running]
        if self._silent_from:
            began.append(self._silent_from)
        since = min((moment for moment in began if moment <= self._at), default=None)
        return self._ladder.next_rung(since, self._ticket.taken, self._calendar) if since else None

    def _rung_due(self, due: DueRung) -> RungDue:
        overdue = any(turns.overdue <= self._at for _, turns in self._running)
        return RungDue(
            ticket=self._ticket.ticket,
            key=self._key("rung", f"{due.rung.key}:{due.number}", due.since),
            rung=due.rung,
            silent=not overdue,
            since=due.since,
            deadline=self._ladder.deadline_of(Taken(due.rung.key, self._at), self._calendar),
        )

    def _key(self, what: str, which: str, moment: datetime) -> str:
        return f"{self._ticket.ticket}:{what}:{which}:{moment.astimezone(UTC).isoformat()}"
