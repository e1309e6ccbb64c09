"""`liaotianban kb entry …`: the life of one entry, from draft to archive, as a member of staff."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from program.commands.gate import show_trial, trial_of
from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say

if TYPE_CHECKING:
    from knowledge_base.entry import Entry
    from knowledge_base.lifecycle import EntryLifecycle
    from knowledge_base.versions import Version
    from service.identity.roles import Actor

kb_entry = typer.Typer(help="一个条目的起草、审核、发布、撤下。", no_args_is_help=True)

_Result = TypeVar("_Result")
_MANY = 100_000
_OWN_FIELDS = {"version", "published_at"}

Slug = Annotated[str, typer.Argument(help="条目编号。")]
Number = Annotated[int | None, typer.Option("--version", min=1, help="第几版；不写就是正轮到的那一版。")]
Reason = Annotated[str, typer.Option(help="原因，会记入历史。")]


@kb_entry.command("show")
def entry_show(slug: Slug, number: Number = None, as_json: AsJson = False) -> None:
    """看一个条目的内容（YAML，改好可以交给 kb entry edit）；不写第几版就看最新一版。"""
    every = _read(lambda desk: desk.versions(slug))
    version = _pick(slug, every, number)
    if as_json:
        typer.echo(json.dumps(_facts(version) | {"entry": version.entry.model_dump(mode="json")}, ensure_ascii=False))
        return
    import yaml

    content = version.entry.model_dump(mode="json", exclude=_OWN_FIELDS, exclude_defaults=True)
    say(f"第 {version.number} 版 · {version.state.label} · {version.author}")
    typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=_MANY), nl=False)


@kb_entry.command("edit")
def entry_edit(
    slug: Slug,
    file: Annotated[str, typer.Option("--from", metavar="FILE", help="条目内容的 YAML 文件；- 表示从标准输入读。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """存一份草稿：改动还没发布的那一版，或者新起一版。"""
    written = _read_yaml(slug, file)

    async def act(desk: "EntryLifecycle", actor: "Actor") -> "Version":
        newest = next(iter(await desk.versions(slug)), None)
        if newest is None or not _says_the_same(newest, written):
            return await desk.save_draft(actor, written)
        say(f"内容和第 {newest.number} 版一样，什么都没有改。")
        return newest

    _tell(_write(by, act), as_json)


@kb_entry.command("submit")
def entry_submit(slug: Slug, by: As, number: Number = None, as_json: AsJson = False) -> None:
    """把草稿送审。"""
    _move("submit", slug, number, by, as_json)


@kb_entry.command("approve")
def entry_approve(slug: Slug, by: As, number: Number = None, as_json: AsJson = False) -> None:
    """审核通过；自己写的不能自己通过。"""
    _move("approve", slug, number, by, as_json)


@kb_entry.command("send-back")
def entry_send_back(slug: Slug, by: As, reason: Reason = "", number: Number = None, as_json: AsJson = False) -> None:
    """退回修改，要写原因。"""
    _move("send_back", slug, number, by, as_json, reason)


@kb_entry.command("publish")
def entry_publish(
    slug: Slug,
    by: As,
    reason: Annotated[str, typer.Option(help="有问题会答得更差仍要发布的原因，会记入历史。")] = "",
    number: Number = None,
    as_json: AsJson = False,
) -> None:
    """发布审核通过的一版，代替现在的。先试一遍真实的问题，有变差的要写明原因。"""
    from knowledge_base.versions import MOVES

    async def act(desk: "EntryLifecycle", actor: "Actor") -> "Version":
        chosen = await _ready(desk, "publish", slug, number)
        if not actor.is_any(*MOVES["publish"].by):
            raise fail("您没有“发布”的权限，请联系管理员。")
        trial = await trial_of(desk.database, (await desk.version(slug, chosen)).entry)
        if trial.effects and not as_json:
            show_trial(trial)
        return await desk.publish(actor, slug, chosen, trial, reason)

    _tell(_write(by, act), as_json)


@kb_entry.command("withdraw")
def entry_withdraw(slug: Slug, by: As, reason: Reason = "", as_json: AsJson = False) -> None:
    """撤下已发布的一版，市民马上看不到，要写原因。"""
    _tell(_write(by, lambda desk, actor: desk.withdraw(actor, slug, reason)), as_json)


@kb_entry.command("archive")
def entry_archive(slug: Slug, by: As, number: Number = None, as_json: AsJson = False) -> None:
    """归档一版草稿，或者已撤下、被代替的一版。"""
    _move("archive", slug, number, by, as_json)


@kb_entry.command("restore")
def entry_restore(
    slug: Slug,
    number: Annotated[int, typer.Argument(min=1, help="取回第几版的内容。")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """把以前一版的内容取回来，存成草稿。"""
    _tell(_write(by, lambda desk, actor: desk.restore(actor, slug, number)), as_json)


@kb_entry.command("versions")
def entry_versions(slug: Slug, as_json: AsJson = False) -> None:
    """列出一个条目的全部版本，最新的在前。"""
    every = _read(lambda desk: desk.versions(slug))
    if not every:
        raise fail(_no_such(slug))
    _show_versions(every, as_json)


@kb_entry.command("history")
def entry_history(slug: Slug, as_json: AsJson = False) -> None:
    """谁在什么时候对这个条目做了什么。"""
    from knowledge_base.versions import deed_label

    done = _read(lambda desk: desk.history(slug))
    if as_json:
        rows = [asdict(item) | {"at": item.at.isoformat()} for item in done]
        typer.echo(json.dumps({"history": rows}, ensure_ascii=False))
        return
    if not done:
        raise fail(_no_such(slug))
    told = [
        (_shown(item.at), f"第 {item.number} 版", item.actor, deed_label(item.verb), item.note or "") for item in done
    ]
    _table(("时间", "版本", "谁", "做了什么", "说明"), told)


@kb_entry.command("compare")
def entry_compare(
    slug: Slug,
    older: Annotated[int | None, typer.Argument(min=1, help="旧的一版；不写就是已发布的那一版。")] = None,
    newer: Annotated[int | None, typer.Argument(min=1, help="新的一版；不写就是最新一版。")] = None,
    as_json: AsJson = False,
) -> None:
    """逐项并排比较两版。"""
    from knowledge_base.versions import VersionState, compare

    every = _read(lambda desk: desk.versions(slug))
    after = _pick(slug, every, newer)
    if older is None:
        earlier = [version for version in every if version.number < after.number]
        told = [version for version in earlier if version.state is VersionState.PUBLISHED] or earlier
        if not told:
            raise fail("只有一版，没有可以比较的。")
        before = told[0]
    else:
        before = _pick(slug, every, older)
    changes = compare(before.entry, after.entry)
    if as_json:
        body = {"older": before.number, "newer": after.number, "changes": [asdict(change) for change in changes]}
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    if not changes:
        say(f"第 {before.number} 版和第 {after.number} 版内容相同。")
        return
    titles = (f"第 {version.number} 版（{version.state.label}）" for version in (before, after))
    _table(("项目", *titles), [(_FIELDS[c.field], c.before, c.after) for c in changes], lines=True)


@kb_entry.command("list")
def entry_list(
    state: Annotated[str, typer.Option(help="只看处于这个状态的：draft、submitted、approved、published……")] = "",
    unit: Annotated[str, typer.Option(help="只看这个单位发布的。")] = "",
    due_review: Annotated[
        datetime | None, typer.Option("--due-review", formats=["%Y-%m-%d"], help="只看这一天前要复核的已发布条目。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """列出条目：按状态、单位或者复核日期；什么都不写就列出已发布的。"""
    from knowledge_base.versions import VersionState

    if state and state not in set(VersionState):
        names = "、".join(f"{item.value}（{item.label}）" for item in VersionState)
        raise fail(f"没有“{state}”这个状态，可以写：{names}。")
    if state and due_review:
        raise fail("--state 和 --due-review 只能写一个。")
    if due_review:
        until = due_review.date()
        due = _read(lambda desk: desk.reviews_due(until))
        _show_due([found for found in due if not unit or found.issuing_unit == unit], as_json)
        return
    chosen = VersionState(state or VersionState.PUBLISHED)
    found = _read(lambda desk: desk.in_state(chosen, _MANY))
    _show_versions([version for version in found if not unit or version.entry.issuing_unit == unit], as_json)


async def _ready(desk: "EntryLifecycle", verb: str, slug: str, number: int | None) -> int:
    """The version that a verb is for: the one named, or the newest that stands where the verb begins."""
    from knowledge_base.versions import MOVES, NotAllowed

    if number is not None:
        return number
    every = await desk.versions(slug)
    ready = [version for version in every if version.state in MOVES[verb].source]
    if not ready:
        states = "、".join(f"第 {version.number} 版{version.state.label}" for version in every[:3])
        told = f"（{states}）" if states else "（没有这个条目）"
        raise NotAllowed(f"{slug} 没有可以{MOVES[verb].label}的版本{told}。")
    return ready[0].number


def _move(verb: str, slug: str, number: int | None, by: str, as_json: bool, reason: str = "") -> None:
    from knowledge_base.versions import MOVES

    async def act(desk: "EntryLifecycle", actor: "Actor") -> "Version":
        chosen = await _ready(desk, verb, slug, number)
        return await getattr(desk, verb)(actor, slug, chosen, *([reason] if MOVES[verb].reason else []))  # type: ignore[no-any-return]

    _tell(_write(by, act), as_json)


def _read(look: "Callable[[EntryLifecycle], Awaitable[_Result]]") -> _Result:
    async def run() -> _Result:
        async with open_database() as database:
            return await look(_desk(database))

    return asyncio.run(run())


def _write(by: str, act: "Callable[[EntryLifecycle, Actor], Awaitable[Version]]") -> "Version":
    from knowledge_base.versions import NotAllowed
    from service.identity.staff import UnknownStaff, actor_of

    async def run() -> "Version":
        async with open_database() as database:
            return await act(_desk(database), await actor_of(database, by))

    try:
        return asyncio.run(run())
    except (NotAllowed, UnknownStaff) as refused:
        raise fail(str(refused)) from refused


def _desk(database: Any) -> "EntryLifecycle":
    from knowledge_base.lifecycle import EntryLifecycle
    from knowledge_base.store import EntryStore
    from tickets.units import names_within

    return EntryLifecycle(database, EntryStore(database), names=names_within)


def _says_the_same(newest: "Version", written: "Entry") -> bool:
    """Whether saving would only repeat what is there. Part of a document is saved unchanged to say it was checked."""
    from knowledge_base.versions import OPEN, VersionState

    alive = newest.state in {*OPEN, VersionState.PUBLISHED}
    return alive and newest.source is None and not written.says_other_than(newest.entry)


def _read_yaml(slug: str, file: str) -> "Entry":
    """The entry as it was written; what is wrong is told as to somebody who edits."""
    from knowledge_base.formats import ImportRefused, read_entry

    if file != "-" and not Path(file).is_file():
        raise fail(f"没有 {file} 这个文件。")
    with TemporaryDirectory() as folder:
        path = Path(file)
        if file == "-":
            path = Path(folder) / "written.yml"
            path.write_bytes(sys.stdin.buffer.read())
        try:
            read = read_entry(path, slug)
        except ImportRefused as refused:
            raise fail(f"{refused}草稿没有存，改好后再存一次。") from refused
    if read.slug != slug:
        raise fail(f"文件里的编号是 {read.slug}，不是 {slug}。编号不能改；要新建就用新编号。")
    return read


def _pick(slug: str, every: "Sequence[Version]", number: int | None) -> "Version":
    if not every:
        raise fail(_no_such(slug))
    found = [version for version in every if number in (None, version.number)]
    if not found:
        raise fail(f"条目 {slug} 没有第 {number} 版。")
    return found[0]


def _no_such(slug: str) -> str:
    return f"没有编号为 {slug} 的条目。用 kb entry list 看有哪些。"


def _tell(version: "Version", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_facts(version), ensure_ascii=False))
        return
    say(f"{version.entry.slug} 第 {version.number} 版：{version.state.label}。")


def _facts(version: "Version") -> dict[str, Any]:
    return {
        "slug": version.entry.slug,
        "version": version.number,
        "state": version.state.value,
        "matter": version.entry.matter,
        "unit": version.entry.issuing_unit,
        "author": version.author,
        "reviewer": version.reviewer,
        "changed_at": version.changed_at.isoformat(),
    }


def _show_versions(found: "Sequence[Version]", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"versions": [_facts(version) for version in found]}, ensure_ascii=False))
        return
    rows = [
        (
            version.entry.slug,
            version.entry.matter or version.entry.question,
            f"第 {version.number} 版",
            version.state.label,
            version.author,
            version.reviewer or "",
            _shown(version.changed_at),
        )
        for version in found
    ]
    _table(("条目", "事项", "版本", "状态", "编写", "审核", "时间"), rows)
    say(f"共 {len(rows)} 个。")


def _show_due(due: "Sequence[Entry]", as_json: bool) -> None:
    if as_json:
        rows = [{"slug": e.slug, "unit": e.issuing_unit, "review_by": str(e.review_by)} for e in due]
        typer.echo(json.dumps({"entries": rows}, ensure_ascii=False))
        return
    told = [(e.slug, e.matter or e.question, e.issuing_unit, str(e.review_by)) for e in due]
    _table(("条目", "事项", "单位", "复核日期"), told)
    say(f"共 {len(due)} 个。")


_FIELDS = {
    "matter": "事项",
    "question": "问题",
    "category": "分类",
    "audience": "适用对象",
    "issuing_unit": "发布单位",
    "region": "适用地区",
    "effective_from": "生效",
    "expires_on": "失效",
    "review_by": "复核日期",
    "answer": "答复",
    "short_answer": "简短答复",
    "legal_basis": "依据",
    "attachments": "附件",
    "similar_questions": "相似问法",
    "keywords": "关键词",
    "visibility": "可见范围",
    "conditions": "条件",
    "materials": "材料",
    "steps": "流程",
    "time_limit": "时限",
    "fee": "费用",
    "place": "地点",
    "phone": "电话",
    "online": "网办",
    "legal_basis_note": "依据说明",
}


def _shown(at: datetime) -> str:
    from service.clock import shown_when

    return shown_when(at)


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, lines: bool = False) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, show_lines=lines)
    for row in rows:
        table.add_row(*map(Text, row))  # what staff wrote is text, whatever brackets it has
    Console().print(table)
