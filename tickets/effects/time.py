"""More time, or time that stands still: extensions and waiting for the requester."""

from service.clock import shown_when
from tickets.change import Change
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.refused import DeadlineRefused, TimeSettingsRefused
from tickets.deadlines.span import Span
from tickets.effects.words import told_reason
from tickets.moves import Verb
from tickets.refusal import MoveNotAllowed

MOST_SUSPENSIONS = 2
"""How often a ticket may wait for its requester: each time moves the promise."""


def request_extension(change: Change) -> None:
    """More time is asked for before the time is over (延期), so often and so far as the rules allow.

    The requester reads the reason, unless whoever grants it writes another.
    """
    extended = _extended(change, change.given.span)
    change.values["asked_extension"] = change.given.span
    change.details["until"] = extended["promise"].due_at.isoformat()
    told_reason(change)


def grant_extension(change: Change) -> None:
    """The promise moves to what was asked for; the requester learns why."""
    change.set_clocks(**_extended(change, change.ticket.asked_extension or ""))
    change.values["extensions"] = change.ticket.extensions + 1
    if change.given.reason:
        told_reason(change)
    else:
        change.note = change.last_note(Verb.REQUEST_EXTENSION)


def suspend(change: Change) -> None:
    """The requester has to add something; both clocks stand still, up to a limit."""
    if change.times(Verb.SUSPEND) >= MOST_SUSPENSIONS:
        told = f"已经请诉求人补充过 {MOST_SUSPENSIONS} 次，不能再停下来等。请按现有的情况办，时间不够就申请延期。"
        raise MoveNotAllowed(told)
    until, clocks = change.given.until, change.ticket.clocks
    limit = change.terms.suspend_for
    try:
        paused = {
            name: clock and change.timetable.pause(clock, change.at, limit)
            for name, clock in (("promise", clocks.promise), ("handle", clocks.handle))
        }
    except DeadlineRefused as refused:
        raise MoveNotAllowed(str(refused)) from refused
    change.set_clocks(**paused)
    latest = change.clocks.promise.paused_until
    if until is not None and latest is not None:
        if not change.at < until <= latest:
            raise MoveNotAllowed(f"等待诉求人补充最晚到 {shown_when(latest)}。")
        change.set_clocks(**{name: clock and clock.until(until) for name, clock in paused.items()})
    told_reason(change)


def resume(change: Change) -> None:
    """The clocks go on; both deadlines move by exactly the working time that stood still."""
    clocks = change.ticket.clocks
    change.set_clocks(
        promise=change.timetable.resume(clocks.promise, change.at),
        handle=clocks.handle and change.timetable.resume(clocks.handle, change.at),
    )


def _extended(change: Change, span: str) -> dict[str, Countdown]:
    clocks = change.ticket.clocks
    try:
        by = Span.parse(span)
        return {
            name: change.timetable.extend(clock, by, change.at, change.terms)
            for name, clock in (("promise", clocks.promise), ("handle", clocks.handle))
            if clock is not None
        }
    except (DeadlineRefused, TimeSettingsRefused) as refused:
        raise MoveNotAllowed(str(refused)) from refused
