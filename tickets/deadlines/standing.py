"""How a clock stands at a moment: running, yellow, red, overdue."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.clock import CHINA
from tickets.deadlines.calendar import INSTANT, WorkCalendar, in_china
from tickets.deadlines.countdown import Countdown


class Standing(StrEnum):
    """How urgent a clock has become."""

    PAUSED = "paused"
    RUNNING = "running"
    YELLOW = "yellow"
    RED = "red"
    OVERDUE = "overdue"
    LONG_OVERDUE = "long_overdue"

    @property
    def label(self) -> str:
        """The standing as staff read it."""
        return _LABELS[self]

    @property
    def is_overdue(self) -> bool:
        """Whether the time has passed."""
        return self in (Standing.OVERDUE, Standing.LONG_OVERDUE)


_LABELS = {
    Standing.PAUSED: "已暂停",
    Standing.RUNNING: "进行中",
    Standing.YELLOW: "临近到期（黄灯）",
    Standing.RED: "即将到期（红灯）",
    Standing.OVERDUE: "已超期",
    Standing.LONG_OVERDUE: "长期超期",
}


@dataclass(frozen=True, slots=True)
class Warnings:
    """When a clock turns yellow and red.

    Attributes:
        yellow_percent: of the time given that is still left when it turns yellow.
        yellow_days: working days before the last one on which it turns yellow at the latest.
        red_percent: of the time left when a clock that starts and ends on one day turns red; any other is red all
            through its last day.
        long_overdue_days: days overdue after which a ticket is on a list of its own.
    """

    yellow_percent: int = 20
    yellow_days: int = 1
    red_percent: int = 10
    long_overdue_days: int = 30


class Turns(NamedTuple):
    """The moments at which the standing of a running clock changes."""

    yellow: datetime
    red: datetime
    overdue: datetime
    long_overdue: datetime


_STANDINGS = (Standing.RUNNING, Standing.YELLOW, Standing.RED, Standing.OVERDUE, Standing.LONG_OVERDUE)


def turns_of(countdown: Countdown, calendar: WorkCalendar, warnings: Warnings) -> Turns:
    """When a clock turns yellow, red, overdue and long overdue if nobody touches it any more."""
    started, due = in_china(countdown.started_at), in_china(countdown.due_at)
    total = calendar.between(started, due) - countdown.paused
    yellow = calendar.after(due, -(total * warnings.yellow_percent // 100))
    last_day = countdown.last_day
    if started.date() == last_day:
        red = calendar.after(due, -(total * warnings.red_percent // 100))
    else:
        red = datetime.combine(last_day, time(), CHINA)
        opening = calendar.opening_before(last_day, warnings.yellow_days) if warnings.yellow_days else yellow
        if opening > started:
            yellow = min(yellow, opening)
    return Turns(min(yellow, red), red, due + INSTANT, due + timedelta(days=warnings.long_overdue_days) + INSTANT)


def standing_at(countdown: Countdown, at: datetime, calendar: WorkCalendar, warnings: Warnings) -> Standing:
    """How a clock stands at a moment."""
    here = countdown.as_of(at, calendar)
    if here.is_paused:
        return Standing.PAUSED
    return standing_by(turns_of(here, calendar, warnings), at)


def standing_by(turns: Turns, at: datetime) -> Standing:
    """How a running clock stands at a moment, by the moments at which that changes."""
    return _STANDINGS[sum(at >= turn for turn in turns)]


def overdue_by(countdown: Countdown, at: datetime, calendar: WorkCalendar) -> timedelta:
    """The working time by which a clock is overdue at a moment; none when it is not."""
    return max(-countdown.remaining(at, calendar), timedelta())
