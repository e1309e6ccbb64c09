"""`liaotianban evaluate …`: measure on data of one's own."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands.installation import knowledge_of, settings
from service.commands.output import AsJson, fail, show

evaluate = typer.Typer(help="用您自己的数据衡量效果。", no_args_is_help=True)


@evaluate.command("answers")
def evaluate_answers(
    kb_file: Annotated[Path, typer.Option("--kb", exists=True, help="条目：CSV、JSONL、XLSX 或 YAML 文件夹。")],
    questions: Annotated[Path, typer.Option(exists=True, help="问题：question、expected_id 两列。")],
    as_json: AsJson = False,
) -> None:
    """用一份知识库和一批问题衡量回答：与回答市民的是同一段代码。"""
    from knowledge_base.evaluation import evaluate_answers as run_evaluation
    from knowledge_base.evaluation import read_questions
    from knowledge_base.formats import ImportRefused

    async def run() -> dict[str, Any]:
        async with knowledge_of(kb_file, encoder=settings().encoder) as knowledge:
            await knowledge.ready()
            report = await run_evaluation(knowledge, read_questions(questions))
        return report.as_dict()

    try:
        show(asyncio.run(run()), as_json)
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
