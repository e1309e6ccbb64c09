"""What became of units, and what will: every change that was made, and those that wait for their day."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Date, Index, Integer, Row, String, Table, func, select

from service.audit import REASON_LIMIT
from service.storage import Moment, metadata
from tickets.tables import UNIT_CODE
from tickets.units import Unit, UnitRefused, directory, heir_of

_RowId = BigInteger().with_variant(Integer, "sqlite")
_HISTORY = 50

unit_history = Table(
    "unit_history",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("code", UNIT_CODE, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("reason", String(REASON_LIMIT), nullable=False),
    Column("before", JSON),  # the unit; none when it was new
    Column("after", JSON, nullable=False),
    Index(None, "code", "id"),
)

unit_plans = Table(
    "unit_plans",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("code", UNIT_CODE, nullable=False),
    Column("begins_on", Date, nullable=False),
    Column("changes", JSON, nullable=False),  # the fields that become different
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("reason", String(REASON_LIMIT), nullable=False),
    Column("begun_at", Moment),
    Column("withdrawn_at", Moment),
    Index(None, "begun_at", "withdrawn_at"),
)

WAITING = unit_plans.c.begun_at.is_(None) & unit_plans.c.withdrawn_at.is_(None)
"""The plans whose day has not come."""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What was done with one unit; before is None when it was new."""

    id: int
    code: str
    at: datetime
    actor: str
    reason: str
    before: Unit | None
    after: Unit


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What is to become of one unit on a day.

    Attributes:
        changes: fields of `Unit` and their new values.
    """

    id: int
    code: str
    begins_on: date
    changes: Mapping[str, Any]
    at: datetime
    actor: str
    reason: str

    def applied_to(self, unit: Unit | None) -> Unit:
        """The unit once the plan has begun.

        Raises:
            UnitRefused: there is none to be changed.
        """
        if unit is not None:
            return replace(unit, **self.changes)
        if "name" not in self.changes:
            raise UnitRefused(f"那时还没有代码为 {self.code} 的单位。")
        return Unit(**{"code": self.code, **self.changes})


def differences(before: Unit | None, after: Unit) -> dict[str, Any]:
    """The fields of a unit that become different, and their new values; all that are not empty when it is new."""
    new = asdict(after)
    if before is None:
        return {name: value for name, value in new.items() if value not in (None, "") and name != "code"}
    old = asdict(before)
    return {name: value for name, value in new.items() if old[name] != value}


def plans_within(connection: Connection, code: str | None = None) -> list[UnitPlan]:
    """What is to change on a day to come, in the order in which it will."""
    wanted = select(unit_plans).where(WAITING).order_by(unit_plans.c.begins_on, unit_plans.c.id)
    if code is not None:
        wanted = wanted.where(unit_plans.c.code == code)
    return [plan_of(row) for row in connection.execute(wanted)]


def history_of(code: str | None = None, limit: int = _HISTORY) -> Callable[[Connection], list[UnitChange]]:
    """A unit of work: what was changed, the newest first."""
    wanted = select(unit_history).order_by(unit_history.c.id.desc()).limit(limit)
    if code is not None:
        wanted = wanted.where(unit_history.c.code == code)
    return lambda connection: [_change(row) for row in connection.execute(wanted)]


def called_now(connection: Connection) -> dict[str, str]:
    """By names that units had, or that retired ones still have, the names under which their work is found now."""
    by_code = {unit.code: unit for unit in directory(connection)}
    active = {unit.name for unit in by_code.values() if unit.active}
    rows = connection.execute(select(unit_history.c.code, unit_history.c.before).order_by(unit_history.c.id))
    had = {row.before["name"]: row.code for row in rows if row.before}
    had |= {unit.name: unit.code for unit in by_code.values()}
    found = {name: heir_of(by_code[code], by_code) for name, code in had.items() if code in by_code}
    return {name: heir.name for name, heir in found.items() if name not in active and name != heir.name}


def newest_change(connection: Connection, code: str) -> int:
    """The number of the newest change of a unit; 0 where none was kept."""
    wanted = select(unit_history.c.id).where(unit_history.c.code == code).order_by(unit_history.c.id.desc()).limit(1)
    return connection.scalar(wanted) or 0


def last_change(connection: Connection) -> int:
    """The number of the newest change of any unit; 0 where none was kept."""
    return connection.scalar(select(func.max(unit_history.c.id))) or 0


def plan_of(row: Row[Any]) -> UnitPlan:
    """The plan a row keeps."""
    return UnitPlan(row.id, row.code, row.begins_on, row.changes, row.at, row.actor, row.reason)


def _change(row: Row[Any]) -> UnitChange:
    before = Unit(**row.before) if row.before else None
    return UnitChange(row.id, row.code, row.at, row.actor, row.reason, before, Unit(**row.after))
