"""`liaotianban kb check` and `kb calibrate`: what is wrong with a base, and how far it can be believed."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.installation import knowledge_of, settings
from program.commands.output import AsJson, fail, say, stderr_console
from service.settings import Settings

if TYPE_CHECKING:
    from knowledge_base.calibration import Outcome
    from knowledge_base.check import Finding
    from knowledge_base.entry import Entry

_SHOWN = 20  # findings of a kind; --json has all
KnowledgeFile = Annotated[
    Path | None, typer.Option("--kb", exists=True, help="用这份文件或 YAML 文件夹；不写就用正在用的知识库。")
]


def kb_check(
    file: KnowledgeFile = None,
    links: Annotated[bool, typer.Option("--links", help="还要打开条目里的每个链接看看，会访问外面的网站。")] = False,
    as_json: AsJson = False,
) -> None:
    """查过期、没依据、重复、互相矛盾、找不到自己的问法。有问题时退出码为 1。"""
    from dataclasses import asdict

    from knowledge_base.formats import ImportRefused

    try:
        entries, findings = asyncio.run(_check(settings(), file, links))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if as_json:
        typer.echo(json.dumps({"entries": entries, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        _show_findings(entries, findings)
    if findings:
        raise typer.Exit(1)


def _show_findings(entries: int, findings: "list[Finding]") -> None:
    from itertools import groupby

    for problem, group in groupby(findings, key=lambda finding: finding.problem):
        found = list(group)
        typer.echo(f"{problem.label}（{len(found)}）")
        for finding in found[:_SHOWN]:
            typer.echo(f"  {finding.slug}：{finding.message}")
        if len(found) > _SHOWN:
            typer.echo(f"  还有 {len(found) - _SHOWN} 处，加 --json 看全部。")
    say(f"查了 {entries} 条，{f'有 {len(findings)} 处要看。' if findings else '没有发现问题。'}")


async def _check(chosen: Settings, file: Path | None, links: bool) -> "tuple[int, list[Finding]]":
    from rich.progress import Progress

    from knowledge_base.check import check
    from service.clock import now

    # Wordings are compared by their words; a thousand encodings would take a minute.
    async with knowledge_of(file, encoder=False) as knowledge:
        entries = knowledge.stored()
        with Progress(transient=True, console=stderr_console()) as bar:
            task = bar.add_task("正在检查", total=len(entries))
            findings = await check(entries, knowledge, now(), lambda done: bar.update(task, completed=done))
    return len(entries), findings + (await _check_links(chosen, entries) if links else [])


async def _check_links(chosen: Settings, entries: "Sequence[Entry]") -> "list[Finding]":
    from rich.progress import Progress

    from knowledge_base.links import LinkCheck

    with Progress(transient=True, console=stderr_console()) as bar:
        task = bar.add_task("正在打开链接", total=None)
        return await LinkCheck(chosen.files_dir, chosen.check_inner_links).findings(
            entries, lambda done, every: bar.update(task, completed=done, total=every)
        )


def kb_calibrate(file: KnowledgeFile = None, as_json: AsJson = False) -> None:
    """说的“把握”有多可信：把相似问法抽出来当市民的问题问一遍，看实际答对多少。"""
    from dataclasses import asdict

    from knowledge_base.calibration import bins, correction, wrongly_answered
    from knowledge_base.decision import UNCORRECTED
    from knowledge_base.formats import ImportRefused

    chosen = settings()
    try:
        outcomes = asyncio.run(_ask_held_out(chosen, file))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if not outcomes:
        raise fail("这份知识库没有相似问法，没法衡量。每个条目补上几种常见的问法再来。")
    found = correction(outcomes)
    tables = {"uncorrected": bins(outcomes, UNCORRECTED), "corrected": bins(outcomes, found)}
    wrong = wrongly_answered(outcomes, found, chosen.answer_at)
    if as_json:
        shown = {name: [asdict(item) for item in table] for name, table in tables.items()}
        told = {"correction": asdict(found), "answered_without_entry": wrong} | shown
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    for title, name in (("校正前", "uncorrected"), ("校正后（服务实际使用的）", "corrected")):
        table = Table("把握", "问题数", "平均把握", "实际答对", title=title)
        for item in tables[name]:
            row = (f"{item.low:.0%}–{item.high:.0%}", str(item.questions), f"{item.believed:.0%}", f"{item.right:.0%}")
            table.add_row(*row)
        Console().print(table)
    typer.echo(f"条目拿掉以后仍被直接回答的：{wrong:.1%}（把握 {chosen.answer_at:.0%} 起直接回答）")


async def _ask_held_out(chosen: Settings, file: Path | None) -> "list[Outcome]":
    from rich.progress import Progress

    async with knowledge_of(file, encoder=chosen.encoder) as knowledge:
        with Progress(transient=True, console=stderr_console()) as bar:
            task = bar.add_task("正在计算句向量", total=None)
            await knowledge.ready()
            bar.update(task, description="正在衡量", total=1.0)
            return await knowledge.ask_held_out(lambda share: bar.update(task, completed=share))
