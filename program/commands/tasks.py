"""`liaotianban kb tasks`: what units still have to write or look at again."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.installation import open_database
from program.commands.output import AsJson

if TYPE_CHECKING:
    from service.tasks import OpenTask


def kb_tasks(
    unit: Annotated[str | None, typer.Option(help="只看这个单位的。")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只看过了期限的。")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出多少个。")] = 50,
    as_json: AsJson = False,
) -> None:
    """还没办完的任务：要写的条目、快到复核日期的条目，最急的在前。"""
    from service.clock import china_date, now
    from service.tasks import open_tasks

    async def read() -> "list[OpenTask]":
        before = china_date(now()) if overdue else None
        async with open_database() as database:
            found: list[OpenTask] = await database.read(open_tasks(unit=unit, due_before=before, limit=limit))
            return found

    found = [item.task for item in asyncio.run(read())]
    if as_json:
        rows = [
            {"kind": task.kind.value, "entry": task.subject, "unit": task.unit, "due_on": task.due_on.isoformat()}
            for task in found
        ]
        typer.echo(json.dumps({"tasks": rows}, ensure_ascii=False))
        return
    for task in found:
        typer.echo(f"{task.due_on}  {task.kind.label}  {task.subject}  {task.unit or '（条目没写发布单位）'}")
