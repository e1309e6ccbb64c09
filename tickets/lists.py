"""Lists of tickets: what is to be dispatched, accepted, overdue … filtered, in order, a page at a time.

A page is found by where the one before it ended, so the thousandth costs what the first does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

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
            found.append(_state_in(self.states))
        if self.asks_open:
            found.append(implied(_state_in(OPEN)) if self.states and self.states <= OPEN else _state_in(OPEN))
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
    def asks_open(self) -> bool:
        """Whether all it asks for is open."""
        return bool(self.is_open or (self.states and self.states <= OPEN) or self.step_before or self.promised_before)


class implied(GenericFunction[bool]):  # noqa: N801  # the name it has in SQL
    """A condition that follows from another one.

    SQLite takes an index of open tickets only where their condition stands in so many words. PostgreSQL sees what
    follows from what, and would take the two for independent: it would expect hardly any ticket to fulfil both.
    """

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "implied":
        """As it is: SQLite must not find "= 1" behind it."""
        return self


@compiles(implied, "postgresql")
def _postgresql(_element: implied, _compiler: Any, **_options: Any) -> str:
    return "true"


@compiles(implied, "sqlite")
def _sqlite(element: implied, compiler: Any, **options: Any) -> str:
    condition: str = compiler.process(element.clauses, **options)
    return condition


def _state_in(states: Collection[State]) -> ColumnElement[bool]:
    """Written out, so that a planner sees which index of a part of the tickets has them all."""
    return tickets.c.state.in_(bindparam(None, sorted(states), expanding=True, literal_execute=True))


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
    place: list[ColumnElement[bool]] = []
    if after is not None:
        moment, last = _read_place(after, newest)
        place = [tickets.c.id < last if newest else tuple_(by, tickets.c.id) > tuple_(_bound(by, moment), last)]
    if newest:
        statement = _newest(wanted, place, limit + 1)
    else:
        conditions = (*wanted.conditions(), *place, by.is_not(None))
        statement = select(tickets).where(*conditions).order_by(by, tickets.c.id).limit(limit + 1)

    def work(connection: Connection) -> Page:
        rows = connection.execute(statement).all()
        found = tuple(ticket_of(row, cipher) for row in rows[:limit])
        more = len(rows) > limit
        return Page(found, _write_place(getattr(found[-1], by.name), found[-1].id) if more else None)

    return work


def _newest(wanted: Filter, place: list[ColumnElement[bool]], limit: int) -> Select[Any]:
    """The newest tickets of a filter.

    Those of units are the newest of each unit put together, so each is a walk along an index of that unit's own. Asked
    for in one, they would be met by walking all tickets, or sorted after reading all these units ever had.
    """
    by_id = tickets.c.id.desc()
    if not wanted.units:
        return select(tickets).where(*wanted.conditions(), *place).order_by(by_id).limit(limit)
    others = replace(wanted, units=frozenset()).conditions()
    walks = [
        select(tickets.c.id).where(column == unit, *others, *place).order_by(by_id).limit(limit).subquery()
        for unit in sorted(wanted.units)
        for column in (tickets.c.lead, tickets.c.called)
    ]
    ids = union(*(select(walk.c.id) for walk in walks)).subquery()
    return select(tickets).where(tickets.c.id.in_(select(ids.c.id))).order_by(by_id).limit(limit)


def count(wanted: Filter) -> Callable[[Connection], int]:
    """A unit of work: how many there are, counted up to `COUNTED`."""
    statement = _counted(wanted)
    return lambda connection: connection.execute(statement).scalar_one()


def counts(wanted: Sequence[Filter]) -> Callable[[Connection], list[int]]:
    """A unit of work: how many there are of each, in one question or two.

    Of what is open with some units, which is not much, all is read once and every count made of it; any other is
    counted by itself, up to `COUNTED`.
    """
    together = {each: None for each in wanted if each.units and each.asks_open and not each.involved}
    alone = {each: None for each in wanted if each not in together}
    units = frozenset().union(*(each.units for each in together))
    questions: list[tuple[Collection[Filter], Select[*tuple[Any, ...]]]] = []
    if together:
        met = (func.count(case((and_(*each.conditions()), 1))) for each in together)
        questions.append((together, select(*met).where(*Filter(is_open=True, units=units).conditions())))
    if alone:
        questions.append((alone, select(*(_counted(each).scalar_subquery() for each in alone))))

    def work(connection: Connection) -> list[int]:
        found: dict[Filter, int] = {}
        for filters, question in questions:
            found |= zip(filters, connection.execute(question).one(), strict=True)
        return [found[each] for each in wanted]

    return work


def _counted(wanted: Filter) -> Select[int]:
    some = select(tickets.c.id).where(*wanted.conditions()).limit(COUNTED).subquery()
    return select(func.count()).select_from(some)


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
