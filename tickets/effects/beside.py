"""What happens beside the way: reminders, supervision, notes."""

from service.clock import china_date
from tickets.change import Change
from tickets.refusal import MoveNotAllowed


def urge(change: Change) -> None:
    """The requester asks to be quicker (催办); counted once a day."""
    urged_at = change.ticket.urged_at
    if urged_at is not None and china_date(urged_at) == china_date(change.at):
        raise MoveNotAllowed("今天已经替您催过一次，记在这张工单上了，办理的人看得到。")
    change.values["urged_at"] = change.at
    change.note = change.given.text or None


def supervise(change: Change) -> None:
    """A rung of supervision (督办)."""
    ladder = change.timetable.supervision.ladder
    levels = {rung.key: rung for rung in ladder.rungs}
    rung = levels.get(change.given.level)
    if rung is None:
        raise MoveNotAllowed(f"没有“{change.given.level}”这一级督办，可以选：{'、'.join(levels)}。")
    until = change.timetable.calendars[ladder.calendar].end_of(rung.within, change.at)
    change.details |= {"level": rung.key, "until": until.isoformat()}
    change.note = change.given.reason


def note(change: Change) -> None:
    """What is written is kept."""
    change.note = change.given.text


def nothing(change: Change) -> None:
    """Only the state changes; a reason given is kept."""
    change.note = change.given.reason or change.given.text or None
