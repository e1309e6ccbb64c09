"""`liaotianban kb …`: the knowledge base. Heavy parts are imported by the command that needs them."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.entry import kb_entry
from service.commands.gaps import gaps
from service.commands.installation import knowledge_of, open_database, published_entries, settings
from service.commands.output import AsJson, fail, say, show
from service.commands.quality import kb_calibrate, kb_check
from service.commands.sheet import kb_sheet
from service.commands.synonyms import kb_synonyms
from service.commands.tasks import kb_tasks
from service.commands.usage import kb_answered, kb_usage

kb = typer.Typer(help="知识库：导入、导出、检索。", no_args_is_help=True)
kb.add_typer(kb_entry, name="entry")
kb.add_typer(kb_synonyms, name="synonyms")
kb.add_typer(gaps, name="gaps")
kb.command("sheet")(kb_sheet)
kb.command("check")(kb_check)
kb.command("calibrate")(kb_calibrate)
kb.command("tasks")(kb_tasks)
kb.command("usage")(kb_usage)
kb.command("answered")(kb_answered)

_SHOWN_CHANGES = 20
InputFile = Annotated[Path, typer.Argument(exists=True, readable=True, help="CSV、JSONL 或 XLSX 文件。")]


@kb.command("import")
def kb_import(
    file: InputFile,
    only_preview: Annotated[bool, typer.Option("--preview", help="只看会新增、改动哪些，不导入。")] = False,
    as_json: AsJson = False,
) -> None:
    """导入条目。有一行不对就一条都不导入，并说明是哪一行；导入后可以用 kb undo 撤销。"""
    from knowledge_base.formats import ImportRefused, read_entries
    from knowledge_base.preview import Preview, preview

    try:
        entries = read_entries(file)
    except ImportRefused as refused:
        raise fail(str(refused)) from refused

    async def put() -> tuple[Preview, int | None]:
        from knowledge_base.store import EntryStore

        async with open_database() as database:
            store = EntryStore(database)
            changes = await store.changes_since(0)
            found = preview(changes.put if changes else (), entries)
            revision = None if only_preview or not found.to_put else await store.put(found.to_put)
            return found, revision

    found, revision = asyncio.run(put())
    counts = {"new": len(found.new), "changed": len(found.changed), "same": len(found.same)}
    if as_json:
        changed = {entry.slug: [change.field for change in changes] for entry, changes in found.changed}
        imported = 0 if revision is None else len(found.to_put)
        show(counts | {"imported": imported, "revision": revision, "changed_fields": changed}, as_json)
        return
    say(f"新增 {counts['new']} 条，改动 {counts['changed']} 条，相同 {counts['same']} 条。")
    for entry, changes in found.changed[:_SHOWN_CHANGES]:
        say(f"  改动 {entry.slug}：{'、'.join(change.field for change in changes)}")
    if len(found.changed) > _SHOWN_CHANGES:
        say(f"  还有 {len(found.changed) - _SHOWN_CHANGES} 条改动，加 --json 看全部。")
    if revision is not None:
        say(f"已导入，正在运行的服务会在 1 秒内用上。要撤销这次导入：liaotianban kb undo {revision}")
    elif only_preview:
        say("只是预览，没有导入。")


@kb.command("undo")
def kb_undo(batch: Annotated[int, typer.Argument(help="导入时给出的编号。")], as_json: AsJson = False) -> None:
    """撤销一次导入：改动的恢复原样，新增的撤下。"""
    from knowledge_base.store import EntryStore, UndoRefused

    async def undo() -> int:
        async with open_database() as database:
            return await EntryStore(database).undo(batch)

    try:
        undone = asyncio.run(undo())
    except UndoRefused as refused:
        raise fail(str(refused)) from refused
    show({"undone": undone}, as_json)


@kb.command("export")
def kb_export(file: Annotated[Path, typer.Argument(help="写到这个 CSV 或 JSONL 文件。")]) -> None:
    """导出全部条目。"""
    from knowledge_base.formats import write_entries

    entries = asyncio.run(published_entries())
    write_entries(entries, file)
    say(f"已导出 {len(entries)} 条到 {file}。")


@kb.command("search")
def kb_search(
    text: str,
    for_staff: Annotated[bool, typer.Option("--staff", help="连只给工作人员看的条目一起找。")] = False,
    as_json: AsJson = False,
) -> None:
    """看看一句话会得到什么答复，为什么。"""
    channel = "console" if for_staff else ""

    async def decide() -> dict[str, Any]:
        async with knowledge_of(None, encoder=settings().encoder) as knowledge:
            await knowledge.ready()
            decision = await knowledge.decide(text, channel=channel)
            candidates = await knowledge.candidates(text, 5, channel=channel)
        return {
            "decision": decision.kind,
            "probability": round(decision.probability, 4),
            "entry": decision.entry.slug if decision.entry else None,
            "choices": [entry.slug for entry in decision.choices],
            "candidates": [
                {
                    "entry": found.entry.slug,
                    "matter": found.entry.matter,
                    "visibility": found.entry.visibility,
                    "score": round(found.score, 4),
                }
                for found in candidates
            ],
        }

    result = asyncio.run(decide())
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    words = {"answer": "直接回答", "choices": "给出选项", "no_answer": "没有答案"}
    table = Table("条目", "事项", "得分", title=f"{words[result['decision']]}（把握 {result['probability']:.0%}）")
    for found in result["candidates"]:
        matter = found["matter"] + ("（只给工作人员看）" if found["visibility"] == "staff" else "")
        table.add_row(found["entry"], matter, f"{found['score']:.3f}")
    Console().print(table)
