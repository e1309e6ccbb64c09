"""Everything about time that is in force at one moment: calendars, rules, warnings and the ladder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.deadlines.calendar import NATURAL, Holidays, Hours, WorkCalendar, calendar_of, in_china
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.rules import Request, TimeRules
from tickets.deadlines.span import Span
from tickets.deadlines.standing import Standing, Turns, overdue_by, standing_at, turns_of
from tickets.deadlines.supervision_file import Supervision
from tickets.deadlines.terms import WITHIN_PROMISE, Given, Term, Terms
from tickets.urgency import Urgency

NATURAL_KEY = "natural"
"""Key of the calendar by which natural hours and days pass."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """What counts when a time is set or looked at.

    Attributes:
        until: the moment from which another counts, as far as that is planned already.
    """

    calendars: Mapping[str, WorkCalendar]
    holidays: Holidays
    rules: TimeRules
    supervision: Supervision
    until: datetime | None = None

    @classmethod
    def of(
        cls, hours: Mapping[str, Hours], holidays: Holidays, rules: TimeRules, supervision: Supervision
    ) -> "Timetable":
        """The timetable with calendars of these hours, and the natural one."""
        every = {**hours, NATURAL_KEY: NATURAL}
        calendars = {key: calendar_of(each, holidays) for key, each in every.items()}
        return cls(calendars, holidays, rules, supervision)

    def calendar_of(self, countdown: Countdown) -> WorkCalendar:
        """The calendar by which a clock's time passes."""
        return self.calendars[countdown.calendar]

    def terms(self, *, kind: str, channel: str, urgency: Urgency, category: str, at: datetime) -> Terms:
        """All the time a request registered at a moment is given.

        Args:
            kind: a `tickets.ticket.Kind`.
            category: path in the category tree, parts joined by "/"; may be empty.
        """
        day = in_china(at).date()
        return self.rules.terms(Request(kind, channel, urgency, category, day, day in self.holidays.free))

    def start(self, term: Term, terms: Terms, at: datetime, promise: Countdown | None = None) -> Countdown:
        """A clock that starts at a moment.

        Args:
            promise: the promise to the citizen, before which a step on the way must end; once it has passed, the
                step has its own time again.
        """
        given = terms.given[term]
        calendar = self.calendars[given.calendar]
        due_at = calendar.end_of(given.span, at)
        if promise is not None and term in WITHIN_PROMISE and at < promise.due_at:
            due_at = min(due_at, promise.due_at)
        unknown = () if given.span.is_natural else calendar.unknown_years(at, due_at)
        return Countdown(
            term=term,
            calendar=NATURAL_KEY if given.span.is_natural else given.calendar,
            rule=given.rule,
            started_at=in_china(at),
            due_at=due_at,
            unknown_years=unknown,
        )

    def pause(self, countdown: Countdown, at: datetime, limit: Given | None = None) -> Countdown:
        """A clock that stands still from a moment on, at the longest for `terms.suspend_for`.

        Raises:
            DeadlineRefused: it stands still already, or is overdue.
        """
        until = self.calendars[limit.calendar].end_of(limit.span, at) if limit else None
        return countdown.pause(at, self.calendar_of(countdown), until)

    def resume(self, countdown: Countdown, at: datetime) -> Countdown:
        """A clock that runs again, due later by exactly the working time it stood still.

        Raises:
            DeadlineRefused: it does not stand still.
        """
        return countdown.resume(at, self.calendar_of(countdown))

    def extend(self, countdown: Countdown, by: Span, at: datetime, terms: Terms) -> Countdown:
        """A clock that is due later, as far as the terms allow.

        Raises:
            DeadlineRefused: it is overdue, was extended often enough, or the extension is too long.
        """
        limit = terms.extend_by
        calendar = self.calendars[limit.calendar]
        return countdown.extend(by, at, calendar, at_most=limit.span, times=terms.extensions)

    def remaining(self, countdown: Countdown, at: datetime) -> timedelta:
        """The working time a clock has left; negative when it is overdue."""
        return countdown.remaining(at, self.calendar_of(countdown))

    def overdue_by(self, countdown: Countdown, at: datetime) -> timedelta:
        """The working time by which a clock is overdue; none when it is not."""
        return overdue_by(countdown, at, self.calendar_of(countdown))

    def turns(self, countdown: Countdown) -> Turns:
        """When the standing of a clock will change."""
        return turns_of(countdown, self.calendar_of(countdown), self.supervision.warnings)

    def standing(self, countdown: Countdown, at: datetime) -> Standing:
        """How a clock stands at a moment."""
        return standing_at(countdown, at, self.calendar_of(countdown), self.supervision.warnings)
