"""The pages of what a hotline is made of: units, who gets what, working time, keys."""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import Connection, func, select

from console.area import Need
from console.office import Office
from console.settings import (
    api_keys,
    calendars,
    dispatch_files,
    dispatch_list,
    supervision,
    time_rules,
    unit_files,
    units,
)
from service.identity.roles import Actor
from service.tasks import TaskKind, tasks

ADMINISTRATION: tuple[ModuleType, ...] = (
    units,
    unit_files,
    dispatch_list,
    dispatch_files,
    calendars,
    time_rules,
    supervision,
    api_keys,
)
"""In the order of the overview."""


def _count_years(_office: Office, _actor: Actor) -> Callable[[Connection], int]:
    missing = (tasks.c.kind == TaskKind.HOLIDAYS, tasks.c.done_at.is_(None))
    statement = select(func.count()).select_from(tasks).where(*missing)
    return lambda connection: connection.execute(statement).scalar_one()


NEEDS = (Need("missing_years", "年的放假安排要录入", "/settings/calendars", _count_years),)
"""What of it waits for somebody."""
