"""What belongs to units, and goes along where a unit is renamed or another takes over its work."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, String, Table, cast, func, select, update

from service import inbox
from service.audit import Deed, Recorded, record_within
from service.identity import sessions
from service.identity.roles import Actor
from service.identity.tables import api_keys, staff
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.tables import dispatch_rules
from tickets.replies.templates import templates
from tickets.units import Unit


class Moved(NamedTuple):
    """A unit as it was, and the one that has what was its own: itself under a new name, or who took over."""

    before: Unit
    heir: Unit


@dataclass(frozen=True, slots=True)
class Belonging:
    """One kind of thing that belongs to units.

    Attributes:
        title: for staff.
        measure: their measure word: 个.
        count: how many of them a unit has.
        follow: takes them along, in the transaction in which units are renamed or succeeded.
    """

    name: str
    title: str
    measure: str
    count: Callable[[Connection, Unit], int]
    follow: Callable[[Connection, Actor, Sequence[Moved], datetime], object]


def new_names(moved: Iterable[Moved]) -> dict[str, str]:
    """By the names units had, those under which what they did is found from now on."""
    return {before.name: heir.name for before, heir in moved if before.name != heir.name}


def new_codes(moved: Iterable[Moved]) -> dict[str, str]:
    """By the codes of units that were succeeded, those of their heirs."""
    return {before.code: heir.code for before, heir in moved if before.code != heir.code}


def rules_naming(connection: Connection, name: str) -> list[str]:
    """The numbers of the rules of the dispatch list that name a unit."""
    # JSON keeps what is not ASCII escaped, so the name is found as it stands there, and looked at once more.
    named = cast(dispatch_rules.c.content, String).contains(json.dumps(name), autoescape=True)
    rows = connection.execute(select(dispatch_rules).where(named).order_by(dispatch_rules.c.key))
    return [row.key for row in rows if name in (row.content["lead"], *row.content.get("assisting", ()))]


def dispatch_list(rules: RuleStore) -> Belonging:
    """The rules of the dispatch list, which call units by their names."""

    def follow(connection: Connection, actor: Actor, moved: Sequence[Moved], _at: datetime) -> None:
        rules.follow_units_within(connection, actor, new_names(moved))

    return Belonging(
        "rules", "派单规则", "条", lambda connection, unit: len(rules_naming(connection, unit.name)), follow
    )


def _having(table: Table, code: str) -> ColumnElement[bool]:
    return cast(table.c.units, String).contains(json.dumps(code), autoescape=True)


def _succeeded(connection: Connection, table: Table, heirs: dict[str, str]) -> Iterable[tuple[Row[Any], list[str]]]:
    """The accounts or keys of units that were succeeded, with the units they have from now on."""
    rows = {row[0]: row for code in heirs for row in connection.execute(select(table).where(_having(table, code)))}
    for row in rows.values():
        yield row, sorted({heirs.get(code, code) for code in row.units})


def _accounts_follow(connection: Connection, actor: Actor, moved: Sequence[Moved], at: datetime) -> None:
    heirs = new_codes(moved)
    for code, heir in heirs.items():
        inbox.readdress_within(connection, inbox.to_unit(code), inbox.to_unit(heir))
    for row, codes in _succeeded(connection, staff, heirs):
        connection.execute(update(staff).where(staff.c.username == row.username).values(units=codes))
        sessions.end_all_within(connection, row.username)  # as whenever somebody's rights change
        details = {"before": sorted(row.units), "after": codes}
        record_within(connection, Recorded(at, actor.name, Deed.RIGHTS, row.username, "单位由别的单位接续", details))


def _keys_follow(connection: Connection, actor: Actor, moved: Sequence[Moved], at: datetime) -> None:
    for row, codes in _succeeded(connection, api_keys, new_codes(moved)):
        connection.execute(update(api_keys).where(api_keys.c.id == row.id).values(units=codes))
        details = {"before": sorted(row.units), "after": codes}
        record_within(connection, Recorded(at, actor.name, Deed.RIGHTS, row.name, "单位由别的单位接续", details))


def _replies_follow(connection: Connection, _actor: Actor, moved: Sequence[Moved], _at: datetime) -> None:
    for code, heir in new_codes(moved).items():
        connection.execute(update(templates).where(templates.c.unit == code).values(unit=heir))


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


ACCOUNTS = Belonging(
    "accounts",
    "账号",
    "个",
    lambda connection, unit: _count(connection, staff, staff.c.disabled_at.is_(None), _having(staff, unit.code)),
    _accounts_follow,
)
KEYS = Belonging(
    "keys",
    "接口密钥",
    "把",
    lambda connection, unit: _count(
        connection, api_keys, api_keys.c.revoked_at.is_(None), _having(api_keys, unit.code)
    ),
    _keys_follow,
)
REPLIES = Belonging(
    "replies",
    "常用答复",
    "条",
    lambda connection, unit: _count(
        connection, templates, templates.c.unit == unit.code, templates.c.removed_at.is_(None)
    ),
    _replies_follow,
)
OWN: tuple[Belonging, ...] = (ACCOUNTS, KEYS, REPLIES)
"""What belongs to units by their codes; a new name changes nothing of it."""
