"""`liaotianban unit …`: the units tickets are given to, as a list staff keep."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.installation import open_database
from service.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from tickets.units import Unit

unit = typer.Typer(help="承办单位名单。", no_args_is_help=True)


@unit.command("list")
def unit_list(as_json: AsJson = False) -> None:
    """列出单位。"""
    units = _directory()
    if as_json:
        rows = [{"code": u.code, "name": u.name, "parent": u.parent, "active": u.active} for u in units]
        show({"units": rows}, True)
        return
    if not units:
        say("还没有单位。导入：liaotianban unit import 文件，要有 代码、名称 两列。")
    for each in units:
        typer.echo(f"{each.code}  {each.name}{'' if each.active else '  已停用'}")


@unit.command("import")
def unit_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或 XLSX：代码、名称、上级、在用。")],
    as_json: AsJson = False,
) -> None:
    """导入单位：代码没有的新增，已有的改成文件里的样子；文件里没写的不动。有一行不对就都不导入。"""
    from service.clock import now
    from service.sheets.refusal import ImportRefused
    from tickets.exchange.units import read_units
    from tickets.units import UnitRefused, put_within

    async def put(units: "list[Unit]") -> None:
        async with open_database() as database:
            await database.write(lambda connection: put_within(connection, units, now()))

    try:
        units = read_units(file)
        asyncio.run(put(units))
    except (ImportRefused, UnitRefused) as refused:
        raise fail(f"{refused}本次未导入任何单位。") from refused
    if as_json:
        show({"imported": len(units)}, True)
    else:
        say(f"已导入 {len(units)} 个单位。")


@unit.command("export")
def unit_export(file: Annotated[Path, typer.Argument(help="写到这个 CSV 文件；改好可以导入回来。")]) -> None:
    """导出单位。"""
    from tickets.exchange.units import write_units

    units = _directory()
    write_units(units, file)
    say(f"已导出 {len(units)} 个单位。")


def _directory() -> "list[Unit]":
    from tickets.units import directory

    async def read() -> "list[Unit]":
        async with open_database() as database:
            found: list[Unit] = await database.read(directory)
            return found

    return asyncio.run(read())
