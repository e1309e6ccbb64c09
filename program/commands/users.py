"""`liaotianban user …`: staff accounts. Who has the machine has every right of an administrator."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import open_database
from program.commands.output import AsJson, fail, say, show
from service.identity.roles import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.identity.accounts import Account
    from service.storage import Database

user = typer.Typer(help="工作人员账号。", no_args_is_help=True)
totp = typer.Typer(help="登录用的动态码。", no_args_is_help=True)
user.add_typer(totp, name="totp")

Username = Annotated[str, typer.Argument(help="用户名。")]
Roles = Annotated[list[Role], typer.Option("--role", help="角色，可以写多个。")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="所属单位的代码，可以写多个。")]


@user.command("add")
def add(
    username: Username,
    role: Roles,
    unit: Units = None,
    name: Annotated[str, typer.Option(help="同事怎么称呼他。")] = "",
) -> None:
    """新建账号，打印一次性密码。"""
    from service.identity.passwords import one_time_password
    from service.identity.staff import add_staff

    password = one_time_password()

    async def run(database: "Database") -> None:
        await _check_units(database, unit)
        await add_staff(database, username, role, password, units=unit or (), name=name)

    _run(run)
    say(f"已建好账号 {username}，一次性密码（只显示这一次，首次登录后须修改）：")
    typer.echo(password)


@user.command("list")
def list_users(
    everyone: Annotated[bool, typer.Option("--all", help="停用的也列出来。")] = False, as_json: AsJson = False
) -> None:
    """有哪些账号，什么角色，设没设动态码。"""
    from service.identity.accounts import Wanted, found

    wanted = Wanted(disabled=None if everyone else False)
    shown: list[Account] = _run(lambda database: database.read(found(wanted)))
    if as_json:
        show({"users": [_as_dict(account) for account in shown]}, True)
        return
    for account in shown:
        typer.echo(_line(account))


def _as_dict(account: "Account") -> dict[str, Any]:
    return {
        "username": account.username,
        "name": account.name,
        "roles": sorted(account.roles),
        "units": sorted(account.units),
        "second_factor": account.second_factor_at is not None,
        "password_owed": account.password_owed,
        "disabled_at": account.disabled_at and account.disabled_at.isoformat(),
        "seen_at": account.seen_at and account.seen_at.isoformat(),
    }


def _line(account: "Account") -> str:
    from service.clock import shown_when

    roles = "、".join(role.label for role in sorted(account.roles))
    state = [
        f"{shown_when(account.disabled_at)} 停用" if account.disabled_at else "",
        "还没改密码" if account.password_owed else "",
        "有动态码" if account.second_factor_at else "",
    ]
    return "  ".join(filter(None, [account.username, account.name, roles, "、".join(sorted(account.units)), *state]))


@user.command("roles")
def set_roles(username: Username, role: Roles, unit: Units = None) -> None:
    """重新定角色和单位（原来的不再算），他的登录马上结束。"""
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE, account_of, change_rights_within

    async def run(database: "Database") -> None:
        await _check_units(database, unit)

        def work(connection: "Connection") -> None:
            name = account_of(username)(connection).name
            change_rights_within(connection, COMMAND_LINE, username, now(), name=name, roles=role, units=unit or ())

        await database.write(work)

    _run(run)
    say(f"{username} 现在是：{'、'.join(each.label for each in role)}。")


@user.command("disable")
def disable(username: Username, reason: Annotated[str, typer.Option(help="为什么，会留在审计记录里。")] = "") -> None:
    """停用账号，他的登录马上结束；做过的事都还在。"""
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE, disable_within

    _run(lambda database: database.write(lambda c: disable_within(c, COMMAND_LINE, username, now(), reason)))
    say(f"已停用 {username}。恢复：liaotianban user enable {username}")


@user.command("enable")
def enable(username: Username) -> None:
    """让停用的账号又能登录。"""
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE, enable_within

    _run(lambda database: database.write(lambda c: enable_within(c, COMMAND_LINE, username, now())))
    say(f"{username} 又可以登录了。")


@user.command("reset")
def reset(username: Username) -> None:
    """打印新的一次性密码；输错太多次被暂停的，也马上可以登录。"""
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE, reset_password

    password = _run(lambda database: reset_password(database, COMMAND_LINE, username, now()))
    say(f"{username} 的一次性密码（只显示这一次，登录后须修改）：")
    typer.echo(password)


@totp.command("reset")
def reset_totp(username: Username) -> None:
    """手机丢了：去掉动态码，下次登录时重新设。"""
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE, reset_second_factor_within

    _run(lambda database: database.write(lambda c: reset_second_factor_within(c, COMMAND_LINE, username, now())))
    say(f"{username} 的动态码已去掉。")


async def _check_units(database: "Database", codes: list[str] | None) -> None:
    from service.identity.staff import AccountRefused
    from tickets.units import names

    known = await database.read(names(codes or ()))
    if missing := [code for code in codes or () if code not in known]:
        raise AccountRefused(f"没有代码为 {missing[0]} 的单位。看有哪些：liaotianban unit list")


def _run(deed: "Callable[[Database], Awaitable[Any]]") -> Any:
    from service.identity.staff import AccountRefused, UnknownStaff

    async def run() -> Any:
        async with open_database() as database:
            return await deed(database)

    try:
        return asyncio.run(run())
    except (AccountRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
