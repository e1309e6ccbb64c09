"""Each figure as a chart: its title, how it is counted, its bars and its table, beside the period before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from console.charts.chart import Bar, Chart
from console.charts.trend import change, compared, points
from handover.figures import WaitingFigures
from knowledge_base.usage import Usage
from service.clock import chinese_day
from tickets.deadlines.rule_file import CHANNELS
from tickets.indicators.definitions import Definitions, Indicator
from tickets.indicators.measure import Count, Rates
from tickets.indicators.period import Period
from tickets.indicators.volumes import Volumes

_RATES = ("on_time", "closed", "accepted_in_time", "direct", "resolution", "satisfaction", "first_time", "reworked")
"""What is shown of the indicators, in order, where the city's definitions have them."""

HEAT = {"unit": "承办单位", "category": "分类", "street": "街道"}
"""By what the heat is told."""

_MOST = 10
_CHANNELS = {value: title for title, value in CHANNELS.items()}
_NONE = {"unit": "还没有派单", "category": "没有分类", "street": "没有写明街道"}


def days(volumes: Volumes, before: Volumes, compared_with: Period) -> Chart:
    """What came each day."""
    totals = {day: sum(channels.values()) for day, channels in volumes.items()}
    whole, whole_before = sum(totals.values()), sum(sum(channels.values()) for channels in before.values())
    used = sorted({channel for channels in volumes.values() for channel in channels})
    rows = [
        (day.isoformat(), str(totals[day]), *(str(channels.get(each, 0)) for each in used))
        for day, channels in volumes.items()
    ]
    return Chart(
        "days",
        "每天登记的工单",
        f"一共 {whole} 张，按登记的那天算。",
        tuple(Bar(f"{day.month}/{day.day}", count, str(count)) for day, count in totals.items()),
        ("日期", "合计", *(_CHANNELS.get(each, each) for each in used)),
        tuple(rows) if any(totals.values()) else (),
        shape="standing",
        trend=compared(whole, whole_before, "张", _named(compared_with)),
    )


def channels(volumes: Volumes, before: Volumes) -> Chart:
    """Where it came from."""
    totals, earlier = _by_channel(volumes), _by_channel(before)
    counted = [(each, totals[each]) for each in sorted(totals, key=lambda each: -totals[each])]
    return _counted("channels", "从哪里来", "按登记的渠道。", ("渠道", "工单"), counted, earlier)


def _by_channel(volumes: Volumes) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for channels in volumes.values():
        totals.update({_CHANNELS.get(channel, channel): count for channel, count in channels.items()})
    return dict(totals)


def knowledge(used: Usage, before: Usage, compared_with: Period, titles: Mapping[str, str]) -> list[Chart]:
    """What was asked: how much of it was answered, and what most."""
    asked = [("直接回答", used.answered), ("给出选项", used.choices), ("没有答案", used.no_answer)]
    decided = _shares(
        "answers", "市民问的，答上了多少", f"一共问了 {used.questions} 次，点按钮的不算。", asked, used.questions
    )
    if before.questions and used.questions:
        then, share = before.answered / before.questions, used.answered / used.questions
        told = f"直接答上的比{_named(compared_with)} {points(share, then)}。"
        decided = replace(decided, trend=compared(used.questions, before.questions, "次", _named(compared_with)) + told)
    hot = [(titles.get(slug, slug), count) for slug, count in used.top]
    about = f"说有帮助 {used.helped} 次，说没帮助 {used.not_helped} 次。"
    return [decided, _counted("matters", "问得最多的事", f"按告诉市民的次数。{about}", ("事项", "次数"), hot)]


def waits(waits: WaitingFigures, before: WaitingFigures, promise: timedelta, compared_with: Period) -> Chart:
    """Who wanted a person, and whether one came in time."""
    minutes = promise // timedelta(minutes=1)
    parts = [("要人工的", waits.asked), ("有人接的", waits.answered), (f"{minutes} 分钟内接的", waits.within_promise)]
    chart = _shares("waits", "要人工的，等到了没有", _waited(waits), parts, waits.asked)
    told = compared(waits.asked, before.asked, "位", _named(compared_with)) if waits.asked else ""
    if before.asked and waits.asked:
        told += f"说到做到的 {points(waits.promise_kept, before.promise_kept)}。"
    return replace(chart, trend=told)


def _waited(waits: WaitingFigures) -> str:
    if waits.median is None or waits.ninetieth is None or waits.longest is None:
        return "还没有人接过；没等到的、自己不等了的也算在要人工的里。"
    half, most, longest = (
        f"{length.total_seconds() / 60:.1f}" for length in (waits.median, waits.ninetieth, waits.longest)
    )
    return f"接到的人里，一半等了不到 {half} 分钟，十分之九不到 {most} 分钟，最长 {longest} 分钟。"


def rates(definitions: Definitions, measured: Rates, before: Rates) -> Chart:
    """How well it was handled."""
    known: Mapping[str, Indicator] = {each.name: each for each in definitions.indicators}
    least = definitions.smallest
    told = [name for name in _RATES if name in known and name in measured and measured[name].raw.cases]
    now = {name: measured[name].raw for name in told}
    then = {name: before[name].raw.rate(least) if name in before else None for name in told}
    return Chart(
        "rates",
        "办得怎么样",
        f"期内到期、办结或评价的工单；不到 {least} 件的只列件数，不算百分比。",
        tuple(Bar(known[name].label, now[name].rate(least) or 0, _rate(now[name], least)) for name in told),
        ("指标", "比率", "做到的", "一共", "上一段", "变化"),
        tuple(
            (
                known[name].label,
                _percent(now[name].rate(least)),
                str(now[name].hits),
                str(now[name].cases),
                _percent(then[name]),
                points(now[name].rate(least), then[name]),
            )
            for name in told
        ),
        whole=1,
    )


def heat(
    what: str,
    counted: Sequence[tuple[str | None, int]],
    before: Sequence[tuple[str | None, int]],
    names: Mapping[str, str],
) -> Chart:
    """Where the most comes from: by unit, category or street."""

    def titled(found: Sequence[tuple[str | None, int]]) -> list[tuple[str, int]]:
        return [(names.get(name, name) if name else _NONE[what], count) for name, count in found]

    title = HEAT[what]
    about = "按登记的工单，多的在前。"
    return _counted(what, f"哪里诉求多：{title}", about, (title, "工单"), titled(counted), dict(titled(before)))


def _counted(
    key: str,
    title: str,
    about: str,
    headings: tuple[str, str],
    counted: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None = None,
) -> Chart:
    """Things by how many there are: the first few as bars, all of them in the table.

    Args:
        before: how many there were in the period before; without any nothing is compared.
    """
    if not before:
        bars = tuple(Bar(name, count, str(count)) for name, count in counted[:_MOST])
        return Chart(key, title, about, bars, headings, tuple((name, str(count)) for name, count in counted))
    changes = [(name, count, before.get(name, 0)) for name, count in counted]
    bars = tuple(Bar(name, count, f"{count}（{change(count, then)}）") for name, count, then in changes[:_MOST])
    rows = tuple((name, str(count), str(then), change(count, then)) for name, count, then in changes)
    return Chart(key, title, f"{about}括号里是和上一段比。", bars, (*headings, "上一段", "变化"), rows)


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


def _named(period: Period) -> str:
    """A period that is compared with, as people call it."""
    return f"上一段（{title_of(period)}）"


def title_of(period: Period) -> str:
    """A period as the page names it."""
    return f"{chinese_day(period.first)}到{chinese_day(period.last)}"
