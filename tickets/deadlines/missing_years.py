"""A year whose holidays nobody has entered becomes a task of the administrator, once, and before it begins."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection, select

from service.clock import china_date
from service.kept.tables import kept_settings
from service.tasks import Task, TaskKind, raise_within
from tickets.deadlines.kind import DEADLINES
from tickets.deadlines.parts import shipped_parts, year_of

ADMINISTRATOR = "系统管理员"

_ASKED_FROM = (12, 1)  # the State Council tells the next year's days in November
_DUE = (12, 20)  # promises of ten working days begin to reach into the next year


def raise_missing_years(at: datetime) -> Callable[[Connection], int]:
    """A unit of work: a task for this year, and from December for the next, if nobody has entered it; how many are new.

    Entering the year closes the task.
    """

    def run(connection: Connection) -> int:
        missing = missing_years(at)(connection)
        return raise_within(connection, [_task(year, china_date(at)) for year in missing], at)

    return run


def missing_years(at: datetime) -> Callable[[Connection], list[int]]:
    """A unit of work: the years that should be known by now and whose holidays nobody has entered."""
    return lambda connection: sorted(set(wanted_years(china_date(at))) - _years_entered(connection))


def wanted_years(today: date) -> list[int]:
    """The years whose holidays have to be known by now: this one, and from December the next."""
    return [today.year, today.year + 1] if (today.month, today.day) >= _ASKED_FROM else [today.year]


def _years_entered(connection: Connection) -> set[int]:
    kept = select(kept_settings.c.part).where(
        kept_settings.c.kind == DEADLINES.name, kept_settings.c.withdrawn_at.is_(None)
    )
    parts = {*shipped_parts(), *connection.scalars(kept.distinct())}
    return {year for part in parts if (year := year_of(part))}


def _task(year: int, today: date) -> Task:
    due_on = max(today, date(year - 1, *_DUE))
    return Task(TaskKind.HOLIDAYS, str(year), ADMINISTRATOR, due_on, f"holidays:{year}")
