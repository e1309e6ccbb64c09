"""Staff accounts: creating them, and who acts under their names."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from service.audit import Deed, Recorded, record_within
from service.clock import Clock, now
from service.identity.passwords import hashed, one_time_password
from service.identity.roles import UNIT_ROLES, Actor, Role
from service.identity.tables import staff
from service.storage import Database

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_NOT_FOR_STAFF = frozenset({"citizen", "system", "new"})  # whom timelines and addresses name


class AccountRefused(Exception):
    """The account cannot be made; the message says why, in Chinese."""


def check_rights(roles: Collection[Role], units: Collection[str]) -> None:
    """See that an account could do something with these roles and units, and not too much.

    Raises:
        AccountRefused: see there.
    """
    if not roles:
        raise AccountRefused("至少要选一个角色。")
    if {Role.ADMINISTRATOR, Role.AUDITOR} <= set(roles):
        raise AccountRefused("系统管理员不能同时是审计员：审计员要能查管理员做了什么。请分成两个账号。")
    if not UNIT_ROLES.isdisjoint(roles) and not units:
        raise AccountRefused("单位经办人、单位负责人要写明是哪个单位。")


async def add_staff(
    database: Database,
    username: str,
    roles: Sequence[Role],
    password: str,
    *,
    units: Sequence[str] = (),
    name: str = "",
    by: str = "command line",
    clock: Clock = now,
) -> None:
    """Create an account whose password must be changed at the first sign-in.

    Args:
        units: codes of the units they belong to; rights inside a unit come from this.
        name: how colleagues know them.
        by: who creates it.

    Raises:
        AccountRefused: the name is malformed or taken, or see `check_rights`.
    """
    check_rights(roles, units)
    if not _USERNAME.fullmatch(username):
        raise AccountRefused("用户名只能用小写字母、数字和 . _ -，2 到 64 个字符，以字母或数字开头。")
    if username in _NOT_FOR_STAFF:
        raise AccountRefused(f"{username} 留给系统用了，请换一个用户名。")
    row: dict[str, Any] = {
        "username": username,
        "name": name,
        "password_hash": await hashed(password),
        "roles": [role.value for role in roles],
        "units": list(units),
        "must_change_password": True,
        "created_at": clock(),
    }
    details = {"roles": row["roles"], "units": row["units"]}

    def work(connection: Connection) -> None:
        connection.execute(insert(staff).values(row))
        record_within(connection, Recorded(row["created_at"], by, Deed.ACCOUNT_ADDED, username, details=details))

    try:
        await database.write(work)
    except IntegrityError as error:
        raise AccountRefused(f"用户名 {username} 已经有人用了，请换一个。") from error


class UnknownStaff(Exception):
    """There is no such account; the message says so, in Chinese."""


async def actor_of(database: Database, username: str) -> Actor:
    """A member of staff, with the roles of their account.

    Raises:
        UnknownStaff: nobody has this name.
    """
    statement = select(staff.c.roles, staff.c.units).where(staff.c.username == username)
    row = await database.read(lambda connection: connection.execute(statement).one_or_none())
    if row is None:
        raise UnknownStaff(f"没有 {username} 这个账号。新建账号：liaotianban user add {username} --role 角色")
    return Actor(username, frozenset(map(Role, row.roles)), frozenset(row.units))


def names_of(usernames: Collection[str]) -> Callable[[Connection], dict[str, str]]:
    """A unit of work: how colleagues know those of these people who have an account and a name there."""
    statement = select(staff.c.username, staff.c.name).where(staff.c.username.in_(usernames), staff.c.name != "")
    return lambda connection: {row.username: row.name for row in connection.execute(statement)}


def units_of(connection: Connection, username: str) -> frozenset[str]:
    """The units whose tickets somebody works on; none without an account that is in use and has a role in a unit."""
    in_use = (staff.c.username == username) & staff.c.disabled_at.is_(None)
    row = connection.execute(select(staff.c.roles, staff.c.units).where(in_use)).one_or_none()
    return frozenset() if row is None or UNIT_ROLES.isdisjoint(row.roles) else frozenset(row.units)


async def ensure_administrator(database: Database) -> str | None:
    """Create the first administrator where no account exists; its one-time password, or None."""
    if await database.read(lambda connection: connection.scalar(select(func.count()).select_from(staff))):
        return None
    password = one_time_password()
    try:
        await add_staff(database, "admin", [Role.ADMINISTRATOR], password, by="first start")
    except AccountRefused:  # another process was first
        return None
    return password
