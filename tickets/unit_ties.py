"""What hangs on a unit: what has to be seen to before it is retired."""

import json
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, String, Table, cast, func, select

from service.identity.tables import staff
from tickets.dispatch.tables import dispatch_rules
from tickets.states import OPEN
from tickets.tables import tickets, units
from tickets.units import Unit


class Ties(NamedTuple):
    """How much hangs on a unit.

    Attributes:
        tickets: open ones that it leads or was asked to take.
        rules: of the dispatch list that name it.
        accounts: of its people that are in use.
        below: units in use of which it is the parent.
    """

    tickets: int
    rules: int
    accounts: int
    below: int


_OPEN = tickets.c.state.in_(sorted(OPEN))


def ties_of(unit: Unit) -> Callable[[Connection], Ties]:
    """A unit of work: what hangs on a unit now."""

    def work(connection: Connection) -> Ties:
        led = tickets.c.lead == unit.code
        asked = (tickets.c.called == unit.code) & tickets.c.lead.is_distinct_from(unit.code)
        theirs = cast(staff.c.units, String).contains(json.dumps(unit.code), autoescape=True)
        return Ties(
            tickets=_count(connection, tickets, _OPEN, led) + _count(connection, tickets, _OPEN, asked),
            rules=len(rules_naming(connection, unit.name)),
            accounts=_count(connection, staff, staff.c.disabled_at.is_(None), theirs),
            below=_count(connection, units, units.c.parent == unit.code, units.c.active),
        )

    return work


def rules_naming(connection: Connection, name: str) -> list[str]:
    """The numbers of the rules of the dispatch list that name a unit."""
    # JSON keeps what is not ASCII escaped, so the name is found as it stands there, and looked at once more.
    named = cast(dispatch_rules.c.content, String).contains(json.dumps(name), autoescape=True)
    rows = connection.execute(select(dispatch_rules).where(named).order_by(dispatch_rules.c.key))
    return [row.key for row in rows if name in (row.content["lead"], *row.content.get("assisting", ()))]


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
