"""When a calendar works: its weekdays, its hours, and other hours in some seasons."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.settings.deadlines.parts import EDITORS, KIND, WEEKDAYS, open_tickets, planned, save, time_of
from console.settings.kept import version_of
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date
from tickets.deadlines.parts import CALENDARS
from tickets.deadlines.refused import TimeSettingsRefused


async def show_hours(visit: Visit) -> web.Response:
    """The hours of a calendar, or of a new one."""
    kept = (await time_of(visit).content(CALENDARS)).get(visit.query.get("calendar", ""), {})
    values = {
        "key": visit.query.get("calendar", ""),
        "name": kept.get("name", ""),
        "weekdays": list(kept.get("weekdays", "一二三四五")),
        "hours": "、".join(_listed(kept.get("hours", "9:00-12:00、13:30-17:30"))),
        "seasons": "\n".join(_season_told(season) for season in kept.get("seasons", [])),
        "holidays": "yes" if kept.get("holidays", True) else "",
    }
    return await _hours_page(visit, Form.of(values))


async def change_hours(visit: Visit) -> web.Response:
    """Keep the hours of a calendar."""
    form = await visit.form()
    key = form.text("key", missing="请写代码，如 court；以后不能改。", limit=30)
    hours = _hours_in(form)
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok:
        try:
            content = await time_of(visit).content(CALENDARS, begins)
            await save(visit, form, CALENDARS, content | {key: hours}, note, begins)
        except TimeSettingsRefused as refused:
            form.complain(_field_of(str(refused)), str(refused))
        else:
            when = f"已安排，{china_date(begins)} 起用。" if begins else "已保存，现在就按它算。"
            return visit.go("/settings/calendars", f"“{hours['name']}”{when}")
    return await _hours_page(visit, form, status=422)


def _hours_in(form: Form) -> dict[str, Any]:
    """The hours as a document has them."""
    seasons = []
    for line in filter(None, map(str.strip, form.text("seasons").splitlines())):
        days, _, hours = line.partition(" ")
        seasons.append({"days": days.replace("～", "~"), "hours": _listed(hours)})
    document: dict[str, Any] = {
        "name": form.text("name", missing="请写名称，如 机关工作时间。", limit=40),
        "weekdays": "".join(day for day in WEEKDAYS if day in form.several("weekdays")),
        "hours": _listed(form.text("hours", missing="请写上班时间，如 9:00-12:00、13:30-17:30。")),
        "holidays": form.raw("holidays") == "yes",
    }
    if not document["weekdays"]:
        form.complain("weekdays", "至少要有一天上班。")
    return document | ({"seasons": seasons} if seasons else {})


def _field_of(message: str) -> str:
    """Which field of the hours a complaint is about."""
    names = {"seasons": "seasons", "days": "seasons", "hours": "hours", "weekdays": "weekdays", "name": "name"}
    return next((field for name, field in names.items() if name in message), "key")


def _listed(hours: Any) -> list[str]:
    if isinstance(hours, list):
        return [str(each) for each in hours]
    return [each.strip() for each in str(hours).replace("，", "、").replace(",", "、").split("、") if each.strip()]


def _season_told(season: Mapping[str, Any]) -> str:
    """A season in words: its days, and its hours behind them."""
    return f"{season['days']} {'、'.join(_listed(season['hours']))}"


def hours_told(calendars: Mapping[str, Any]) -> list[dict[str, str]]:
    """The calendars in words."""
    return [
        {
            "key": key,
            "name": each["name"],
            "weekdays": "周" + "、".join(each["weekdays"]) if len(each["weekdays"]) < len(WEEKDAYS) else "每天",
            "hours": "、".join(_listed(each["hours"])),
            "seasons": "；".join(_season_told(season) for season in each.get("seasons", [])),
            "holidays": "随节假日" if each.get("holidays", True) else "节假日照常",
        }
        for key, each in calendars.items()
    ]


async def _hours_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    return visit.page(
        "settings/hours.html",
        status=status,
        form=form,
        new=form.raw("key") not in await time_of(visit).content(CALENDARS),
        weekdays=[(day, f"周{day}", None) for day in WEEKDAYS],
        running=await open_tickets(visit),
        coming=await planned(visit, CALENDARS),
        kind=KIND,
        version=await version_of(visit, KIND.name, CALENDARS),
    )


SECTIONS = ()
ROUTES = (
    Route("GET", "/settings/calendar-hours", EDITORS, show_hours, "上下班时间"),
    Route("POST", "/settings/calendar-hours", EDITORS, change_hours, "改上下班时间"),
)
