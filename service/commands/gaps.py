"""`liaotianban kb gaps …`: questions that found no answer, grouped by meaning."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.clock import CHINA
from service.commands.installation import As, conversation_cipher, open_database
from service.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from knowledge_base.coverage.gaps import Gap, Gaps

gaps = typer.Typer(help="没答上来的问题：按意思归成组，看、起草、标为不处理。", invoke_without_command=True)

Result = TypeVar("Result")
Group = Annotated[int, typer.Argument(help="问题组的编号。")]


@gaps.callback()
def list_gaps(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列出多少组。")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="正在写、已有答案和不处理的也列出。")] = False,
    as_json: AsJson = False,
) -> None:
    """列出问题组，最近 7 天问的人最多的在前。同一个人问几次只算一次。"""
    if context.invoked_subcommand is not None:
        return

    async def read(work: "Gaps") -> "list[Gap]":
        from knowledge_base.coverage.states import GapState

        return await work.most_asked(tuple(GapState) if everything else (GapState.OPEN,), limit)

    found = _run(read)
    if as_json:
        typer.echo(json.dumps({"gaps": [_as_dict(gap) for gap in found]}, ensure_ascii=False))
        return
    for gap in found:
        typer.echo(f"{gap.id}  {gap.name}" + ("" if gap.state.value == "open" else f"（{gap.state.label}）"))
        typer.echo(f"    {_counts(gap)}")
    if not found:
        say("没有待处理的问题组。")
        return
    say("起草条目：liaotianban kb gaps draft 编号 --unit 单位 --due 日期 --as 账号")


@gaps.command("show")
def show_gap(group: Group, as_json: AsJson = False) -> None:
    """看一组问题：最近的原话（已遮盖号码）、原因、最接近的条目。"""

    async def read(work: "Gaps") -> "Gap":
        return await work.one(group)

    gap = _run(read)
    if as_json:
        show(_as_dict(gap), as_json)
        return
    typer.echo(f"{gap.id}  {gap.name}（{gap.state.label}）")
    typer.echo(f"    {_counts(gap)}")
    typer.echo(f"    第一次 {_shown(gap.first_at)}，最近一次 {_shown(gap.last_at)}")
    for question in gap.examples:
        typer.echo(f"    “{question}”")


@gaps.command("draft")
def draft_gap(
    group: Group,
    unit: Annotated[str, typer.Option(help="由哪个单位来写。")],
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="哪天之前写好。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """起草一个条目：问题取最典型的问法，答案待填写；同时给单位派一个任务。"""
    from service.identity.staff import actor_of

    async def begin(work: "Gaps") -> dict[str, Any]:
        version = await work.draft(await actor_of(work.database, by), group, unit, due.date())
        return {
            "entry": version.entry.slug,
            "version": version.number,
            "question": version.entry.question,
            "similar_questions": list(version.entry.similar_questions),
        }

    show(_run(begin), as_json)


@gaps.command("dismiss")
def dismiss_gap(
    group: Group,
    reason: Annotated[str, typer.Option(help="为什么不用写条目。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """标为不处理：以后仍然计数，不再列出。"""
    from service.identity.staff import actor_of

    async def close(work: "Gaps") -> dict[str, Any]:
        await work.dismiss(await actor_of(work.database, by), group, reason)
        return {"dismissed": group}

    show(_run(close), as_json)


def _run(work: "Callable[[Gaps], Awaitable[Result]]") -> Result:
    from knowledge_base.coverage.gaps import Gaps
    from knowledge_base.lifecycle import EntryLifecycle
    from knowledge_base.store import EntryStore
    from knowledge_base.versions import NotAllowed
    from service.identity.staff import UnknownStaff
    from tickets.units import names_within

    async def opened() -> Result:
        async with open_database() as database:
            lifecycle = EntryLifecycle(database, EntryStore(database), names=names_within)
            return await work(Gaps(database, conversation_cipher(), lifecycle))

    try:
        return asyncio.run(opened())
    except (NotAllowed, UnknownStaff) as refused:
        raise fail(str(refused)) from refused


def _counts(gap: "Gap") -> str:
    causes = "、".join(f"{cause} {count} 次" for cause, count in gap.causes.items())
    near = f"；最接近的条目：{'、'.join(gap.nearest)}" if gap.nearest else ""
    counts = f"近 7 天 {gap.last_week} 人问，前 7 天 {gap.week_before} 人，一共 {gap.conversations} 人"
    return f"{counts}；{causes}{near}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _as_dict(gap: "Gap") -> dict[str, Any]:
    moments = {"first_at": gap.first_at.isoformat(), "last_at": gap.last_at.isoformat()}
    return asdict(gap) | moments | {"state": gap.state.value}
