"""`liaotianban kb questions …`: the questions by which staff try every change."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from knowledge_base.question_bank import QuestionBank
    from service.identity.roles import Actor

kb_questions = typer.Typer(help="测试问题：每次发布前都要问一遍。", no_args_is_help=True)

_Result = TypeVar("_Result")
Question = Annotated[str, typer.Argument(help="市民会问的一句话。")]


@kb_questions.command("list")
def questions_list(as_json: AsJson = False) -> None:
    """列出全部测试问题。"""

    async def run() -> Any:
        from knowledge_base.question_bank import QuestionBank

        async with open_database() as database:
            return await QuestionBank(database).all()

    every = asyncio.run(run())
    if as_json:
        rows = [{"question": q.question, "expected": q.expected, "author": q.author} for q in every]
        typer.echo(json.dumps({"questions": rows}, ensure_ascii=False))
        return
    for question in every:
        typer.echo(f"{question.question} → {question.expected or '不该有答案'}（{question.author}）")
    say(f"共 {len(every)} 个。" if every else "还没有测试问题。用 kb questions add 加几个常被问到的。")


@kb_questions.command("add")
def questions_add(
    question: Question,
    by: As,
    expected: Annotated[str, typer.Option("--entry", help="应该由哪个条目回答；不写表示不该有答案。")] = "",
) -> None:
    """加一个测试问题；问法相同的会换成新的。"""
    _write(by, lambda bank, actor: bank.add(actor, question, expected or None))
    say("已记下，以后每次发布前都会问一遍。")


@kb_questions.command("remove")
def questions_remove(question: Question, by: As) -> None:
    """删掉一个测试问题。"""
    _write(by, lambda bank, actor: bank.remove(actor, question))
    say("已删掉。")


def _write(by: str, act: "Callable[[QuestionBank, Actor], Awaitable[_Result]]") -> _Result:
    from knowledge_base.question_bank import QuestionBank, QuestionRefused
    from service.identity.staff import UnknownStaff, actor_of

    async def run() -> _Result:
        async with open_database() as database:
            return await act(QuestionBank(database), await actor_of(database, by))

    try:
        return asyncio.run(run())
    except (QuestionRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
