"""The charts' pages: a period, its charts with their tables, and the same as a spreadsheet."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import day_of
from console.area import Area, Glance, RailItem, Route
from console.charts.chart import Chart, draw
from console.charts.figures import Scope, charts, rates_of
from console.charts.kept import Work, WorkedOut
from console.charts.telling import title_of
from console.office import Office
from console.rights import only
from console.visit import Visit
from service.audit import Deed
from service.clock import china_date, shown_when
from service.identity.roles import Actor, Role
from service.sheets.xlsx_writing import TextSheet, text_workbook
from tickets.attachments.names import download_headers
from tickets.indicators.definitions import SHIPPED, Definitions, read_definitions
from tickets.indicators.facts import FACTS
from tickets.indicators.measure import Rates, measure
from tickets.indicators.period import Period
from tickets.indicators.volumes import registered_by_day

_READERS = only(Role.SUPERVISOR, Role.UNIT_HEAD)
_LONGEST = 92  # days
_PATIENCE = 3.0  # seconds; then the page says that it is still counting
_WEEK, _MONTH = timedelta(days=6), timedelta(days=29)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_charts(visit: Visit) -> web.Response:
    """The charts of a period."""
    period, complaint = _period(visit)
    scope, work = _asked(visit, period)
    found = await visit.office.charts.charts.within(_PATIENCE, scope, work)
    drawn = [] if found is None else [(chart, draw(chart)) for chart in found.figures]
    return visit.page(
        "charts/page.html",
        period=period,
        title=title_of(period),
        complaint=complaint,
        found=found,
        drawn=drawn,
        periods=_offered(china_date(visit.now)),
        everything=scope.units is None,
        today=china_date(visit.now),
    )


async def export(visit: Visit) -> web.Response:
    """The tables of the charts as a spreadsheet, a sheet each."""
    period, _ = _period(visit)
    scope, work = _asked(visit, period)
    found = await visit.office.charts.charts.get(scope, work)
    name = f"看板-{period.first:%Y%m%d}-{period.last:%Y%m%d}.xlsx"
    await visit.record(Deed.EXPORT, name)
    content = _workbook(found)
    return web.Response(body=content, headers=download_headers(name, _XLSX, len(content)))


def _asked(visit: Visit, period: Period) -> tuple[Scope, Work[list[Chart]]]:
    """Whose charts somebody asks for, and how they are worked out."""
    office, scope = visit.office, _scope(visit.actor, period)

    async def work(at: datetime) -> WorkedOut[list[Chart]]:
        definitions = _definitions(office)
        rates = [await _rates(office, definitions, each) for each in (period, period.before)]
        now, before = (rates_of(scope.units, each.figures) for each in rates)
        titles = {entry.slug: entry.matter or entry.question for entry in office.knowledge.stored()}
        promise = timedelta(minutes=office.settings.handover_promise_minutes)
        drawn = await office.database.read(charts(definitions, scope, (now, before), titles, promise))
        return WorkedOut(drawn, min(at, *(each.at for each in rates)))

    return scope, work


async def _rates(office: Office, definitions: Definitions, period: Period) -> WorkedOut[dict[str | None, Rates]]:
    async def work(at: datetime) -> WorkedOut[dict[str | None, Rates]]:
        return WorkedOut(await office.database.read(measure(definitions, period, at, "unit")), at)

    return await office.charts.rates.get(period, work)


def _scope(actor: Actor, period: Period) -> Scope:
    return Scope(period, None if actor.is_any(Role.SUPERVISOR) else actor.units)


def _definitions(office: Office) -> Definitions:
    """The city's own, if there are any, else those of the product."""
    own = office.settings.data_dir / "indicators.yml"
    return read_definitions((own if own.exists() else SHIPPED).read_text("utf-8-sig"), FACTS)


def _period(visit: Visit) -> tuple[Period, str]:
    """What the address asks for, or the last thirty days and what is wrong with it."""
    today = china_date(visit.now)
    usual = Period(today - _MONTH, today)
    first, last = visit.query.get("from", ""), visit.query.get("to", "")
    if not first and not last:
        return usual, ""
    begins, ends = day_of(first), day_of(last)
    if begins is None or ends is None:
        return usual, "日期要写成 2026-11-01 这样，现在看的是近 30 天。"
    period = Period(begins, min(ends, today))
    if period.first > period.last:
        return usual, "开始的日期晚于结束的日期，或者还没有到，现在看的是近 30 天。"
    if (period.last - period.first).days >= _LONGEST:
        period = Period(period.last - timedelta(days=_LONGEST - 1), period.last)
        return period, f"一次最多看 {_LONGEST} 天，现在看的是最后 {_LONGEST} 天。"
    return period, ""


def _offered(today: date) -> list[tuple[str, Period]]:
    return [
        ("今天", Period(today, today)),
        ("近 7 天", Period(today - _WEEK, today)),
        ("近 30 天", Period(today - _MONTH, today)),
        ("上周", Period.week_before(today)),
        ("上个月", Period.month_before(today)),
    ]


def _workbook(found: WorkedOut[list[Chart]]) -> bytes:
    written = io.BytesIO()
    with text_workbook() as book:
        for chart in found.figures:
            sheet = TextSheet(book, chart.title.replace("：", " ")[:31], len(chart.headings))
            sheet.widths([28, *[12] * (len(chart.headings) - 1)])
            sheet.row(chart.headings, "heading")
            for row in chart.rows:
                sheet.row(row)
        about = TextSheet(book, "说明", 2)
        about.row(("算到", shown_when(found.at)))
        for chart in found.figures:
            about.row((chart.title, chart.about))
        book.save(written)
    return written.getvalue()


def _registered(before: int) -> Callable[[Office, Actor], Callable[[Connection], int]]:
    """How many came on a day.

    Args:
        before: so many days ago.
    """

    def count(office: Office, actor: Actor) -> Callable[[Connection], int]:
        day = china_date(office.clock()) - timedelta(days=before)
        found = registered_by_day(Period(day, day), _scope(actor, Period(day, day)).units)
        return lambda connection: sum(found(connection)[day].values())

    return count


AREA = Area(
    routes=(
        Route("GET", "/charts", _READERS, show_charts, "看板；单位负责人只看本单位的"),
        Route("POST", "/charts/export", _READERS, export, "导出看板"),
    ),
    rail=(RailItem("看板", "chart", "/charts", about="看每天来了多少、答上了多少、按时了没有"),),
    glances=(
        Glance("今天登记的工单", "/charts", _registered(0)),
        Glance("昨天登记的工单", "/charts", _registered(1)),
    ),
)
