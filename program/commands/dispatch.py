"""`liaotianban dispatch …`: the dispatch list, as staff keep it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.dispatch.rule_store import RuleStore

dispatch = typer.Typer(help="派单目录：哪类诉求归哪个单位。", no_args_is_help=True)

_Result = TypeVar("_Result")
Note = Annotated[str, typer.Option(help="为什么改，如依据的文件和文号。")]


@dispatch.command("list")
def dispatch_list(word: Annotated[str, typer.Argument(help="只看含这个词的。")] = "", as_json: AsJson = False) -> None:
    """列出派单目录。"""
    rules = [
        rule for rule in _read(lambda store: store.all()) if word in json.dumps(rule.as_dict(), ensure_ascii=False)
    ]
    if as_json:
        typer.echo(json.dumps({"rules": [rule.as_dict() for rule in rules]}, ensure_ascii=False))
        return
    for rule in rules:
        ended = f"（{rule.expires_on} 失效）" if rule.expires_on else ""
        assisting = f"，协办 {'、'.join(rule.assisting)}" if rule.assisting else ""
        typer.echo(f"{rule.key}  {rule.told} → {rule.lead}{assisting}{ended}")
    say(f"共 {len(rules)} 条。")


@dispatch.command("import")
def dispatch_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或 YAML。")],
    by: As,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """用文件里的目录换掉现在全部的。有一条不对就都不换。"""
    from tickets.dispatch.rule_files import read_rules
    from tickets.dispatch.rules import RulesRefused

    try:
        rules = read_rules(file)
    except RulesRefused as refused:
        raise fail(str(refused)) from refused
    _tell(_write(by, lambda store, actor: store.replace(actor, rules, reason=note)), as_json)


@dispatch.command("export")
def dispatch_export(file: Annotated[Path, typer.Argument(help="写到这个 CSV 或 YAML 文件。")]) -> None:
    """导出派单目录，改好可以再导入。"""
    from tickets.dispatch.rule_files import write_rules

    rules = _read(lambda store: store.all())
    write_rules(rules, file)
    say(f"已导出 {len(rules)} 条到 {file}。")


@dispatch.command("remove")
def dispatch_remove(
    key: Annotated[str, typer.Argument(help="编号。")], by: As, note: Note = "", as_json: AsJson = False
) -> None:
    """删掉一条。"""
    _tell(_write(by, lambda store, actor: store.remove(actor, key, reason=note)), as_json)


@dispatch.command("undo")
def dispatch_undo(
    revision: Annotated[int, typer.Argument(help="哪一次改动，见 dispatch history 的第一列。")],
    by: As,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """撤销一次改动；改过的规则后来又改过的，不能撤销。"""
    _tell(_write(by, lambda store, actor: store.undo(actor, revision, reason=note)), as_json)


@dispatch.command("history")
def dispatch_history(key: Annotated[str | None, typer.Argument(help="只看这个编号。")] = None) -> None:
    """谁在什么时候改了哪一条，最近的在前。"""
    from service.clock import shown_when
    from tickets.dispatch.rule_store import VERBS

    for change in _read(lambda store: store.history(key)):
        told = (shown_when(change.at), change.actor, VERBS[change.verb], change.key)
        units = (content["lead"] if content else "（无）" for content in (change.before, change.after))
        typer.echo(f"{change.revision}  {'  '.join(told)}  {' → '.join(units)}  {change.reason}".rstrip())


def _tell(revision: int, as_json: bool) -> None:
    if as_json:
        show({"revision": revision}, as_json)
    else:
        say("已改好，正在运行的服务马上会用上。")


def _read(look: "Callable[[RuleStore], Awaitable[_Result]]") -> _Result:
    from tickets.dispatch.rule_store import RuleStore

    async def run() -> _Result:
        async with open_database() as database:
            store = RuleStore(database)
            await store.seed()
            return await look(store)

    return asyncio.run(run())


def _write(by: str, change: "Callable[[RuleStore, Actor], Awaitable[int]]") -> int:
    from service.identity.staff import UnknownStaff, actor_of
    from tickets.dispatch.rule_store import RuleStore
    from tickets.dispatch.rules import RulesRefused

    async def run() -> int:
        async with open_database() as database:
            store = RuleStore(database)
            await store.seed()
            return await change(store, await actor_of(database, by))

    try:
        return asyncio.run(run())
    except (RulesRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
