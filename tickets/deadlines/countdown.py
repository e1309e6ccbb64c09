"""One clock of a ticket: what it started with, when it is due, and whether it stands still."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from tickets.deadlines.calendar import INSTANT, WorkCalendar, in_china, last_day
from tickets.deadlines.refused import DeadlineRefused
from tickets.deadlines.span import Span, Unit
from tickets.deadlines.terms import Term

_DAYS = frozenset({Unit.WORKING_DAYS, Unit.DAYS})
_MOMENTS = frozenset({"started_at", "due_at", "paused_at", "paused_until"})


@dataclass(frozen=True, slots=True)
class Countdown:
    """A clock; never changed, each verb gives a new one.

    The moment it is due is kept, not worked out anew, so no later change of rules or calendar moves it.
    Methods that take a calendar need the one whose key is in `calendar`.

    Attributes:
        term: what the clock is for.
        calendar: key of the calendar by which its time passes, also while it is paused.
        rule: name of the rule that gave the time.
        paused_at: since when it stands still.
        paused_until: when it runs again by itself, though nobody resumes it.
        paused: working time of all pauses that have ended.
        extensions: how often it was extended.
        unknown_years: years on its way whose holidays nobody had entered when it started; they count by weekends.
    """

    term: Term
    calendar: str
    rule: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    paused: timedelta = timedelta()
    extensions: int = 0
    unknown_years: tuple[int, ...] = ()

    @property
    def last_day(self) -> date:
        """The last day, in China, on which it is in time: what people are told."""
        return last_day(self.due_at)

    @property
    def is_paused(self) -> bool:
        """Whether it was paused and not resumed; see `as_of`."""
        return self.paused_at is not None

    def as_of(self, at: datetime, calendar: WorkCalendar) -> "Countdown":
        """The clock at a moment: running again if its pause has come to its limit by then."""
        if self.paused_at is None or self.paused_until is None or at < self.paused_until:
            return self
        return self._resumed(self.paused_at, self.paused_until, calendar)

    def remaining(self, at: datetime, calendar: WorkCalendar) -> timedelta:
        """The working time left at a moment; negative when it is overdue."""
        here = self.as_of(at, calendar)
        return calendar.between(here.paused_at or at, here.due_at)

    def pause(self, at: datetime, calendar: WorkCalendar, until: datetime | None = None) -> "Countdown":
        """Stand still from a moment on, until somebody resumes it, or at the longest until another moment.

        Raises:
            DeadlineRefused: it stands still already, or is overdue.
        """
        here = self.as_of(at, calendar)
        if here.is_paused:
            raise DeadlineRefused(f"{self.term.label}已经暂停，不能再暂停一次。")
        here._refuse_after_expiry(at, "不能再暂停")
        if until is not None and until <= at:
            raise DeadlineRefused("暂停的截止时间应晚于暂停的时间。")
        return replace(here, paused_at=in_china(at), paused_until=until and in_china(until))

    def until(self, moment: datetime) -> "Countdown":
        """A paused clock that runs again by itself at another moment."""
        return replace(self, paused_until=in_china(moment))

    def resume(self, at: datetime, calendar: WorkCalendar) -> "Countdown":
        """Run again: due later by exactly the working time it stood still, but no longer than its limit.

        Raises:
            DeadlineRefused: it does not stand still.
        """
        if self.paused_at is None:
            raise DeadlineRefused(f"{self.term.label}没有暂停，不用恢复。")
        if at < self.paused_at:
            raise DeadlineRefused("恢复的时间不能早于暂停的时间。")
        return self._resumed(self.paused_at, min(at, self.paused_until or at), calendar)

    def extend(
        self, by: Span, at: datetime, calendar: WorkCalendar, *, at_most: Span | None = None, times: int | None = None
    ) -> "Countdown":
        """Be due later. Days count from the day after the last one.

        Args:
            calendar: by which the extension counts.
            at_most: the longest extension allowed.
            times: how often the clock may be extended in all.

        Raises:
            DeadlineRefused: it is overdue, was extended often enough, or the extension is too long.
        """
        self._refuse_after_expiry(at, "不能再延期；延期要在到期前申请")
        if times is not None and self.extensions >= times:
            told = f"已经延期 {self.extensions} 次，按规定最多 {times} 次" if times else "按规定不能延期"
            raise DeadlineRefused(f"{self.term.label}{told}。")
        if by.unit is Unit.SAME_DAY:
            raise DeadlineRefused("延期请写要延长多久，如 3个工作日，不能写“当日”。")
        due_at = self._extended(by, calendar)
        if at_most is not None and due_at > self._extended(at_most, calendar):
            raise DeadlineRefused(f"每次最多延期{at_most}，“{by}”太长了。")
        unknown = sorted({*self.unknown_years, *calendar.unknown_years(self.due_at, due_at)})
        return replace(self, due_at=due_at, extensions=self.extensions + 1, unknown_years=tuple(unknown))

    def as_json(self) -> dict[str, Any]:
        """The clock as plain values, for a JSON column."""
        plain = {name: getattr(self, name) for name in _NAMES}
        plain |= {"paused": self.paused // INSTANT, "unknown_years": list(self.unknown_years)}
        return plain | {name: plain[name] and plain[name].isoformat() for name in _MOMENTS}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Countdown":
        """The clock that `as_json` gave."""
        known = {name: plain[name] for name in _NAMES}
        moments = {name: known[name] and in_china(datetime.fromisoformat(known[name])) for name in _MOMENTS}
        special = {
            "term": Term(known["term"]),
            "paused": known["paused"] * INSTANT,
            "unknown_years": tuple(known["unknown_years"]),
        }
        return cls(**known | moments | special)

    def _resumed(self, paused_at: datetime, at: datetime, calendar: WorkCalendar) -> "Countdown":
        stood = calendar.between(paused_at, at)
        due_at = calendar.after(self.due_at, stood)
        return replace(self, paused_at=None, paused_until=None, paused=self.paused + stood, due_at=due_at)

    def _extended(self, by: Span, calendar: WorkCalendar) -> datetime:
        # Due at 24:00 is due on the day that ends, not on the one that begins.
        return calendar.end_of(by, self.due_at - INSTANT if by.unit in _DAYS else self.due_at)

    def _refuse_after_expiry(self, at: datetime, refusal: str) -> None:
        if not self.is_paused and at > self.due_at:
            expired = f"{in_china(self.due_at):%Y-%m-%d %H:%M}"
            raise DeadlineRefused(f"{self.term.label}已于 {expired} 到期，{refusal}。")


_NAMES = tuple(field.name for field in fields(Countdown))
