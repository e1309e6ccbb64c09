"""What an administrator does with other people's accounts. Each deed ends their sessions and is in the audit."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, func, select, true, update

from service.audit import Deed, Recorded, record_within
from service.identity import pauses, second_factor, sessions
from service.identity.passwords import hashed, one_time_password
from service.identity.roles import Actor, Role
from service.identity.staff import AccountRefused, UnknownStaff, check_rights
from service.identity.tables import staff, staff_sessions
from service.storage import Database, hold

COMMAND_LINE = Actor("command line", frozenset({Role.ADMINISTRATOR}))
"""Who has the machine has every right of an administrator."""

NAME_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Account:
    """An account as administrators see it."""

    username: str
    name: str
    roles: frozenset[Role]
    units: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None
    password_owed: bool
    second_factor_at: datetime | None
    seen_at: datetime | None


_LAST_SEEN = (
    select(staff_sessions.c.username, func.max(staff_sessions.c.seen_at).label("seen_at"))
    .group_by(staff_sessions.c.username)
    .subquery()
)
_ACCOUNTS = (
    select(staff, _LAST_SEEN.c.seen_at)
    .join_from(staff, _LAST_SEEN, staff.c.username == _LAST_SEEN.c.username, isouter=True)
    .order_by(staff.c.username)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts are looked for; what is empty does not matter.

    Attributes:
        words: a part of the username or of the name.
        disabled: only those that are, only those that are not, or both.
    """

    words: str = ""
    role: Role | None = None
    disabled: bool | None = None

    def condition(self) -> ColumnElement[bool]:
        """The same for the database."""
        wanted: ColumnElement[bool] = true()
        if self.words:
            by_username = staff.c.username.contains(self.words.lower(), autoescape=True)
            wanted &= by_username | staff.c.name.contains(self.words, autoescape=True)
        if self.role:
            wanted &= cast(staff.c.roles, String).contains(f'"{self.role}"')
        if self.disabled is not None:
            wanted &= staff.c.disabled_at.is_not(None) if self.disabled else staff.c.disabled_at.is_(None)
        return wanted


def found(wanted: Wanted, limit: int | None = None, after: str = "") -> Callable[[Connection], list[Account]]:
    """A unit of work: the accounts that fit, by username, from behind one on."""
    statement = _ACCOUNTS.where(wanted.condition(), staff.c.username > after).limit(limit)
    return lambda connection: [_account(row) for row in connection.execute(statement)]


def accounts(connection: Connection) -> list[Account]:
    """Every account, by username."""
    return found(Wanted())(connection)


def count(wanted: Wanted) -> Callable[[Connection], int]:
    """A unit of work: how many accounts fit."""
    statement = select(func.count()).select_from(staff).where(wanted.condition())
    return lambda connection: connection.execute(statement).scalar_one()


def account_of(username: str) -> Callable[[Connection], Account]:
    """A unit of work: one account.

    Raises:
        UnknownStaff: nobody has this name.
    """

    def work(connection: Connection) -> Account:
        row = connection.execute(_ACCOUNTS.where(staff.c.username == username)).one_or_none()
        if row is None:
            raise UnknownStaff(f"没有 {username} 这个账号。")
        return _account(row)

    return work


def change_rights_within(
    connection: Connection,
    by: Actor,
    username: str,
    at: datetime,
    *,
    name: str,
    roles: Collection[Role],
    units: Collection[str],
) -> None:
    """Say anew how somebody is called, what they may do, and to which units they belong.

    Raises:
        AccountRefused: see `check_rights`; nobody changes their own roles, and somebody has to stay administrator.
    """
    before = _for_change(connection, by, username)
    check_rights(roles, units)
    rights_change = before.roles != frozenset(roles) or before.units != frozenset(units)
    if by.name == username and rights_change:
        raise AccountRefused("自己的角色和单位要由别的系统管理员来改。")
    if Role.ADMINISTRATOR in before.roles and Role.ADMINISTRATOR not in roles:
        _see_that_another_administrator_stays(connection, username)
    _set(connection, username, name=name, roles=sorted(roles), units=sorted(units))
    details: dict[str, Any] = {}
    if rights_change:
        sessions.end_all_within(connection, username)
        details = {"before": [*sorted(before.roles), *sorted(before.units)], "after": [*sorted(roles), *sorted(units)]}
    if name != before.name:
        details["called"] = [before.name, name]  # what they did stands under their name on every page
    if details:
        record_within(connection, Recorded(at, by.name, Deed.RIGHTS, username, details=details))


def disable_within(connection: Connection, by: Actor, username: str, at: datetime, reason: str = "") -> None:
    """Let somebody no longer sign in; what they did stays theirs.

    Raises:
        AccountRefused: it is their own account, or the last administrator's.
    """
    before = _for_change(connection, by, username)
    if by.name == username:
        raise AccountRefused("不能停用自己的账号，请别的系统管理员来停用。")
    if before.disabled_at is not None:
        return
    if Role.ADMINISTRATOR in before.roles:
        _see_that_another_administrator_stays(connection, username)
    _set(connection, username, disabled_at=at)
    sessions.end_all_within(connection, username)
    record_within(connection, Recorded(at, by.name, Deed.ACCOUNT_DISABLED, username, reason))


def enable_within(connection: Connection, by: Actor, username: str, at: datetime) -> None:
    """Let somebody sign in again, with the password they had."""
    if _for_change(connection, by, username).disabled_at is None:
        return
    _set(connection, username, disabled_at=None)
    record_within(connection, Recorded(at, by.name, Deed.ACCOUNT_ENABLED, username))


async def reset_password(database: Database, by: Actor, username: str, at: datetime) -> str:
    """Give somebody a one-time password, and end the pause of their account; the password, shown once.

    Raises:
        AccountRefused: it is their own account: they know their password, or another administrator helps.
    """
    password = one_time_password()
    stored = await hashed(password)

    def work(connection: Connection) -> None:
        _for_change(connection, by, username)
        if by.name == username:
            raise AccountRefused("自己的密码请在“我的账号”里改。")
        _set(connection, username, password_hash=stored, must_change_password=True, password_changed_at=None)
        pauses.lift_within(connection, pauses.account(username))
        sessions.end_all_within(connection, username)
        record_within(connection, Recorded(at, by.name, Deed.PASSWORD_RESET, username))

    await database.write(work)
    return password


def reset_second_factor_within(connection: Connection, by: Actor, username: str, at: datetime) -> None:
    """Take somebody's second factor away, as their phone is lost; if their roles ask for one, another is due at once.

    Raises:
        AccountRefused: it is their own: who has stolen a session must not get rid of it.
    """
    _for_change(connection, by, username)
    if by.name == username:
        raise AccountRefused("自己的动态码要由别的系统管理员重置。")
    second_factor.remove_within(connection, username, due_at=at)
    sessions.end_all_within(connection, username)
    record_within(connection, Recorded(at, by.name, Deed.SECOND_FACTOR_RESET, username))


def _for_change(connection: Connection, by: Actor, username: str) -> Account:
    if not by.is_any(Role.ADMINISTRATOR):
        raise AccountRefused("只有系统管理员能管账号。")
    hold(connection, "staff accounts")  # or two administrators could each remove the other
    return account_of(username)(connection)


def _see_that_another_administrator_stays(connection: Connection, username: str) -> None:
    administrators = found(Wanted(role=Role.ADMINISTRATOR, disabled=False), 2)(connection)
    if all(each.username == username for each in administrators):
        raise AccountRefused("这是最后一个系统管理员，先给另一个人系统管理员的角色。")


def _set(connection: Connection, username: str, **values: Any) -> None:
    connection.execute(update(staff).where(staff.c.username == username).values(values))


def _account(row: Any) -> Account:
    return Account(
        username=row.username,
        name=row.name or row.username,
        roles=frozenset(map(Role, row.roles)),
        units=frozenset(row.units),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        password_owed=row.must_change_password,
        second_factor_at=row.second_factor_at,
        seen_at=row.seen_at,
    )
