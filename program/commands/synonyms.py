"""`liaotianban kb synonyms …`: everyday words for official ones, as staff keep them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from knowledge_base.synonym_store import SynonymStore
    from service.identity.roles import Actor

kb_synonyms = typer.Typer(help="同义词：老百姓的说法和正式说法。", no_args_is_help=True)

_Result = TypeVar("_Result")
Official = Annotated[str, typer.Argument(help="正式说法，如 社会保障卡。")]


@kb_synonyms.command("list")
def synonyms_list(word: Annotated[str, typer.Argument(help="只看含这个词的。")] = "", as_json: AsJson = False) -> None:
    """列出正式说法和它的常用说法。"""
    found = _read(lambda store: store.all()).groups
    groups = {name: words for name, words in found.items() if any(word in told for told in (name, *words))}
    if as_json:
        typer.echo(json.dumps({"synonyms": groups}, ensure_ascii=False))
        return
    for name, words in groups.items():
        typer.echo(f"{name}：{'、'.join(words)}")
    say(f"共 {len(groups)} 组。")


@kb_synonyms.command("add")
def synonyms_add(
    official: Official,
    words: Annotated[list[str], typer.Argument(help="常用说法，可以写多个。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """给一个正式说法加常用说法；没有这个正式说法就新建。"""
    _tell(_write(by, lambda store, actor: store.add(actor, official, words)), as_json)


@kb_synonyms.command("remove")
def synonyms_remove(
    official: Official,
    by: As,
    words: Annotated[list[str] | None, typer.Argument(help="要删的常用说法；不写就整组删掉。")] = None,
    as_json: AsJson = False,
) -> None:
    """删掉常用说法，或者整组。"""
    _tell(_write(by, lambda store, actor: store.remove(actor, official, words or ())), as_json)


@kb_synonyms.command("import")
def synonyms_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML：正式说法: [说法, 说法]。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """用文件里的同义词换掉现在全部的。有一个词不对就都不换。"""
    from knowledge_base.synonyms import SynonymsRefused, read_groups

    try:
        groups = read_groups(file)
    except SynonymsRefused as refused:
        raise fail(str(refused)) from refused
    _tell(_write(by, lambda store, actor: store.replace(actor, groups)), as_json)


@kb_synonyms.command("export")
def synonyms_export(file: Annotated[Path, typer.Argument(help="写到这个 YAML 文件。")]) -> None:
    """导出全部同义词，改好可以再导入。"""
    from knowledge_base.synonyms import write_groups

    groups = _read(lambda store: store.all()).groups
    write_groups(groups, file)
    say(f"已导出 {len(groups)} 组到 {file}。")


@kb_synonyms.command("history")
def synonyms_history(as_json: AsJson = False) -> None:
    """谁在什么时候改了什么，最近的在前。"""
    changes = _read(lambda store: store.history())
    if as_json:
        rows = [
            {
                "revision": change.revision,
                "at": change.at.isoformat(),
                "actor": change.actor,
                "verb": change.verb,
                "official": change.official,
                "before": change.before,
                "after": change.after,
            }
            for change in changes
        ]
        typer.echo(json.dumps({"changes": rows}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    from service.clock import shown_when

    table = Table("编号", "时间", "谁", "做了什么", "正式说法", "改前", "改后")
    for change in changes:
        words = ("、".join(told) for told in (change.before, change.after))
        row = (str(change.revision), shown_when(change.at), change.actor, _VERBS[change.verb], change.official, *words)
        table.add_row(*row)
    Console().print(table)


@kb_synonyms.command("undo")
def synonyms_undo(
    revision: Annotated[int, typer.Argument(help="改动时给出的编号。")], by: As, as_json: AsJson = False
) -> None:
    """撤销一次改动；后来又改过的不撤销。"""
    _tell(_write(by, lambda store, actor: store.undo(actor, revision)), as_json)


_VERBS = {"seed": "随产品装入", "add": "增加", "remove": "删除", "import": "导入", "undo": "撤销"}


def _tell(revision: int, as_json: bool) -> None:
    if as_json:
        show({"revision": revision}, as_json)
    else:
        say(f"已改好，正在运行的服务会在 1 秒内用上。要撤销：liaotianban kb synonyms undo {revision}")


def _read(look: "Callable[[SynonymStore], Awaitable[_Result]]") -> _Result:
    from knowledge_base.synonym_store import SynonymStore

    async def run() -> _Result:
        async with open_database() as database:
            store = SynonymStore(database)
            await store.seed()
            return await look(store)

    return asyncio.run(run())


def _write(by: str, change: "Callable[[SynonymStore, Actor], Awaitable[int]]") -> int:
    from knowledge_base.synonym_store import SynonymStore
    from knowledge_base.synonyms import SynonymsRefused
    from service.identity.staff import UnknownStaff, actor_of

    async def run() -> int:
        async with open_database() as database:
            store = SynonymStore(database)
            await store.seed()
            return await change(store, await actor_of(database, by))

    try:
        return asyncio.run(run())
    except (SynonymsRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
