"""Tickets that belong together: merged into one, taken apart again, linked."""

from typing import Any

from sqlalchemy import select

from tickets.change import Change
from tickets.parties import Party
from tickets.refusal import MoveNotAllowed
from tickets.states import OPEN
from tickets.tables import links, tickets


def merge(change: Change) -> None:
    """The same request by another citizen (并单): handled together, each still gets the reply."""
    other = _other(change)
    if other.state not in OPEN or other.merged_into is not None:
        raise MoveNotAllowed(f"工单 {change.given.other} 已经结束，不能并入。可以用“关联”。")
    statement = select(tickets.c.id).where(tickets.c.merged_into == change.ticket.id).limit(1)
    if change.connection.execute(statement).first() is not None:
        raise MoveNotAllowed("这张工单里已经并入了别的工单，请反过来并。")
    change.values["merged_into"] = other.id
    change.details["other"] = change.given.other


def separate(change: Change) -> None:
    """On its own again: merged by mistake, or the other one ended without settling it."""
    change.values |= {"merged_into": None, "closed_at": None, "called": None}
    change.note = change.given.reason or None


def add(change: Change) -> None:
    """What the requester adds is kept; to whom it is passed on, whose it was."""
    change.note = change.given.text
    if Party.PROGRAM in change.parties:
        change.details["other"] = change.given.other


def withdraw(change: Change) -> None:
    """Taken back by its requester; one that was merged only leaves the other, which goes on."""
    change.values["merged_into"] = None
    change.note = change.given.reason or change.given.text or None


def link(change: Change) -> None:
    """Related, both ways."""
    other = _other(change)
    pairs = [(change.ticket.id, other.id), (other.id, change.ticket.id)]
    change.insert_new(links, [{"ticket_id": this, "other_id": that} for this, that in pairs])
    change.details["other"] = change.given.other


def _other(change: Change) -> Any:
    if change.given.other == change.ticket.number:
        raise MoveNotAllowed("写的是这张工单自己的编号，请写另一张的。")
    wanted = tickets.c.number == change.given.other
    statement = select(tickets.c.id, tickets.c.state, tickets.c.merged_into).where(wanted).with_for_update()
    other = change.connection.execute(statement).one_or_none()
    if other is None:
        raise MoveNotAllowed(f"没有编号为 {change.given.other} 的工单，请核对。")
    return other
