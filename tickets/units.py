"""The units (承办单位) tickets can be given to: a list staff keep, with codes that never change."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, Row, select, update

from service.storage import insert_into
from tickets.tables import units

NAME_LIMIT = 100
PHONE_LIMIT = 40

SAMPLE = Path(__file__).parent / "sample_units.yml"
"""Units to try the product with."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_PHONE = re.compile(r"[0-9()（）+\-、 转]*")


class UnitRefused(Exception):
    """The unit cannot be kept like this; the message says why, in Chinese.

    Attributes:
        field: the field of `Unit` that is wrong; empty where it is none alone.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the government, or a part of one.

    Attributes:
        code: what tickets and rules call it by.
        parent: the code of the unit it belongs to.
        active: whether tickets may still be given to it.
        phone: by which whoever is on duty there is reached; no person's own.
        successor: the code of the unit that has taken over, once it is no longer active.
    """

    code: str
    name: str
    parent: str | None = None
    active: bool = True
    phone: str = ""
    successor: str | None = None


def put_within(connection: Connection, kept: Iterable[Unit], at: datetime) -> None:
    """Add units, or change those whose code is known.

    Raises:
        UnitRefused: a code or name is malformed, a name is taken, a parent is unknown or lies below its own unit.
    """
    listed = list(kept)
    known = {unit.code: unit for unit in directory(connection)}
    check_units(listed, known | {unit.code: unit for unit in listed})
    _free_names(connection, listed, known)
    for unit in listed:
        values = {
            "name": unit.name,
            "parent": unit.parent,
            "active": unit.active,
            "phone": unit.phone or None,
            "successor": unit.successor,
            "changed_at": at,
        }
        statement = insert_into(connection, units).values(code=unit.code, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))


def _free_names(connection: Connection, listed: Iterable[Unit], known: Mapping[str, Unit]) -> None:
    """Let names change hands among units that change together: no two have one at any moment."""
    has = {unit.name: unit.code for unit in known.values()}
    for code in {has[unit.name] for unit in listed if has.get(unit.name, unit.code) != unit.code}:
        connection.execute(update(units).where(units.c.code == code).values(name=f"{code} 改名中"))


def seed(at: datetime) -> Callable[[Connection], None]:
    """A unit of work: units to try the product with, where there are none."""

    def work(connection: Connection) -> None:
        if connection.execute(select(units.c.code).limit(1)).first() is None:
            text = SAMPLE.read_text(encoding="utf-8")
            put_within(connection, [Unit(**each) for each in yaml.safe_load(text)], at)

    return work


def directory(connection: Connection) -> list[Unit]:
    """All units, those no longer active included, by code."""
    return [_unit(row) for row in connection.execute(select(units).order_by(units.c.code))]


def heir_of(unit: Unit, by_code: Mapping[str, Unit]) -> Unit:
    """The unit that has taken over in the end, or the unit itself."""
    while unit.successor:
        unit = by_code[unit.successor]
    return unit


def names(codes: Iterable[str]) -> Callable[[Connection], dict[str, str]]:
    """A unit of work: the names of some units by their codes."""
    statement = select(units.c.code, units.c.name).where(units.c.code.in_(set(codes)))
    return lambda connection: {row.code: row.name for row in connection.execute(statement)}


def names_within(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The names of some units by their codes, within a unit of work."""
    return names(codes)(connection)


def codes(named: Iterable[str]) -> Callable[[Connection], dict[str, str]]:
    """A unit of work: the codes of active units by their names."""
    statement = select(units.c.name, units.c.code).where(units.c.name.in_(set(named)), units.c.active)
    return lambda connection: {row.name: row.code for row in connection.execute(statement)}


def check_units(changed: Iterable[Unit], by_code: Mapping[str, Unit]) -> None:
    """See that units can be as they are to be.

    Args:
        changed: the units that are new or other than before.
        by_code: all units, the changed ones included.

    Raises:
        UnitRefused: see `put_within`.
    """
    for unit in changed:
        _check(unit)
        _check_successor(unit, by_code)
    named: dict[str, str] = {}
    for unit in by_code.values():
        if (other := named.setdefault(unit.name, unit.code)) != unit.code:
            raise UnitRefused(f"单位名称“{unit.name}”已经有代码 {other}，同一个名称只能用一次。", "name")
        _check_parents(unit, by_code)


def _check(unit: Unit) -> None:
    if not _CODE.fullmatch(unit.code):
        message = f"单位代码“{unit.code}”只能用字母、数字、- 和 _，以字母或数字开头，最多 40 个字符。"
        raise UnitRefused(message, "code")
    if not unit.name.strip() or len(unit.name) > NAME_LIMIT:
        raise UnitRefused(f"单位 {unit.code} 要有名称，最多 {NAME_LIMIT} 个字。", "name")
    if len(unit.phone) > PHONE_LIMIT or not _PHONE.fullmatch(unit.phone):
        raise UnitRefused(f"单位 {unit.code} 的值班电话只能写数字、- 和“转”，最多 {PHONE_LIMIT} 个字符。", "phone")


def _check_successor(unit: Unit, by_code: Mapping[str, Unit]) -> None:
    if unit.successor is None:
        return
    if unit.active:
        raise UnitRefused(f"单位 {unit.code} 还在用，不能有接续单位；停用时再写。", "successor")
    heir, seen = unit, {unit.code}
    while heir.successor:
        if heir.successor not in by_code:
            raise UnitRefused(f"接续单位 {heir.successor} 不在单位名单里。", "successor")
        heir = by_code[heir.successor]
        if heir.code in seen:
            raise UnitRefused(f"单位 {unit.code} 的接续单位绕回了它自己。", "successor")
        seen.add(heir.code)


def _check_parents(unit: Unit, by_code: Mapping[str, Unit]) -> None:
    above, seen = unit, {unit.code}
    while above.parent:
        if above.parent not in by_code:
            raise UnitRefused(f"单位 {above.code} 的上级 {above.parent} 不在单位名单里。", "parent")
        above = by_code[above.parent]
        if above.code in seen:
            raise UnitRefused(f"单位 {unit.code} 的上级绕回了它自己。", "parent")
        seen.add(above.code)


def _unit(row: Row[Any]) -> Unit:
    return Unit(row.code, row.name, row.parent, row.active, row.phone or "", row.successor)
