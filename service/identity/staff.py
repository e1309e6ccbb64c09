"""Staff accounts: creating them and checking passwords (argon2)."""

import re
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from service.clock import Clock, now
from service.identity.roles import Actor, Role
from service.identity.tables import staff
from service.storage import Database

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_NOT_FOR_STAFF = frozenset({"citizen", "system"})  # as whom timelines name citizens and the program itself
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that read alike
_hasher = PasswordHasher()


class AccountRefused(Exception):
    """The account cannot be made; the message says why, in Chinese."""


def one_time_password() -> str:
    """A password to be read from a screen once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


async def add_staff(
    database: Database,
    username: str,
    roles: Sequence[Role],
    password: str,
    *,
    units: Sequence[str] = (),
    clock: Clock = now,
) -> None:
    """Create an account whose password must be changed at the first sign-in.

    Args:
        units: codes of the units they belong to; rights inside a unit come from this.

    Raises:
        AccountRefused: the name is malformed or taken.
    """
    if not _USERNAME.fullmatch(username):
        raise AccountRefused("用户名只能用小写字母、数字和 . _ -，2 到 64 个字符，以字母或数字开头。")
    if username in _NOT_FOR_STAFF:
        raise AccountRefused(f"{username} 留给系统用了，请换一个用户名。")
    row = {
        "username": username,
        "password_hash": _hasher.hash(password),
        "roles": [role.value for role in roles],
        "units": list(units),
        "must_change_password": True,
        "created_at": clock(),
    }
    try:
        await database.write(lambda connection: connection.execute(insert(staff).values(row)))
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


def units_of(connection: Connection, username: str) -> frozenset[str]:
    """The units somebody belongs to; none for one who has no account."""
    units = connection.execute(select(staff.c.units).where(staff.c.username == username)).scalar_one_or_none()
    return frozenset(units or ())


async def password_matches(database: Database, username: str, password: str) -> bool:
    """Whether this is the account's password; takes as long for a name that does not exist."""
    statement = select(staff.c.password_hash).where(staff.c.username == username)
    stored = await database.read(lambda connection: connection.scalar(statement))
    try:
        return _hasher.verify(stored or _hasher.hash("nobody"), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


async def ensure_administrator(database: Database) -> str | None:
    """Create the first administrator where no account exists; its one-time password, or None."""
    if await database.read(lambda connection: connection.scalar(select(func.count()).select_from(staff))):
        return None
    password = one_time_password()
    try:
        await add_staff(database, "admin", [Role.ADMINISTRATOR], password)
    except AccountRefused:  # another process was first
        return None
    return password
