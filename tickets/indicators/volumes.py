"""How much came in: tickets registered in a period, by day and channel, unit, category and street."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from service.clock import china_moment
from tickets.indicators.period import Period
from tickets.tables import tickets

Volumes = dict[date, dict[str, int]]
"""How many were registered on each day of China, by channel; days on which none came are there, too."""

_UNIT = func.coalesce(tickets.c.lead, tickets.c.called)
_BY: dict[str, ColumnElement[str | None]] = {
    "unit": _UNIT,
    "category": tickets.c.category,
    "street": tickets.c.street,
}


def registered_by_day(period: Period, units: frozenset[str] | None = None) -> Callable[[Connection], Volumes]:
    """A unit of work: how many came each day, by channel. A day is read by the index of when tickets were made.

    Args:
        units: only those one of these units is responsible for, or asked to accept; all by default.
    """
    days = [period.first + timedelta(days=number) for number in range((period.last - period.first).days + 1)]

    def work(connection: Connection) -> Volumes:
        found: Volumes = {}
        for day in days:
            channel, count = tickets.c.channel, func.count().label("registered")
            statement = select(channel, count).where(*_registered(Period(day, day), units)).group_by(channel)
            found[day] = {row.channel: row.registered for row in connection.execute(statement)}
        return found

    return work


def registered_by(
    what: str, period: Period, units: frozenset[str] | None = None
) -> Callable[[Connection], list[tuple[str | None, int]]]:
    """A unit of work: how many came of each unit, category or street, the most first; None: of none yet.

    Args:
        what: `unit`, `category` or `street`.
    """
    group, count = _BY[what], func.count().label("registered")
    statement = select(group, count).where(*_registered(period, units)).group_by(group).order_by(count.desc(), group)
    return lambda connection: [(name, registered) for name, registered in connection.execute(statement)]


def _registered(period: Period, units: frozenset[str] | None) -> list[ColumnElement[bool]]:
    within: list[ColumnElement[bool]] = [
        tickets.c.created_at >= china_moment(period.first),
        tickets.c.created_at < period.ends,
    ]
    return within if units is None else [*within, _UNIT.in_(sorted(units))]
