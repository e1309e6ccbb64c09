"""`liaotianban api-key …`: keys for other systems."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from program.commands.installation import open_database
from program.commands.output import AsJson, fail, say, show
from service.identity.roles import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

api_key = typer.Typer(help="其他系统用的接口密钥。", no_args_is_help=True)

_Result = TypeVar("_Result")
_SCOPES = (
    "tickets:read 看工单、tickets:write 登记和办理、tickets:personal 看诉求人完整信息、open311:write 门户登记、"
    "hotline:ask 语音问答、hotline:sms 发办事指南短信"
)


@api_key.command("add")
def add(
    name: Annotated[str, typer.Argument(help="给哪个系统用，如 city-portal。")],
    scope: Annotated[list[str], typer.Option(help=f"可以做什么，可以写多个：{_SCOPES}。")],
    role: Annotated[list[Role] | None, typer.Option(help="以什么身份做，可以写多个；给多少由您定，越少越好。")] = None,
    unit: Annotated[list[str] | None, typer.Option(help="只看、只办这些单位的工单（单位代码）。")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="用到哪一天（含）；不写就一直有效，直到停用。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """新建一个密钥，只显示这一次。"""
    from service.clock import now
    from service.identity.api_keys import NewKey, Scope, add_within
    from tickets.units import directory

    if unknown := [text for text in scope if text not in set(Scope)]:
        raise fail(f"没有“{unknown[0]}”这个范围，可以写：{_SCOPES}。")
    scopes, last = frozenset(map(Scope, scope)), until.date() if until else None
    wanted = NewKey(name, scopes, frozenset(role or ()), frozenset(unit or ()), last)

    def work(connection: "Connection") -> str:
        known = {each.code for each in directory(connection)}
        if missing := sorted(wanted.units - known):
            raise fail(f"没有代码为 {missing[0]} 的单位。看有哪些：liaotianban unit list")
        return add_within(connection, wanted, now())

    text = _write(work)
    if as_json:
        show({"name": name, "key": text}, True)
        return
    say(f"已建好密钥 {name}。只显示这一次，请马上交给对方保管；丢了就停用它，另建一个。")
    typer.echo(text)


@api_key.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """有哪些密钥，各能做什么，最近什么时候用过。"""
    from service.clock import shown_when
    from service.identity.api_keys import every

    keys = _write(every)
    if as_json:
        rows = [
            {
                "name": key.name,
                "scopes": sorted(key.scopes),
                "roles": sorted(key.roles),
                "units": sorted(key.units),
                "created_at": key.created_at.isoformat(),
                "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
                "expires_on": key.expires_on and key.expires_on.isoformat(),
                "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
            }
            for key in keys
        ]
        show({"keys": rows}, True)
        return
    for key in keys:
        used = f"最近 {shown_when(key.last_used_at)} 用过" if key.last_used_at else "还没用过"
        until = f"，用到 {key.expires_on}" if key.expires_on else ""
        state = f"{shown_when(key.revoked_at)} 已停用" if key.revoked_at else f"{used}{until}"
        typer.echo(f"{key.name}  {'、'.join(sorted((*key.scopes, *key.roles, *key.units)))}  {state}")


@api_key.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="密钥的名称。")]) -> None:
    """停用一个密钥，马上生效，不能恢复。"""
    from service.clock import now
    from service.identity.api_keys import revoke_within

    _write(lambda connection: revoke_within(connection, name, now()))
    say(f"已停用密钥 {name}。")


def _write(work: "Callable[[Connection], _Result]") -> _Result:
    from service.identity.api_keys import KeyRefused

    async def run() -> _Result:
        async with open_database() as database:
            result: _Result = await database.write(work)
            return result

    try:
        return asyncio.run(run())
    except KeyRefused as refused:
        raise fail(str(refused)) from refused
