"""The calendars: each year's holidays as twelve months."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from aiohttp import web
from sqlalchemy import Connection, func, select

from console.addresses import id_of
from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.settings.deadlines.hours import hours_told
from console.settings.deadlines.parts import EDITORS, KIND, open_tickets, planned, save, time_of
from console.settings.deadlines.year_form import HOLIDAYS, differences, document_of, form_of, months
from console.settings.kept import version_of
from console.settings.section import Entry, Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date, china_moment
from service.identity.roles import Actor
from service.tasks import TaskKind, tasks
from tickets.deadlines.calendar import FIRST_YEAR, LAST_YEAR
from tickets.deadlines.days import YearDays, read_year
from tickets.deadlines.missing_years import wanted_years
from tickets.deadlines.parts import CALENDARS, days_part, year_of
from tickets.deadlines.refused import TimeSettingsRefused

_AHEAD = 3


async def show_calendars(visit: Visit) -> web.Response:
    """The years that are entered, those that are missing, and the hours."""
    parts = await time_of(visit).kept.contents()
    years = {year: read_year(year, content) for part, content in parts.items() if (year := year_of(part))}
    today = china_date(visit.now)
    offered = sorted({*years, *range(today.year, today.year + _AHEAD)}, reverse=True)
    return visit.page(
        "settings/calendars.html",
        years=[(year, years.get(year)) for year in offered],
        missing=[year for year in wanted_years(today) if year not in years],
        hours=hours_told(parts[CALENDARS]),
        coming=await planned(visit, CALENDARS),
        kind=KIND,
    )


async def show_year(visit: Visit) -> web.Response:
    """A year to read and to change."""
    year = _year(visit)
    known = await _known(visit, year)
    return await _year_page(visit, year, known, form_of(known))


async def change_year(visit: Visit) -> web.Response:
    """Say what a year would become, or keep it."""
    year, form = _year(visit), await visit.form()
    document, known = document_of(form, year), await _known(visit, year)
    looking = form.raw("do") == "look"
    note, begins = "" if looking else read_note(form), read_begins(form, visit.now)
    if form.ok and not looking:
        try:
            await save(visit, form, days_part(year), document, note, begins)
        except TimeSettingsRefused as refused:
            form.complain("free", str(refused))
        else:
            when = f"已安排，{china_date(begins)} 起按它算，之前可以撤回。" if begins else "已保存，现在就按它算。"
            return visit.go(f"/settings/calendars/{year}", f"{year}年的放假安排{when}")
    after = read_year(year, document) if form.ok else None
    return await _year_page(visit, year, known, form, after, status=200 if form.ok else 422)


def _year(visit: Visit) -> int:
    year = id_of(visit.match["year"])
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise not_there("没有这一年的日历", f"可以看 {FIRST_YEAR} 到 {LAST_YEAR} 年。")
    return year


async def _known(visit: Visit, year: int) -> YearDays | None:
    content = (await time_of(visit).kept.contents()).get(days_part(year))
    return None if content is None else read_year(year, content)


async def _year_page(
    visit: Visit, year: int, known: YearDays | None, form: Form, after: YearDays | None = None, status: int = 200
) -> web.Response:
    changed = [] if after is None else differences(known, after)
    running = 0
    if changed:
        since, until = china_moment(changed[0][0]), china_moment(changed[-1][0] + timedelta(days=1))
        running = await open_tickets(visit, since, until)
    names = dict.fromkeys((*HOLIDAYS, *(known.free if known else ()), *(after.free if after else ())))
    return visit.page(
        "settings/year.html",
        status=status,
        year=year,
        known=known,
        form=form,
        looked=after is not None,
        changed=changed,
        running=running,
        months=months(year, after or known),
        holidays=list(names),
        part=days_part(year),
        kind=KIND,
        coming=await planned(visit, days_part(year)),
        version=await version_of(visit, KIND.name, days_part(year)),
    )


def count_missing_years(_office: Office, _actor: Actor) -> Callable[[Connection], int]:
    """How many years are still to be entered."""
    missing = (tasks.c.kind == TaskKind.HOLIDAYS, tasks.c.done_at.is_(None))
    statement = select(func.count()).select_from(tasks).where(*missing)
    return lambda connection: connection.execute(statement).scalar_one()


def _entries(_office: object) -> Iterable[Entry]:
    return (Entry("夏令时和上班时间", "/settings/calendars", "作息 工作时间 值班"),)


SECTIONS = (
    Section(
        "日历",
        "每年的放假和调休，上下班时间；工作日都按它算",
        "/settings/calendars",
        EDITORS,
        "calendar",
        kinds=(KIND.name,),
        words="节假日 放假 调休 作息 工作日",
        entries=_entries,
    ),
)

ROUTES = (
    Route("GET", "/settings/calendars", EDITORS, show_calendars, "日历"),
    Route("GET", "/settings/calendars/{year}", EDITORS, show_year, "一年的放假安排"),
    Route("POST", "/settings/calendars/{year}", EDITORS, change_year, "改一年的放假安排"),
)
