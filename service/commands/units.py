"""`liaotianban unit …`: the units tickets are given to, as a list staff keep."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from service.commands.installation import open_database
from service.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tickets.unit_changes import UnitList
    from tickets.units import Unit

unit = typer.Typer(help="承办单位名单。", no_args_is_help=True)

_Result = TypeVar("_Result")
Code = Annotated[str, typer.Argument(help="单位代码。")]
Reason = Annotated[str, typer.Option(help="为什么改，如机构改革的文号；记进审计记录。")]
Begins = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪天起；不写就是今天，以后的到那天自动改。")
]


@unit.command("list")
def unit_list(as_json: AsJson = False) -> None:
    """列出单位。"""
    units = _directory()
    if as_json:
        show({"units": [asdict(each) for each in units]}, True)
        return
    if not units:
        say("还没有单位。导入：liaotianban unit import 文件，要有 代码、名称 两列。")
    for each in units:
        typer.echo(f"{each.code}  {each.name}{'' if each.active else '  已停用'}")


@unit.command("import")
def unit_import(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV 或 XLSX：代码、名称、上级、在用、值班电话、接续单位。"),
    ],
    reason: Reason = "从文件导入",
    begins: Begins = None,
    as_json: AsJson = False,
) -> None:
    """导入单位：代码没有的新增，已有的改成文件里的样子；文件里没写的不动。有一行不对就都不导入。"""
    from service.sheets.refusal import ImportRefused
    from tickets.exchange.units import read_units

    try:
        units = read_units(file, _directory())
    except ImportRefused as refused:
        raise fail(f"{refused}本次未导入任何单位。") from refused
    changed = _put(units, reason, begins, "本次未导入任何单位。")
    if as_json:
        show({"imported": len(units), "changed": changed}, True)
    else:
        say(f"已导入 {len(units)} 个单位，其中 {changed} 个是新的或有改动。")


@unit.command("set")
def unit_set(
    code: Code,
    name: Annotated[str | None, typer.Option(help="名称。")] = None,
    parent: Annotated[str | None, typer.Option(help="上级单位的代码；写空的就没有上级。")] = None,
    phone: Annotated[str | None, typer.Option(help="值班电话。")] = None,
    reason: Reason = "",
    begins: Begins = None,
) -> None:
    """新增一个单位，或者改它的名称、上级、值班电话；没写的不动。"""
    from tickets.units import Unit

    before = next((each for each in _directory() if each.code == code), Unit(code, ""))
    wanted = replace(
        before,
        name=before.name if name is None else name,
        phone=before.phone if phone is None else phone,
        parent=before.parent if parent is None else parent.strip() or None,
    )
    _put([wanted], reason, begins)
    say(f"已记下单位 {code} 的改动。")


@unit.command("retire")
def unit_retire(
    code: Code,
    successor: Annotated[str | None, typer.Option(help="由哪个单位接续（代码）；派单目录里的规则随之改过去。")] = None,
    reason: Reason = "",
    begins: Begins = None,
) -> None:
    """停用一个单位：不再派给它；在办的工单由它办完。单位不会删除。"""
    before = next((each for each in _directory() if each.code == code), None)
    if before is None:
        raise fail(f"没有代码为 {code} 的单位。看有哪些：liaotianban unit list")
    _put([replace(before, active=False, successor=successor)], reason, begins)
    say(f"已记下单位 {code} 的停用。")


@unit.command("history")
def unit_history(code: Annotated[str | None, typer.Argument(help="只看这个单位。")] = None) -> None:
    """谁在什么时候改了什么、为什么，最近的在前；已经安排、还没到日子的也列出来。"""
    from service.clock import shown_when
    from tickets.unit_history import differences, history_of, plans_within

    for plan in _read(lambda connection: plans_within(connection, code)):
        typer.echo(
            f"安排 {plan.id}  {plan.begins_on} 起  {plan.code}  {dict(plan.changes)}  {plan.actor}  {plan.reason}"
        )
    for change in _read(history_of(code)):
        told = (shown_when(change.at), change.actor, change.code, str(differences(change.before, change.after)))
        typer.echo(f"{'  '.join(told)}  {change.reason}")


@unit.command("withdraw")
def unit_withdraw(plan: Annotated[int, typer.Argument(help="安排的编号，见 unit history。")]) -> None:
    """撤回还没到日子的改动。"""
    from service.identity.accounts import COMMAND_LINE

    _run(lambda units: units.withdraw(COMMAND_LINE, plan))
    say("已撤回。")


@unit.command("export")
def unit_export(file: Annotated[Path, typer.Argument(help="写到这个 CSV 文件；改好可以导入回来。")]) -> None:
    """导出单位。"""
    from tickets.exchange.units import write_units

    units = _directory()
    write_units(units, file)
    say(f"已导出 {len(units)} 个单位。")


def _directory() -> "list[Unit]":
    from tickets.units import directory

    return _read(directory)


def _put(units: "list[Unit]", reason: str, begins: datetime | None, otherwise: str = "") -> int:
    from service.identity.accounts import COMMAND_LINE

    day = begins.date() if begins else None
    return _run(lambda listed: listed.put(COMMAND_LINE, units, reason=reason, begins_on=day), otherwise)


def _read(look: "Callable[[Connection], _Result]") -> _Result:
    return _run(lambda listed: listed.database.read(look))


def _run(work: "Callable[[UnitList], Awaitable[_Result]]", otherwise: str = "") -> _Result:
    from service.unit_list import open_unit_list
    from tickets.dispatch.rules import RulesRefused
    from tickets.units import UnitRefused

    async def run() -> _Result:
        async with open_database() as database:
            return await work(open_unit_list(database))

    try:
        return asyncio.run(run())
    except (UnitRefused, RulesRefused) as refused:
        raise fail(f"{refused}{otherwise}") from refused
