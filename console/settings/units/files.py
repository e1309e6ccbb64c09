"""The units as a sheet: given out, and taken in after a look at what it would change."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.kept_files import attached, keep_told, keep_upload, kept_path, new_path, told_of
from console.rights import ADMINISTRATORS
from console.settings.units.words import told
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.audit import Deed
from service.clock import china_date
from service.jobs import JobRefused, Outcome, Tell
from service.sheets.refusal import ImportRefused
from service.unit_list import open_unit_list
from tickets.dispatch.rules import RulesRefused
from tickets.exchange.units import read_units, write_units
from tickets.unit_history import differences
from tickets.units import Unit, UnitRefused, check_units, directory

_SHOWN = 200
LARGEST = 8 << 20
"""Bytes of a file that is sent in."""


async def show_files(visit: Visit) -> web.Response:
    """Where units are taken in and given out."""
    return visit.page("settings/unit_files.html", form=Form())


async def preview(visit: Visit) -> web.Response:
    """Read a file and say what it would change, in a job."""
    form = await visit.form()
    sent = form.file("file", missing="请先选一个文件。")
    if sent is None:
        return visit.page("settings/unit_files.html", status=422, form=form)
    office, name = visit.office, Path(sent.filename).name[:100]
    path = await keep_upload(office, sent)

    async def work(tell: Tell) -> Outcome:
        known = await office.database.read(directory)
        before = {unit.code: unit for unit in known}
        try:
            units = await asyncio.to_thread(read_units, path, known)
            tell(0.5)
            after = before | {unit.code: unit for unit in units}
            changed = [unit for unit in units if before.get(unit.code) != unit]
            check_units(changed, after)
        except (ImportRefused, UnitRefused) as refused:
            raise JobRefused(f"{refused}改好文件再来一次；什么都没有导入。") from refused
        names = {unit.code: unit.name for unit in after.values()}
        rows = [_row(before.get(unit.code), unit, names) for unit in changed]
        found = {"name": name, "rows": rows[:_SHOWN], "changed": len(rows), "same": len(units) - len(rows)}
        await keep_told(path, found)
        return Outcome("读完了，还没有导入。请看看会改什么。", f"/settings/unit-files/{path.name}")

    return await visit.start(f"读取 {name[:60]}", work)


def _row(before: Unit | None, after: Unit, names: Mapping[str, str]) -> dict[str, Any]:
    """A line of the preview: a unit that would be new, or other than now."""
    changed = told(differences(before, after), names, before)
    return {"code": after.code, "name": after.name, "new": before is None, "told": changed}


async def show_preview(visit: Visit) -> web.Response:
    """What a file would change."""
    return await _preview_page(visit, Form())


async def put(visit: Visit) -> web.Response:
    """Take a file in, now or on a day to come, in a job."""
    path, form = kept_path(visit.office, visit.match["file"]), await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    if not form.ok:
        return await _preview_page(visit, form, status=422)
    office, actor, day = visit.office, visit.actor, begins and china_date(begins)

    async def work(tell: Tell) -> Outcome:
        try:
            units = await asyncio.to_thread(read_units, path, await office.database.read(directory))
            tell(0.5)
            changed = await open_unit_list(office.database, office.clock).put(actor, units, reason=note, begins_on=day)
        except (ImportRefused, UnitRefused, RulesRefused) as refused:
            raise JobRefused(f"{refused}什么都没有导入。") from refused
        when = f"已安排 {changed} 个单位的改动，{day} 起自动改。" if day else f"新增和改动了 {changed} 个单位。"
        return Outcome(when, "/settings/units")

    return await visit.start("导入单位", work)


async def export(visit: Visit) -> web.StreamResponse:
    """Every unit as a sheet."""
    path = new_path(visit.office, ".csv")
    units = await visit.office.database.read(directory)
    await visit.record(Deed.EXPORT, "units")
    await asyncio.to_thread(write_units, units, path)
    return attached(path, f"承办单位-{china_date(visit.now)}.csv")


async def _preview_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    path = kept_path(visit.office, visit.match["file"])
    found = await told_of(visit.office, path)
    return visit.page("settings/unit_import.html", status=status, form=form, found=found, file=path.name, shown=_SHOWN)


SECTIONS = ()
ROUTES = (
    Route("GET", "/settings/unit-files", ADMINISTRATORS, show_files, "导入导出单位"),
    Route("POST", "/settings/unit-files", ADMINISTRATORS, preview, "看导入单位会改什么", largest=LARGEST),
    Route("POST", "/settings/unit-files/export", ADMINISTRATORS, export, "导出单位"),
    Route("GET", "/settings/unit-files/{file}", ADMINISTRATORS, show_preview, "看导入单位会改什么"),
    Route("POST", "/settings/unit-files/{file}", ADMINISTRATORS, put, "导入单位"),
)
