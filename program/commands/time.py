"""`liaotianban time …`: working hours, holidays, time rules and supervision, as staff keep them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from tickets.deadlines.settings import TimeSettings

time = typer.Typer(help="时限：工作时间、放假安排、时限规则、督办。", no_args_is_help=True)

_Result = TypeVar("_Result")
PartName = Annotated[str, typer.Argument(metavar="PART", help="calendars、days-2027、rules 或 supervision。")]


@time.command("show")
def time_show(part: PartName) -> None:
    """现在用的设置，YAML；改好可以用 time set 换上。"""
    import yaml

    content = _run(lambda kept: kept.content(part))
    typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None), nl=False)


@time.command("set")
def time_set(
    part: PartName,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML 文件。")],
    by: As,
    note: Annotated[str, typer.Option(help="为什么改，如依据的文件和文号。")],
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪天起；不写就马上。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """换上新的设置；已经承诺的时限不变。"""
    from service.clock import CHINA, shown_when
    from service.identity.staff import actor_of
    from service.kept.versions import SettingsVersion

    first = begins.replace(tzinfo=CHINA) if begins else None

    async def change(kept: "TimeSettings") -> SettingsVersion:
        actor = await actor_of(kept.database, by)
        return await kept.change(actor, part, _text(file), note=note, effective_from=first)

    written = _run(change)
    if as_json:
        show({"part": part, "version": written.version, "from": written.effective_from.isoformat()}, as_json)
    else:
        say(f"已改好：{part} 第 {written.version} 版，从 {shown_when(written.effective_from)} 起用。")


@time.command("history")
def time_history(part: PartName) -> None:
    """谁在什么时候改的、为什么、从何时起用，最近的在前。"""
    from rich.console import Console
    from rich.table import Table

    from service.clock import shown_when

    table = Table("版本", "谁", "什么时候", "从何时起", "为什么")
    for each in _run(lambda kept: kept.history(part)):
        table.add_row(str(each.version), each.actor, shown_when(each.at), shown_when(each.effective_from), each.note)
    Console().print(table)


@time.command("try")
def time_try(
    kind: Annotated[str, typer.Option(help="诉求类型，如 投诉。")] = "投诉",
    channel: Annotated[str, typer.Option(help="渠道，如 电话。")] = "电话",
    urgency: Annotated[str, typer.Option(help="普通、紧急或特急。")] = "普通",
    category: Annotated[str, typer.Option(help="分类，如 旅游/景区服务。")] = "",
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d %H:%M"], help="登记的时间；不写就是现在。")] = None,
    as_json: AsJson = False,
) -> None:
    """试一试：这样的诉求什么时候到期，是哪条规则定的。"""
    from service.clock import CHINA, now, shown_when
    from tickets.deadlines.calendar import FIRST_YEAR, LAST_YEAR
    from tickets.deadlines.rule_file import CHANNELS, KINDS, URGENCIES
    from tickets.deadlines.terms import Term

    if kind not in KINDS or urgency not in URGENCIES:
        raise fail(f"类型可以写：{'、'.join(KINDS)}；紧急程度可以写：{'、'.join(URGENCIES)}。")
    moment = at.replace(tzinfo=CHINA) if at else now()
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise fail(f"只能推算 {FIRST_YEAR} 到 {LAST_YEAR - 1} 年登记的诉求。")
    timetable = _run(lambda kept: kept.timetable(moment))
    terms = timetable.terms(
        kind=KINDS[kind],
        channel=CHANNELS.get(channel, channel),
        urgency=URGENCIES[urgency],
        category=category,
        at=moment,
    )
    promise = timetable.start(Term.PROMISE, terms, moment)
    if as_json:
        steps = {term.value: str(given.span) for term, given in terms.given.items()}
        show({"due_at": promise.due_at.isoformat(), "rule": promise.rule, "terms": steps}, as_json)
        return
    typer.echo(f"承诺 {promise.last_day} 前答复（{shown_when(promise.due_at)} 到期）")
    for term in Term:
        given = terms.given[term]
        typer.echo(f"{term.label}：{given.span}（规则“{given.rule}”）")
    for year in promise.unknown_years:
        say(f"{year}年的放假安排还没有录入，按周末推算。请用 time set days-{year} 录入。")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail(f"{file.name} 不是 UTF-8 文本，请另存为 UTF-8 再试。") from error


def _run(work: "Callable[[TimeSettings], Awaitable[_Result]]") -> _Result:
    from service.identity.staff import UnknownStaff
    from tickets.deadlines.refused import TimeSettingsRefused
    from tickets.deadlines.settings import TimeSettings

    async def run() -> _Result:
        async with open_database() as database:
            kept = TimeSettings(database)
            await kept.seed()
            return await work(kept)

    try:
        return asyncio.run(run())
    except (TimeSettingsRefused, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
