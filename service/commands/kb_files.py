"""`liaotianban kb import`, `undo`, `export`, `template`: entries as files."""

import asyncio
import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.installation import open_database
from service.commands.output import AsJson, Begin, Share, fail, progress, say, show

if TYPE_CHECKING:
    from knowledge_base.entry import Entry
    from knowledge_base.formats import Reading
    from knowledge_base.preview import Preview

files = typer.Typer()

_SHOWN = 20  # changes and refused rows; --json has all
InputFile = Annotated[
    Path, typer.Argument(exists=True, readable=True, help="CSV、XLSX、JSONL 或 YAML 文件，或一个 YAML 文件夹。")
]


@files.command("import")
def kb_import(
    file: InputFile,
    only_preview: Annotated[bool, typer.Option("--preview", help="只看会新增、改动哪些，不导入。")] = False,
    as_json: AsJson = False,
) -> None:
    """导入条目，不经审核直接发布，给运维人员用；编辑请在管理台里导入、送审。

    有一行不对就一条都不导入，并说明是哪一行；导入后可以用 kb undo 撤销。
    """
    from knowledge_base.formats import ImportRefused, read_file

    gc.set_threshold(50_000, 10, 4)  # 100,000 entries need not be looked through for cycles every few rows
    try:
        with progress() as begin:
            reading = read_file(file, begin("正在读取"))
            found, revision = asyncio.run(_import(reading, only_preview, begin("正在比较"), begin))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if as_json:
        _show_all(found, reading, revision)
    else:
        _tell(found, reading, revision, only_preview)
    if reading.refused:
        raise typer.Exit(1)


async def _import(
    reading: "Reading", only_preview: bool, compared: Share, begin: Begin
) -> "tuple[Preview, int | None]":
    from knowledge_base.imports import EntryImports
    from knowledge_base.store import EntryStore

    async with open_database() as database:
        imports = EntryImports(database, EntryStore(database))
        found = await imports.preview(reading.entries, compared, reading.silent)
        if only_preview or reading.refused or not found.to_put:
            return found, None
        return found, await imports.put(found.to_put, progress=begin("正在存储"))


def _show_all(found: "Preview", reading: "Reading", revision: int | None) -> None:
    counts = {"new": len(found.new), "changed": len(found.changed), "same": len(found.same)}
    changed = {entry.slug: [change.field for change in changes] for entry, changes in found.changed}
    refused = [{"place": row.place, "reason": row.reason} for row in reading.refused]
    imported = {"imported": 0 if revision is None else len(found.to_put), "revision": revision}
    show(counts | imported | {"changed_fields": changed, "refused": refused}, True)


def _tell(found: "Preview", reading: "Reading", revision: int | None, only_preview: bool) -> None:
    from knowledge_base.formats import refusal

    if reading.refused and not only_preview:
        say(refusal(reading.refused))
        return
    counts = f"新增 {len(found.new)} 条，改动 {len(found.changed)} 条，相同 {len(found.same)} 条"
    say(f"{counts}，不能导入 {len(reading.refused)} 条。" if reading.refused else f"{counts}。")
    _tell_some(f"改动 {entry.slug}：{'、'.join(c.field for c in changes)}" for entry, changes in found.changed)
    _tell_some(f"不能导入 {row}" for row in reading.refused)
    if revision is not None:
        say(f"已导入，正在运行的服务会在 1 秒内用上。要撤销这次导入：liaotianban kb undo {revision}")
    elif not (found.to_put or reading.refused):
        say("没有要新增或改动的，什么都没有导入。")
    elif only_preview:
        say("只是预览，没有导入。" + ("把不能导入的改好以后才能导入。" if reading.refused else ""))


def _tell_some(lines: Iterable[str]) -> None:
    told = list(lines)
    for line in told[:_SHOWN]:
        say(f"  {line}")
    if len(told) > _SHOWN:
        say(f"  还有 {len(told) - _SHOWN} 处，加 --json 看全部。")


@files.command("undo")
def kb_undo(
    batch: Annotated[int, typer.Argument(help="导入时给出的编号。")],
    rest: Annotated[bool, typer.Option("--rest", help="后来又改过的留着不动，其余的撤销。")] = False,
    only_preview: Annotated[bool, typer.Option("--preview", help="只看会撤销多少、哪些要留下，不撤销。")] = False,
    as_json: AsJson = False,
) -> None:
    """撤销一次导入：改动的恢复原样，新增的撤下。有条目后来又改过，就一条都不撤销，除非写明 --rest。"""
    from knowledge_base.imports import EntryImports, Undone, UndoRefused
    from knowledge_base.store import EntryStore

    async def undo() -> Undone:
        async with open_database() as database:
            imports = EntryImports(database, EntryStore(database))
            verb = imports.preview_undo if only_preview else imports.undo_rest if rest else imports.undo
            return await verb(batch)

    try:
        done = asyncio.run(undo())
    except UndoRefused as refused:
        raise fail(str(refused)) from refused
    if as_json:
        left = [{"slug": one.slug, "why": one.why} for one in done.left]
        show({"undone": 0 if only_preview else done.entries, "left": left}, as_json)
        return
    say(f"{'可以撤销' if only_preview else '已撤销'} {done.entries} 条。")
    if done.left:
        say(f"后来又改过、{'要' if only_preview else ''}留着不动的 {len(done.left)} 条：")
        _tell_some(f"{one.slug}：{one.why}" for one in done.left)


@files.command("export")
def kb_export(
    file: Annotated[
        Path,
        typer.Argument(help="写到 .csv、.xlsx、.jsonl 或 .yml 文件；不带扩展名的是文件夹，一个条目一个 YAML 文件。"),
    ],
) -> None:
    """导出全部条目；导出的文件可以原样导入回来。"""
    from knowledge_base.formats import ImportRefused, write_entries
    from knowledge_base.store import EntryStore

    async def export() -> int:
        async with open_database() as database:
            return await EntryStore(database).walk(write)

    with progress() as begin:
        written = begin("正在导出")

        def write(entries: "Iterator[Entry]", count: int) -> int:
            def counted() -> "Iterator[Entry]":
                for number, entry in enumerate(entries, 1):
                    yield entry
                    written(number / count)

            write_entries(counted(), file)
            return count

        try:
            count = asyncio.run(export())
        except ImportRefused as refused:
            raise fail(str(refused)) from refused
    say(f"已导出 {count} 条到 {file}。")


@files.command("template")
def kb_template(file: Annotated[Path, typer.Argument(help="写到 .csv、.xlsx、.jsonl 或 .yml 文件。")]) -> None:
    """写一份可以照着填的模板：有列名、例子，XLSX 还有填写说明。例子不动，导入时会跳过。"""
    from knowledge_base.formats import ImportRefused, write_template

    if file.exists():
        raise fail(f"{file} 已经有了，没有覆盖；请换一个文件名。")
    try:
        write_template(file)
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    say(f"模板已写到 {file}。填好后先看会改什么：liaotianban kb import {file} --preview")
