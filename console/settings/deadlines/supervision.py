"""Warnings, and the ladder of supervision."""

from collections.abc import Iterator
from itertools import product
from string import ascii_lowercase
from typing import Any

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.settings.deadlines.parts import EDITORS, KIND, open_tickets, planned, save, span_in, time_of
from console.settings.kept import version_of
from console.settings.section import Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date
from tickets.deadlines.parts import CALENDARS, SUPERVISION
from tickets.deadlines.refused import TimeSettingsRefused

_WARNINGS = ("yellow_percent", "yellow_days", "red_percent", "long_overdue_days")
_EMPTY_ROWS = 2
_MOST = 12
_RUNG = ("name", "key", "within", "after")


async def show(visit: Visit) -> web.Response:
    """The ladder as it is."""
    return await _page(visit, _form_of(await time_of(visit).content(SUPERVISION)))


async def change(visit: Visit) -> web.Response:
    """Keep the ladder anew."""
    form = await visit.form()
    used = {rung["key"] for each in await time_of(visit).history(SUPERVISION) for rung in each.content["ladder"]}
    document = _document(form, _new_keys(used))
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok:
        try:
            await save(visit, form, SUPERVISION, document, note, begins)
        except TimeSettingsRefused as refused:
            form.complain("name-1", str(refused))
        else:
            when = f"已安排，{china_date(begins)} 起用。" if begins else "已保存，现在就按它督办。"
            return visit.go("/settings/supervision", when)
    return await _page(visit, form, status=422)


def _form_of(content: Any) -> Form:
    warnings = content.get("warnings", {})
    values = {name: warnings.get(name, "") for name in _WARNINGS}
    values |= {name: content[name] for name in ("silent_after", "calendar")}
    for number, rung in enumerate(content["ladder"], 1):
        values |= {f"{name}-{number}": rung.get(name, "") for name in _RUNG} | {f"order-{number}": number}
    return Form.of(values)


def _document(form: Form, keys: Iterator[str]) -> dict[str, Any]:
    """The document of a form; rows without a name are left out, the others go by their order."""
    ladder: list[tuple[int, dict[str, str]]] = []
    for number in range(1, _MOST + 1):
        name = form.text(f"name-{number}", limit=20)
        if not name:
            continue
        order = form.number(f"order-{number}")
        rung = {
            "key": form.text(f"key-{number}") or next(keys),
            "name": name,
            "within": span_in(form, f"within-{number}", missing="请写单位要在多久内行动，如 1个工作日。"),
        }
        if after := span_in(form, f"after-{number}"):
            rung["after"] = after
        ladder.append((_MOST + number if order is None else order, rung))
    if not ladder:
        form.complain("name-1", "至少留一级，否则超期的工单没有人管。")
    return {
        "warnings": {name: _number(form, name) for name in _WARNINGS},
        "silent_after": span_in(form, "silent_after", missing="请写多久没有动静就要督办，如 3个工作日。"),
        "calendar": form.raw("calendar"),
        "ladder": [rung for _, rung in sorted(ladder, key=lambda each: each[0])],
    }


def _new_keys(used: set[str]) -> Iterator[str]:
    """Keys for rungs that are new. Rungs that were taken are known by their keys, so none is used again."""
    for length in (1, 2):
        for letters in product(ascii_lowercase, repeat=length):
            if (key := f"rung_{''.join(letters)}") not in used:
                yield key


def _number(form: Form, name: str) -> int:
    written = form.text(name, missing="请写一个整数。")
    if written and not (written.isdecimal() and len(written) < 5):
        form.complain(name, f"请写一个整数，现在是“{written[:10]}”。")
        return 0
    return int(written or 0)


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    calendars = await time_of(visit).content(CALENDARS)
    filled = max((number for number in range(1, _MOST + 1) if form.raw(f"name-{number}")), default=0)
    return visit.page(
        "settings/supervision.html",
        status=status,
        form=form,
        rows=range(1, min(filled + _EMPTY_ROWS, _MOST) + 1),
        calendars=[(key, each["name"]) for key, each in calendars.items()],
        running=await open_tickets(visit),
        coming=await planned(visit, SUPERVISION),
        kind=KIND,
        part=SUPERVISION,
        version=await version_of(visit, KIND.name, SUPERVISION),
    )


SECTIONS = (
    Section(
        "亮灯和督办",
        "什么时候亮黄灯红灯，超期和没有动静的一级一级催",
        "/settings/supervision",
        EDITORS,
        "bell",
        kinds=(KIND.name,),
        words="督办 催办 超期 沉默 黄灯 红灯 预警",
    ),
)

ROUTES = (
    Route("GET", "/settings/supervision", EDITORS, show, "亮灯和督办"),
    Route("POST", "/settings/supervision", EDITORS, change, "改亮灯和督办"),
)
