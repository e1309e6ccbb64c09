"""`liaotianban kb try`: what a change would do to real questions, before citizens meet it."""

import asyncio
import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.installation import conversation_cipher, open_database, settings, what_is_set
from service.commands.output import AsJson, fail, say, stderr_console

if TYPE_CHECKING:
    from knowledge_base.entry import Entry
    from knowledge_base.gate import Trial

_SHOWN = 20


def kb_try(
    slug: Annotated[str, typer.Argument(help="条目编号。")],
    number: Annotated[int | None, typer.Option("--version", min=1, help="第几版；不写就是最新一版。")] = None,
    as_json: AsJson = False,
) -> None:
    """发布前试一遍：哪些问题的答案会变、找不到了、被这一条抢走。有变差的时退出码为 1。"""
    from knowledge_base.lifecycle import EntryLifecycle
    from knowledge_base.store import EntryStore

    async def run() -> "Trial | None":
        async with open_database() as database:
            every = await EntryLifecycle(database, EntryStore(database)).versions(slug)
            chosen = [version for version in every if number in (None, version.number)]
            return await trial_of(database, chosen[0].entry) if chosen else None

    trial = asyncio.run(run())
    if trial is None:
        raise fail(f"没有编号为 {slug} 的条目，或者它没有这一版。用 kb entry versions {slug} 看有哪些。")
    if as_json:
        body = {"tried": trial.tried, "drops": len(trial.drops), "effects": [asdict(e) for e in trial.effects]}
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        show_trial(trial)
    if trial.drops:
        raise typer.Exit(1)


async def trial_of(database: Any, entry: "Entry") -> "Trial":
    """Try a content on the questions of this installation."""
    from rich.progress import Progress

    from knowledge_base.gate import try_change
    from knowledge_base.live import open_knowledge
    from knowledge_base.question_bank import bank_for

    changeable = await what_is_set(settings(), database)
    _, knowledge = await open_knowledge(changeable.running.settings, database)
    with Progress(transient=True, console=stderr_console()) as bar:
        task = bar.add_task("正在准备句向量", total=None)
        await knowledge.ready()
        bank = await bank_for(database, conversation_cipher(), knowledge, [entry])
        bar.update(task, description="正在试问", total=len(bank))
        return await try_change(
            knowledge, [entry], bank, lambda done, total: bar.update(task, completed=done, total=total)
        )


def show_trial(trial: "Trial") -> None:
    """Print what a trial found, the worst first."""
    for verdict, group in groupby(trial.effects, key=lambda effect: effect.verdict):
        effects = list(group)
        typer.echo(f"{verdict.label}（{len(effects)}）")
        for effect in effects[:_SHOWN]:
            typer.echo(f"  {effect.question}（{effect.origin.label}）：{effect.before} → {effect.after}")
        if len(effects) > _SHOWN:
            typer.echo(f"  还有 {len(effects) - _SHOWN} 个，加 --json 看全部。")
    told = f"{len(trial.effects)} 个有变化，{len(trial.drops)} 个变差" if trial.effects else "没有变化"
    say(f"试了 {trial.tried} 个问题，{told}。")
