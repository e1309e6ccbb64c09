"""`liaotianban report week|month`: rates of a period, as tickets stood when it was over."""

import asyncio
import csv
import json
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import open_database, settings
from program.commands.output import AsJson, fail

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from handover.figures import WaitingFigures
    from tickets.indicators.definitions import Definitions, Indicator
    from tickets.indicators.measure import Count, Rates
    from tickets.indicators.period import Period

report = typer.Typer(help="办理情况的各项指标。", no_args_is_help=True)

_DAY = ["%Y-%m-%d"]
_BY = {"unit": "单位", "kind": "类型", "category": "类别", "street": "街道", "channel": "渠道"}
From = Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="从哪天起；不写就是上一整周或上一整月。")]
To = Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="到哪天为止，含这一天。")]
By = Annotated[str | None, typer.Option(help="分开看：unit、kind、category、street 或 channel。")]
AsCsv = Annotated[bool, typer.Option("--csv", help="输出 CSV。")]
WithDefinitions = Annotated[bool, typer.Option("--definitions", help="附上每项指标怎么算、不计入什么。")]


@report.command()
def week(
    first: From = None,
    last: To = None,
    by: By = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    explained: WithDefinitions = False,
) -> None:
    """上一整周（周一到周日）的指标。"""
    from tickets.indicators.period import Period

    _report(_period(first, last, Period.week_before), by, as_json, as_csv, explained)


@report.command()
def month(
    first: From = None,
    last: To = None,
    by: By = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    explained: WithDefinitions = False,
) -> None:
    """上一整月的指标。"""
    from tickets.indicators.period import Period

    _report(_period(first, last, Period.month_before), by, as_json, as_csv, explained)


def _period(first: datetime | None, last: datetime | None, usual: "Callable[[date], Period]") -> "Period":
    from service.clock import china_date, now
    from tickets.indicators.period import Period

    today = china_date(now())
    if first is None and last is None:
        chosen: Period = usual(today)
        return chosen
    if first is None or (last is not None and last < first):
        raise fail("请写明 --from，并且不晚于 --to，例如 --from 2026-11-01 --to 2026-11-15。")
    if first.date() > today:
        raise fail("--from 还没有到，没有可以统计的。")
    return Period(first.date(), last.date() if last else today)


def _report(period: "Period", by: str | None, as_json: bool, as_csv: bool, explained: bool) -> None:
    if by is not None and by not in _BY:
        raise fail(f"--by 可以写：{'、'.join(_BY)}。")
    definitions = _definitions()
    found, names, waits = asyncio.run(_measured(definitions, period, by))
    groups = sorted(found, key=lambda key: (key is None, str(key)))
    rows = [
        _row(each, found[group][each.name].raw, found[group][each.name].adjusted, definitions.smallest)
        | ({} if by is None else {"group": group, "group_label": names.get(group, group or "（没有）")})
        for group in groups
        for each in definitions.indicators
    ]
    if as_json:
        head: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat(), "by": by}
        more: dict[str, Any] = (
            {"definitions": [_explained(each) for each in definitions.indicators]} if explained else {}
        )
        more |= {} if waits is None else {"handover": _waits_as_dict(waits)}
        typer.echo(json.dumps(head | {"smallest": definitions.smallest, "rates": rows} | more, ensure_ascii=False))
    elif as_csv:
        _write_csv(rows, by)
    else:
        _print(period, rows, by, definitions.smallest)
        if waits is not None:
            typer.echo(_waits_told(waits))
        if explained:
            _print_definitions(definitions)


def _definitions() -> "Definitions":
    """The city's own, if there are any, else those of the product."""
    from tickets.indicators.definitions import SHIPPED, IndicatorsRefused, read_definitions
    from tickets.indicators.facts import FACTS

    own = settings().data_dir / "indicators.yml"
    file = own if own.exists() else SHIPPED
    try:
        return read_definitions(file.read_text("utf-8-sig"), FACTS)
    except UnicodeDecodeError as error:
        raise fail(f"{file} 不是 UTF-8 文本，请另存为 UTF-8 再试。") from error
    except IndicatorsRefused as refused:
        raise fail(f"{file}\n{refused}") from refused


async def _measured(
    definitions: "Definitions", period: "Period", by: str | None
) -> "tuple[dict[str | None, Rates], dict[str | None, str], WaitingFigures | None]":
    from handover.figures import waiting_figures
    from service.clock import now
    from tickets.indicators.measure import measure
    from tickets.ticket import Kind
    from tickets.units import directory

    async with open_database() as database:
        found = await database.read(measure(definitions, period, now(), by))
        if by == "unit":
            return found, {unit.code: unit.name for unit in await database.read(directory)}, None
        if by:
            return found, {kind.value: kind.label for kind in Kind} if by == "kind" else {}, None
        promise = timedelta(minutes=settings().handover_promise_minutes)
        return found, {}, await database.read(waiting_figures(period.begins, period.ends, promise))


def _waits_as_dict(waits: "WaitingFigures") -> dict[str, Any]:
    lengths = {"median": waits.median, "ninetieth": waits.ninetieth, "longest": waits.longest}
    seconds = {
        f"{name}_seconds": None if length is None else length.total_seconds() for name, length in lengths.items()
    }
    counts = {"asked": waits.asked, "answered": waits.answered, "within_promise": waits.within_promise}
    return counts | seconds | {"promise_kept": waits.promise_kept}


def _waits_told(waits: "WaitingFigures") -> str:
    if not waits.asked:
        return "转人工：没有人要过人工。"
    minutes = settings().handover_promise_minutes
    told = f"转人工：{waits.asked} 位要人工，接到 {waits.answered} 位，{minutes} 分钟内接到 {waits.within_promise} 位"
    longest = "" if waits.longest is None else f"，最久等了 {waits.longest.total_seconds() / 60:.1f} 分钟"
    return f"{told}（{waits.promise_kept:.0%}）{longest}。"


def _row(indicator: "Indicator", raw: "Count", adjusted: "Count", smallest: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": indicator.name, "label": indicator.label}
    row |= {"hits": raw.hits, "cases": raw.cases, "rate": raw.rate(smallest)}
    if indicator.adjusted:
        row |= {"adjusted_hits": adjusted.hits, "adjusted_cases": adjusted.cases}
        row |= {"adjusted_rate": adjusted.rate(smallest)}
    return row


def _shown(row: dict[str, Any], prefix: str = "") -> str:
    cases, hits, rate = (row.get(f"{prefix}{name}") for name in ("cases", "hits", "rate"))
    if cases is None:
        return ""
    if not cases:
        return "没有"
    return f"{hits}/{cases}" if rate is None else f"{rate:.1%}（{hits}/{cases}）"


def _print(period: "Period", rows: list[dict[str, Any]], by: str | None, smallest: int) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{period.first} 至 {period.last}"
    split = [] if by is None else [_BY[by]]
    table = Table(*split, "指标", "原始", "调整后", title=title)
    for row in rows:
        table.add_row(*([row["group_label"]] if by else []), row["label"], _shown(row), _shown(row, "adjusted_"))
    console = Console()
    console.print(table)
    console.print(f"不到 {smallest} 件的只列件数。调整后：不含经核实没有依据的。", highlight=False)


def _write_csv(rows: list[dict[str, Any]], by: str | None) -> None:
    names = {} if by is None else {"group_label": _BY[by]}
    names |= {"label": "指标", "hits": "分子", "cases": "分母", "rate": "比率"}
    names |= {"adjusted_hits": "调整后分子", "adjusted_cases": "调整后分母", "adjusted_rate": "调整后比率"}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names.values())
    for row in rows:
        writer.writerow(_cell(row.get(name)) for name in names)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.4f}"
    # A spreadsheet would take a name that begins like this for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@" else value


def _explained(indicator: "Indicator") -> dict[str, Any]:
    from tickets.indicators.facts import FACTS

    def told(condition: Any) -> str:
        alternatives = [
            [("" if said.holds else "不是：") + FACTS[said.fact] for said in either] for either in condition
        ]
        return "；".join(map(" 或者 ".join, alternatives))

    return {
        "label": indicator.label,
        "below": told(indicator.below),
        "above": told(indicator.above),
        "without": {FACTS[each.fact]: each.because for each in indicator.without},
        "adjusted": {FACTS[each.fact]: each.because for each in indicator.adjusted},
    }


def _print_definitions(definitions: "Definitions") -> None:
    from tickets.indicators.facts import FACTS

    for indicator in definitions.indicators:
        told = _explained(indicator)
        typer.echo(f"\n{told['label']}\n  分母：{told['below']}\n  分子：其中{told['above']}")
        for name, heading in (("without", "不计入"), ("adjusted", "调整后不计入")):
            for fact, because in told[name].items():
                typer.echo(f"  {heading}：{fact}（{because}）")
    typer.echo("\n可以用的事实：")
    for name, meaning in FACTS.items():
        typer.echo(f"  {name}：{meaning}")
