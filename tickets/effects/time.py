"""More time, or time that stands still: extensions and waiting for the requester."""

from service.clock import shown_when
from tickets.change import Change
from tickets.moves import Verb
from tickets.refusal import MoveNotAllowed


def request_extension(change: Change) -> None:
    """More time is asked for before the time is over (延期), so often and so far as the rules allow."""
    ticket, until = change.ticket, change.given.until
    assert until is not None  # noqa: S101  # the table says it is needed
    if change.at >= min(ticket.promised_at, ticket.handle_due or ticket.promised_at):
        raise MoveNotAllowed("期限已过，不能再申请延期。请尽快办完，并向诉求人说明情况。")
    if ticket.extensions >= change.timing.extensions(change.facts):
        raise MoveNotAllowed("这张工单延期的次数已经用完。")
    latest = change.timing.extended_until(change.facts, ticket.promised_at)
    if not ticket.promised_at < until <= latest:
        since = shown_when(ticket.promised_at)
        raise MoveNotAllowed(f"新的期限要晚于现在的 {since}，最晚到 {shown_when(latest)}。")
    change.values["asked_until"] = until
    change.details["until"] = until.isoformat()
    change.note = change.given.reason


def grant_extension(change: Change) -> None:
    """The promise moves to what was asked for; the requester learns why."""
    ticket = change.ticket
    if change.at >= ticket.promised_at:
        raise MoveNotAllowed("答应诉求人的期限已过，延期不能补批。")
    change.values |= {
        "promised_at": ticket.asked_until,
        "handle_due": ticket.asked_until,
        "extensions": ticket.extensions + 1,
    }
    change.note = change.given.reason or change.last_note(Verb.REQUEST_EXTENSION)


def suspend(change: Change) -> None:
    """The requester has to add something; both clocks stand still, up to a limit."""
    until = change.given.until
    assert until is not None  # noqa: S101  # the table says it is needed
    latest = change.timing.suspended_until(change.facts, change.at)
    if not change.at < until <= latest:
        raise MoveNotAllowed(f"等待诉求人补充最晚到 {shown_when(latest)}。")
    change.values |= {"paused_at": change.at, "step_due": until}
    change.details["until"] = until.isoformat()
    change.note = change.given.reason


def resume(change: Change) -> None:
    """The clocks go on; both deadlines move by exactly the time that stood still."""
    ticket = change.ticket
    assert ticket.paused_at is not None  # noqa: S101  # a suspended ticket has one
    for name in ("promised_at", "handle_due"):
        due = getattr(ticket, name)
        if due is not None:
            change.values[name] = change.timing.shifted(due, ticket.paused_at, change.at)
