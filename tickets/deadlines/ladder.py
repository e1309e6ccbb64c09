"""Supervision as a ladder: which rung is due for a ticket that is overdue or silent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tickets.deadlines.calendar import INSTANT, WorkCalendar
from tickets.deadlines.span import Span


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to press a unit.

    Attributes:
        within: how long the unit has to act once the rung is taken.
        after: how long to wait before it is due: after the trouble began, or after the time of the rung before.
    """

    key: str
    name: str
    within: Span
    after: Span | None = None


class Taken(NamedTuple):
    """A rung that was taken for a ticket."""

    key: str
    at: datetime


class DueRung(NamedTuple):
    """The rung that comes next, the moment from which it is due, and how many were taken before it."""

    rung: Rung
    since: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs, the mildest first.

    Attributes:
        silent_after: a ticket on which nothing happened for so long is silent.
        calendar: key of the calendar by which all this counts.
    """

    rungs: Sequence[Rung]
    silent_after: Span
    calendar: str

    def next_rung(self, trouble_since: datetime, taken: Iterable[Taken], calendar: WorkCalendar) -> DueRung:
        """The rung that comes next, and when.

        Rungs taken before the trouble began belong to an earlier one. Above the highest rung taken comes the next;
        the last one comes again whenever its time has passed, so that no ticket is ever left alone.

        Args:
            trouble_since: since when the ticket is overdue or silent.
        """
        counted = sorted((each for each in taken if each.at >= trouble_since), key=lambda each: each.at)
        if not counted:
            return self._due(0, trouble_since, 0, calendar)
        places = {rung.key: place for place, rung in enumerate(self.rungs)}
        # A rung that staff have since removed counts as the first.
        highest = max(places.get(each.key, 0) for each in counted)
        answer_by = calendar.end_of(self.rungs[highest].within, counted[-1].at)
        return self._due(min(highest + 1, len(self.rungs) - 1), answer_by + INSTANT, len(counted), calendar)

    def deadline_of(self, taken: Taken, calendar: WorkCalendar) -> datetime:
        """By when the unit has to act on a rung.

        Raises:
            KeyError: there is no such rung.
        """
        rung = {rung.key: rung for rung in self.rungs}[taken.key]
        return calendar.end_of(rung.within, taken.at)

    def silent_from(self, last_activity_at: datetime, calendar: WorkCalendar) -> datetime:
        """When a ticket becomes silent if nothing happens any more."""
        return calendar.end_of(self.silent_after, last_activity_at) + INSTANT

    def _due(self, place: int, since: datetime, number: int, calendar: WorkCalendar) -> DueRung:
        rung = self.rungs[place]
        return DueRung(rung, calendar.end_of(rung.after, since) if rung.after else since, number)
