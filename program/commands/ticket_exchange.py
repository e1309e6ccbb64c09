"""`liaotianban ticket …`: tickets taken over from another platform, and given out as a file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.installation import As, open_database, open_keys, settings
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.exchange.exports import Export
    from tickets.exchange.imports import Preview, Reading
    from tickets.lifecycle import Lifecycle

ticket = typer.Typer(help="工单的导入和导出。", no_args_is_help=True)

_SHOWN = 20
_TOLD_EVERY = 100_000  # rows


@ticket.command("import")
def ticket_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="上级平台给的 CSV 或 XLSX 文件。")],
    apply: Annotated[bool, typer.Option("--apply", help="真的导入；不写就只预览。")] = False,
    by: Annotated[str, typer.Option("--as", metavar="USERNAME", help="以哪个话务员账号导入；--apply 时要写。")] = "",
    as_json: AsJson = False,
) -> None:
    """导入上级平台的工单，保留它的编号和承诺时限。导入过的不会重复；有一行不对就都不导入。"""
    from service.identity.staff import UnknownStaff
    from service.sheets.refusal import ImportRefused
    from tickets.categories.tree import Categories, CategoriesRefused
    from tickets.exchange.imports import read_tickets
    from tickets.intake.gazetteer import GazetteerRefused
    from tickets.refusal import MoveNotAllowed

    if apply and not by:
        raise fail("导入要写明以谁的账号：--as 用户名。")
    try:
        reading = read_tickets(file, Categories.load(settings().categories_file))
        applied = apply and not reading.refused
        found = asyncio.run(_import(reading, by if applied else "", file.name))
    except (ImportRefused, CategoriesRefused, GazetteerRefused, UnknownStaff, MoveNotAllowed) as refused:
        raise fail(f"{str(refused).rstrip('。')}；本次未导入任何工单。") from refused
    if as_json:
        refused_rows = [{"place": row.place, "reason": row.reason} for row in reading.refused]
        counts = {"new": len(found.new), "known": found.known, "applied": applied}
        show(counts | {"refused": refused_rows, "unknown_columns": list(reading.unknown)}, True)
    else:
        _tell(reading, found, applied)
    if reading.refused:
        raise typer.Exit(1)


async def _import(reading: "Reading", by: str, name: str) -> "Preview":
    from functools import partial

    from tickets.exchange.imports import preview_within, take_over

    async with _lifecycle() as lifecycle:
        if not by:
            return await lifecycle.database.read(partial(preview_within, reading=reading))
        return await take_over(lifecycle, await _actor(lifecycle, by), reading, name)


def _tell(reading: "Reading", found: "Preview", applied: bool) -> None:
    say(f"新的 {len(found.new)} 张，已经有的 {len(found.known)} 张，不能导入的 {len(reading.refused)} 行。")
    if reading.unknown:
        say(f"不认识的列，没有用上：{'、'.join(reading.unknown)}。")
    told = [f"{place}已经有了，工单编号 {number}" for place, number in found.known.items()]
    for line in [*map(str, reading.refused), *told][:_SHOWN]:
        say(f"  {line}")
    if len(reading.refused) + len(told) > _SHOWN:
        say("  还有更多，加 --json 看全部。")
    if applied:
        say(f"已导入 {len(found.new)} 张工单。")
    elif reading.refused:
        say("没有导入。把不能导入的行改好，再试一次。")
    else:
        say("只是预览，没有导入；确认无误后加 --apply --as 用户名。")


@ticket.command("export")
def ticket_export(
    file: Annotated[Path, typer.Argument(help="写到这个 .csv 或 .xlsx 文件，一张工单一行。")],
    by: As,
    created_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪天起登记的。")
    ] = None,
    created_before: Annotated[
        datetime | None, typer.Option("--before", formats=["%Y-%m-%d"], help="在哪天以前登记的。")
    ] = None,
    unit: Annotated[list[str] | None, typer.Option(help="只要这些单位的（单位代码）。")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="只要还没办结的。")] = False,
    personal: Annotated[bool, typer.Option("--personal", help="带上诉求人的姓名和电话；要有权限，写明原因。")] = False,
    reason: Annotated[str, typer.Option(help="为什么要完整信息，会记下来。")] = "",
    as_json: AsJson = False,
) -> None:
    """导出工单。姓名、电话和内容里的号码默认遮住；每次导出都有记录。"""
    from service.clock import CHINA
    from service.identity.staff import UnknownStaff
    from tickets.exchange.exports import Export, ExportRefused
    from tickets.lists import Filter, ListRefused

    wanted = Filter(
        is_open=True if only_open else None,
        units=frozenset(unit or ()),
        created_from=created_from and created_from.replace(tzinfo=CHINA),
        created_before=created_before and created_before.replace(tzinfo=CHINA),
    )
    try:
        count = asyncio.run(_export(by, Export(wanted, personal, reason), file))
    except (ExportRefused, ListRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
    if as_json:
        show({"exported": count}, True)
    else:
        say(f"已导出 {count} 张工单到 {file}。")


async def _export(by: str, export: "Export", file: Path) -> int:
    from tickets.exchange.exports import export_tickets

    def tell(rows: int) -> None:
        if rows % _TOLD_EVERY == 0:
            say(f"已写 {rows} 张……")

    async with _lifecycle() as lifecycle:
        return await export_tickets(lifecycle, await _actor(lifecycle, by), export, file, tell)


@asynccontextmanager
async def _lifecycle() -> "AsyncIterator[Lifecycle]":
    from tickets.intake.gazetteer import Gazetteer
    from tickets.lifecycle import Lifecycle

    async with open_database() as database:
        yield Lifecycle.open(database, open_keys(), gazetteer=Gazetteer.load(settings().gazetteer_file))


async def _actor(lifecycle: "Lifecycle", by: str) -> "Actor":
    from service.identity.staff import actor_of

    return await actor_of(lifecycle.database, by)
