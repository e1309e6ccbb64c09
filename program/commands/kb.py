"""`liaotianban kb …`: the knowledge base. Heavy parts are imported by the command that needs them."""

import asyncio
import json
from typing import Annotated, Any

import typer

from program.commands.entry import kb_entry
from program.commands.gaps import gaps
from program.commands.gate import kb_try
from program.commands.installation import knowledge_of, settings
from program.commands.kb_files import files
from program.commands.kb_intake import intake
from program.commands.output import AsJson
from program.commands.quality import kb_calibrate, kb_check
from program.commands.questions import kb_questions
from program.commands.sheet import kb_sheet
from program.commands.synonyms import kb_synonyms
from program.commands.tasks import kb_tasks
from program.commands.usage import kb_answered, kb_usage

kb = typer.Typer(help="知识库：导入、导出、检索。", no_args_is_help=True)
kb.add_typer(files)
kb.add_typer(intake)
kb.add_typer(kb_entry, name="entry")
kb.add_typer(kb_synonyms, name="synonyms")
kb.add_typer(gaps, name="gaps")
kb.add_typer(kb_questions, name="questions")
kb.command("try")(kb_try)
kb.command("sheet")(kb_sheet)
kb.command("check")(kb_check)
kb.command("calibrate")(kb_calibrate)
kb.command("tasks")(kb_tasks)
kb.command("usage")(kb_usage)
kb.command("answered")(kb_answered)


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
                    "matter": found.entry.matter or found.entry.question,
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
    told = "、".join([result["entry"]] if result["entry"] else result["choices"])
    title = f"{words[result['decision']]} {told}（把握 {result['probability']:.0%}）".replace(" （", "（")
    table = Table("条目", "事项", "得分", title=title)
    for found in result["candidates"]:
        matter = found["matter"] + ("（只给工作人员看）" if found["visibility"] == "staff" else "")
        table.add_row(found["entry"], matter, f"{found['score']:.3f}")
    Console().print(table)
