"""What must be known of a ticket to watch over its time, and when to look at it next."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, update

from service.storage import Moment
from tickets.deadlines.ladder import Taken
from tickets.deadlines.timetable import Timetable
from tickets.deadlines.watch import Watched, next_check
from tickets.states import OPEN
from tickets.tables import tickets
from tickets.ticket import Ticket

_PARTS = 60
_BETWEEN_PARTS = timedelta(minutes=1)  # so that a hundred thousand tickets are not all looked at in one go


def watched(ticket: Ticket, kept: Mapping[str, Any]) -> Watched:
    """A ticket as the watch sees it.

    Args:
        kept: what the watch keeps of it: `rungs`, those taken so far, and `told`, the warnings given.
    """
    taken = tuple(Taken(key, datetime.fromisoformat(at)) for key, at in kept.get("rungs", ()))
    return Watched(ticket.number, ticket.clocks.running(ticket.state), ticket.active_at, taken)


def check_at(ticket: Ticket, due: datetime | None, kept: Mapping[str, Any], timetable: Timetable) -> datetime | None:
    """When a ticket that was just moved has to be looked at.

    Args:
        due: when it had to be looked at before the move; a look that is due stays due.
    """
    if ticket.state not in OPEN:
        return None
    moved_at = ticket.updated_at
    if due is not None and due <= moved_at:
        return due
    return next_check(watched(ticket, kept), moved_at, timetable)


def look_anew_within(connection: Connection, since: datetime) -> None:
    """Have every open ticket looked at within the hour after a moment: what is set about time changes then.

    A look before that moment looks again at it by itself, see `Timetable.until`.
    """
    moments = {part: bindparam(None, since + part * _BETWEEN_PARTS, Moment()) for part in range(_PARTS)}
    anew = case(moments, value=tickets.c.id % _PARTS)
    later = tickets.c.state.in_(sorted(OPEN)) & (tickets.c.check_at > anew)
    connection.execute(update(tickets).where(later).values(check_at=anew))
