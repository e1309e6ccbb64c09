"""The figures of the charts, as the tickets' indicators and the use of the knowledge base have them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from console.charts.chart import Bar, Chart
from knowledge_base.usage import Usage, usage
from service.clock import chinese_day
from tickets.deadlines.rule_file import CHANNELS
from tickets.indicators.definitions import Definitions, Indicator
from tickets.indicators.measure import Count, Rate, Rates, measure
from tickets.indicators.period import Period
from tickets.indicators.volumes import Volumes, registered_by, registered_by_day
from tickets.units import directory

RATES = ("on_time", "closed", "accepted_in_time", "direct", "resolution", "satisfaction", "first_time", "reworked")
"""What is shown of the indicators, in order, where the city's definitions have them."""

_MOST = 10
_CHANNELS = {value: title for title, value in CHANNELS.items()}
_HEAT = {"unit": "承办单位", "category": "分类", "street": "街道"}
_NONE = {"unit": "还没有派单", "category": "没有分类", "street": "没有写明街道"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures.

    Attributes:
        units: those of these units; the whole hotline's if None.
    """

    period: Period
    units: frozenset[str] | None


def charts(
    definitions: Definitions, scope: Scope, titles: Mapping[str, str], at: datetime
) -> Callable[[Connection], list[Chart]]:
    """A unit of work: every chart of a period, as things stand now.

    Args:
        titles: of entries, by slug.
    """
    period, units = scope.period, scope.units

    def work(connection: Connection) -> list[Chart]:
        volumes = registered_by_day(period, units)(connection)
        names = {unit.code: unit.name for unit in directory(connection)}
        found = [_days(volumes), _channels(volumes)]
        if units is None:
            found += _knowledge(usage(period.first, period.last)(connection), titles)
        found.append(_rates(definitions, _measured(connection, definitions, scope, at)))
        found += [_heat(what, registered_by(what, period, units)(connection), names) for what in _HEAT]
        return [chart for chart in found if chart.rows]

    return work


def _measured(connection: Connection, definitions: Definitions, scope: Scope, at: datetime) -> Rates:
    if scope.units is None:
        return measure(definitions, scope.period, at)(connection).get(None, {})
    split = measure(definitions, scope.period, at, "unit")(connection)
    return _together([split[unit] for unit in sorted(scope.units) if unit in split])


def _together(several: Sequence[Rates]) -> Rates:
    """The rates of several units as one."""
    found: Rates = {}
    for rates in several:
        for name, rate in rates.items():
            one = found.setdefault(name, Rate())
            for mine, theirs in ((one.raw, rate.raw), (one.adjusted, rate.adjusted)):
                mine.hits += theirs.hits
                mine.cases += theirs.cases
    return found


def _days(volumes: Volumes) -> Chart:
    totals = {day: sum(channels.values()) for day, channels in volumes.items()}
    used = sorted({channel for channels in volumes.values() for channel in channels})
    rows = [
        (day.isoformat(), str(totals[day]), *(str(channels.get(each, 0)) for each in used))
        for day, channels in volumes.items()
    ]
    return Chart(
        "days",
        "每天登记的工单",
        f"一共 {sum(totals.values())} 张，按登记的那天算。",
        tuple(Bar(f"{day.month}/{day.day}", count, str(count)) for day, count in totals.items()),
        ("日期", "合计", *(_CHANNELS.get(each, each) for each in used)),
        tuple(rows) if any(totals.values()) else (),
        shape="standing",
    )


def _channels(volumes: Volumes) -> Chart:
    totals: dict[str, int] = {}
    for channels in volumes.values():
        for channel, count in channels.items():
            totals[channel] = totals.get(channel, 0) + count
    counted = [(_CHANNELS.get(each, each), totals[each]) for each in sorted(totals, key=lambda each: -totals[each])]
    return _counted("channels", "从哪里来", "按登记的渠道。", ("渠道", "工单"), counted)


def _knowledge(used: Usage, titles: Mapping[str, str]) -> list[Chart]:
    asked = [("直接回答", used.answered), ("给出选项", used.choices), ("没有答案", used.no_answer)]
    decided = _shares(
        "answers", "市民问的，答上了多少", f"一共问了 {used.questions} 次，点按钮的不算。", asked, used.questions
    )
    hot = [(titles.get(slug, slug), count) for slug, count in used.top]
    about = f"说有帮助 {used.helped} 次，说没帮助 {used.not_helped} 次。"
    return [decided, _counted("matters", "问得最多的事", f"按告诉市民的次数。{about}", ("事项", "次数"), hot)]


def _rates(definitions: Definitions, rates: Rates) -> Chart:
    known: Mapping[str, Indicator] = {each.name: each for each in definitions.indicators}
    shown = [(known[name].label, rates[name].raw) for name in RATES if name in known and name in rates]
    told = [(label, count) for label, count in shown if count.cases]
    return Chart(
        "rates",
        "办得怎么样",
        f"期内到期、办结或评价的工单；不到 {definitions.smallest} 件的只列件数，不算百分比。",
        tuple(
            Bar(label, count.rate(definitions.smallest) or 0, _rate(count, definitions.smallest))
            for label, count in told
        ),
        ("指标", "比率", "做到的", "一共"),
        tuple(
            (label, _percent(count.rate(definitions.smallest)), str(count.hits), str(count.cases))
            for label, count in told
        ),
        whole=1,
    )


def _heat(what: str, counted: Sequence[tuple[str | None, int]], names: Mapping[str, str]) -> Chart:
    title = _HEAT[what]
    told = [(names.get(name, name) if name else _NONE[what], count) for name, count in counted]
    return _counted(what, f"哪里诉求多：{title}", "按登记的工单，多的在前。", (title, "工单"), told)


def _counted(key: str, title: str, about: str, headings: tuple[str, str], counted: Sequence[tuple[str, int]]) -> Chart:
    """Things by how many there are: the first few as bars, all of them in the table."""
    bars = tuple(Bar(name, count, str(count)) for name, count in counted[:_MOST])
    return Chart(key, title, about, bars, headings, tuple((name, str(count)) for name, count in counted))


def _shares(key: str, title: str, about: str, parts: Sequence[tuple[str, int]], whole: int) -> Chart:
    def share(count: int) -> str:
        return f"{count / whole:.0%}" if whole else "—"

    bars = tuple(Bar(name, count, f"{count}（{share(count)}）") for name, count in parts) if whole else ()
    rows = tuple((name, str(count), share(count)) for name, count in parts) if whole else ()
    return Chart(key, title, about, bars, ("结果", "次数", "占比"), rows, whole=whole)


def _rate(count: Count, smallest: int) -> str:
    rate = count.rate(smallest)
    told = f"{count.hits}/{count.cases}"
    return told if rate is None else f"{rate:.1%}（{told}）"


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"


def title_of(period: Period) -> str:
    """A period as the page names it."""
    return f"{chinese_day(period.first)}到{chinese_day(period.last)}"
