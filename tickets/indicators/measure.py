"""Rates of a period, by unit, kind, category, street or channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select
from sqlalchemy.sql import FromClause

from tickets.indicators.definitions import Condition, Definitions, Indicator, LeftOut
from tickets.indicators.facts import SPLITS, concerned, facts_between
from tickets.indicators.period import Period

BY = ("unit", *SPLITS)
"""What rates can be split by."""

_AT_ONCE = 2000  # so many tickets have their lines read by index; of more a database would read the whole timeline


@dataclass(slots=True)
class Count:
    """How many of how many."""

    hits: int = 0
    cases: int = 0

    def rate(self, smallest: int) -> float | None:
        """The share, 0 to 1; None where there are too few cases for it to say anything."""
        return None if self.cases < smallest else self.hits / self.cases


@dataclass(slots=True)
class Rate:
    """A rate with everything in it, and without what was found to be without ground."""

    raw: Count = field(default_factory=Count)
    adjusted: Count = field(default_factory=Count)


Rates = dict[str, Rate]
"""By the name of the indicator."""


def measure(
    definitions: Definitions, period: Period, at: datetime, by: str | None = None
) -> Callable[[Connection], dict[str | None, Rates]]:
    """A unit of work: the rates of a period as it stood at its end, or stands now while it is not over.

    Args:
        by: one of `BY`; all together, under None, by default. What has no unit or street stands under None, too.
    """
    ends = min(period.ends, at)
    facts = facts_between(period.begins, ends)
    keys = {"unit": ("lead", "asked"), None: ()}.get(by, (by,))
    groups = [facts.c[name] for name in keys if name]
    counted = [count for each in definitions.indicators for count in _counts(each, facts)]
    statement = select(*groups, *counted).group_by(*groups)

    def work(connection: Connection) -> dict[str | None, Rates]:
        found: dict[str | None, Rates] = {}
        ids = connection.scalars(concerned(period.begins, ends)).all()
        for start in range(0, len(ids), _AT_ONCE):
            for row in connection.execute(statement, {"some": ids[start : start + _AT_ONCE]}):
                add(found, row)
        return found

    def add(found: dict[str | None, Rates], row: Any) -> None:
        for indicator in definitions.indicators:
            key = None if by is None else getattr(row, indicator.unit if by == "unit" else by)
            of_group = found.setdefault(key, {each.name: Rate() for each in definitions.indicators})
            _add(of_group[indicator.name], row, indicator)

    return work


def _counts(indicator: Indicator, facts: FromClause) -> list[ColumnElement[Any]]:
    below = and_(_met(indicator.below, facts), *_none_of(indicator.without, facts))
    above = _met(indicator.above, facts)
    sound = and_(below, *_none_of(indicator.adjusted, facts))
    wanted = {"cases": below, "hits": below & above}
    if indicator.adjusted:
        wanted |= {"sound_cases": sound, "sound_hits": sound & above}
    return [
        func.sum(case((condition, 1), else_=0)).label(f"{indicator.name}_{name}") for name, condition in wanted.items()
    ]


def _met(condition: Condition, facts: FromClause) -> ColumnElement[bool]:
    return and_(*(or_(*(facts.c[said.fact] == int(said.holds) for said in either)) for either in condition))


def _none_of(left_out: tuple[LeftOut, ...], facts: FromClause) -> list[ColumnElement[bool]]:
    return [facts.c[each.fact] == 0 for each in left_out]


def _add(rate: Rate, row: Any, indicator: Indicator) -> None:
    for count, prefix in ((rate.raw, ""), (rate.adjusted, "sound_" if indicator.adjusted else "")):
        count.cases += getattr(row, f"{indicator.name}_{prefix}cases") or 0
        count.hits += getattr(row, f"{indicator.name}_{prefix}hits") or 0
