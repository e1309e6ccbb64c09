"""The time a report speaks of: whole days, weeks and months in China."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.clock import china_moment


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the first and the last included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return china_moment(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return china_moment(self.last + timedelta(days=1))

    @property
    def before(self) -> "Period":
        """What it is compared with: the month before a whole month, else as many days right before it."""
        day_before = self.first - timedelta(days=1)
        if self.first.day == 1 and (self.last + timedelta(days=1)).day == 1 and self.first.month == self.last.month:
            return Period(day_before.replace(day=1), day_before)
        return Period(day_before - (self.last - self.first), day_before)

    @classmethod
    def week_before(cls, day: date) -> "Period":
        """The last whole week, Monday to Sunday, before the one of a day."""
        monday = day - timedelta(days=day.weekday() + 7)
        return cls(monday, monday + timedelta(days=6))

    @classmethod
    def month_before(cls, day: date) -> "Period":
        """The last whole month before the one of a day."""
        last = day.replace(day=1) - timedelta(days=1)
        return cls(last.replace(day=1), last)
