"""What hangs on a category: tickets, time rules, rules of the dispatch list."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from service.clock import Clock
from service.kept.versions import contents_at
from tickets.deadlines.kind import DEADLINES
from tickets.deadlines.parts import RULES
from tickets.dispatch.tables import dispatch_rules
from tickets.tables import tickets

COUNTED = 1_000
"""So many tickets are counted at most."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What hangs on a category.

    Attributes:
        tickets: up to `COUNTED`.
        time_rules: their names.
        dispatch_rules: their numbers.
    """

    tickets: int
    time_rules: tuple[str, ...]
    dispatch_rules: tuple[str, ...]


def ties_of(code: str, clock: Clock) -> Callable[[Connection], Ties]:
    """A unit of work: what hangs on a category, by itself or by the top it stands below."""
    meant = {code, code.partition("/")[0]}

    def look(connection: Connection) -> Ties:
        some = select(tickets.c.id).where(tickets.c.category == code).limit(COUNTED).subquery()
        rules = {**DEADLINES.shipped(), **contents_at(connection, DEADLINES.name, clock())}[RULES]
        timed = [rule["name"] for rule in rules if meant & _categories(rule.get("when", {}).get("category", ()))]
        listed = connection.execute(select(dispatch_rules.c.key, dispatch_rules.c.content)).all()
        dispatched = sorted(row.key for row in listed if row.content.get("category") == code)
        number = connection.scalar(select(func.count()).select_from(some)) or 0
        return Ties(number, tuple(timed), tuple(dispatched))

    return look


def _categories(named: str | list[str] | tuple[str, ...]) -> set[str]:
    return {named} if isinstance(named, str) else set(named)
