"""Lists of tickets: what is to be dispatched, accepted, overdue … filtered, in order, a page at a time.

A page is found by where the one before it ended, so the thousandth costs what the first does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, func, or_, select, tuple_

from service.encryption import Cipher
from tickets.deadlines.calendar import in_china
from tickets.records import CURRENTLY_INVOLVED, ticket_of
from tickets.states import CLOSED, OPEN, State
from tickets.tables import ticket_units, tickets
from tickets.ticket import Kind, Ticket
from tickets.urgency import Urgency

LONG_OVERDUE = timedelta(days=30)
COUNTED = 10_000
"""A count says "at least" from here on: nobody reads further, and counting costs."""


_LAST_ID = 2**63
_NO_PLACE = "这一页的位置看不懂，请从第一页重新翻。"


class ListRefused(Exception):
    """The list cannot be given like this; the message says why, in Chinese."""


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    STEP = "step"
    PROMISE = "promise"


_BY: dict[Order, Column[Any]] = {
    Order.NEWEST: tickets.c.id,
    Order.STEP: tickets.c.step_due,
    Order.PROMISE: tickets.c.promised_at,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets; what is not said does not matter.

    Attributes:
        units: one of them is responsible for it, or asked to accept it.
        involved: one of these units is assisting or investigating.
        is_open: whether somebody still owes the citizen something.
        step_from: the present step has to be done then or later.
        step_before: the present step had to be done by then: now gives the overdue ones.
        promised_before: the citizen was promised a result by then.
        created_from, created_before: registered within these moments.
    """

    states: frozenset[State] = frozenset()
    is_open: bool | None = None
    units: frozenset[str] = frozenset()
    involved: frozenset[str] = frozenset()
    handler: str | None = None
    kind: Kind | None = None
    category: str | None = None
    urgency: Urgency | None = None
    channel: str | None = None
    street: str | None = None
    returned: bool = False
    step_from: datetime | None = None
    step_before: datetime | None = None
    promised_before: datetime | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """What is asked for, without what does not matter; moments in ISO form."""
        given = ((each.name, getattr(self, each.name), each.default) for each in fields(self))
        return {name: _plain(value) for name, value, default in given if value != default}

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions, in the database's terms."""
        column = tickets.c
        found: list[ColumnElement[bool]] = [
            getattr(column, name) == value
            for name in ("handler", "kind", "category", "urgency", "channel", "street")
            if (value := getattr(self, name)) is not None
        ]
        if self.states:
            found.append(column.state.in_(sorted(self.states)))
        if self._asks_open:
            # Written out, so that the planner sees that the index of open tickets has them all.
            found.append(column.state.in_(bindparam("open", sorted(OPEN), expanding=True, literal_execute=True)))
        if self.is_open is False:
            found.append(column.state.in_(sorted(CLOSED)))
        if self.units:
            found.append(or_(column.lead.in_(sorted(self.units)), column.called.in_(sorted(self.units))))
        if self.involved:
            now = ticket_units.c.part.in_(CURRENTLY_INVOLVED)
            theirs = select(ticket_units.c.ticket_id).where(ticket_units.c.unit.in_(sorted(self.involved)), now)
            found.append(column.id.in_(theirs))
        if self.returned:
            found.append(column.returns > 0)
        if self.step_from is not None:
            found.append(column.step_due >= self.step_from)
        if self.step_before is not None:
            found.append(column.step_due < self.step_before)
        if self.promised_before is not None:
            found.append(column.promised_at < self.promised_before)
        if self.created_from is not None:
            found.append(column.created_at >= self.created_from)
        if self.created_before is not None:
            found.append(column.created_at < self.created_before)
        return found

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than all that some units ever had."""
        return self != Filter(units=self.units)

    @property
    def _asks_open(self) -> bool:
        return bool(self.is_open or (self.states and self.states <= OPEN) or self.step_before or self.promised_before)


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        next: where the following page begins; None at the end.
    """

    tickets: tuple[Ticket, ...]
    next: str | None


def page(
    wanted: Filter, cipher: Cipher, *, order: Order = Order.NEWEST, after: str | None = None, limit: int = 50
) -> Callable[[Connection], Page]:
    """A unit of work: tickets in order, from where a page before ended.

    Raises:
        ListRefused: `after` is no place in such a list.
    """
    by, newest = _BY[order], order is Order.NEWEST
    statement: Select[Any] = select(tickets).where(*wanted.conditions()).limit(limit + 1)
    if newest:
        # A planner that walks all tickets from the newest hopes to meet a page of these soon; where a unit has few or
        # none of a kind it reads every ticket there is. A sum is in no index: then it begins with the unit's own.
        by_id = tickets.c.id + 0 if wanted.units and wanted.narrowed else tickets.c.id
        statement = statement.order_by(by_id.desc())
    else:
        statement = statement.where(by.is_not(None)).order_by(by, tickets.c.id)
    if after is not None:
        moment, last = _read_place(after, newest)
        place = tickets.c.id < last if newest else tuple_(by, tickets.c.id) > tuple_(_bound(by, moment), last)
        statement = statement.where(place)

    def work(connection: Connection) -> Page:
        rows = connection.execute(statement).all()
        found = tuple(ticket_of(row, cipher) for row in rows[:limit])
        more = len(rows) > limit
        return Page(found, _write_place(getattr(found[-1], by.name), found[-1].id) if more else None)

    return work


def count(wanted: Filter) -> Callable[[Connection], int]:
    """A unit of work: how many there are, counted up to `COUNTED`."""
    some = select(tickets.c.id).where(*wanted.conditions()).limit(COUNTED).subquery()
    return lambda connection: connection.execute(select(func.count()).select_from(some)).scalar_one()


def by_id(ids: Collection[int], cipher: Cipher, limit: int = 50) -> Callable[[Connection], list[Ticket]]:
    """A unit of work: some tickets, the newest first."""
    statement = select(tickets).where(tickets.c.id.in_(ids)).order_by(tickets.c.id.desc()).limit(limit)
    return lambda connection: [ticket_of(row, cipher) for row in connection.execute(statement)]


def _bound(column: Column[Any], value: object) -> ColumnElement[Any]:
    return bindparam(None, value, type_=column.type)


def _write_place(value: object, last: int) -> str:
    moment = value.isoformat() if isinstance(value, datetime) else ""
    return urlsafe_b64encode(f"{moment}|{last}".encode()).decode().rstrip("=")


def _read_place(text: str, newest: bool) -> tuple[datetime | None, int]:
    try:
        moment, last = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        found = (None if newest else in_china(datetime.fromisoformat(moment))), int(last)
    except (ValueError, OverflowError) as error:
        raise ListRefused(_NO_PLACE) from error
    if not 0 <= found[1] < _LAST_ID:
        raise ListRefused(_NO_PLACE)
    return found
