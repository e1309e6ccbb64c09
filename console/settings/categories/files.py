"""The tree of categories as a sheet: given out, and taken in after a look at what it would change."""

import asyncio
from pathlib import Path

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.kept_files import attached, keep_upload, kept_path, new_path
from console.rights import ADMINISTRATORS
from console.settings.categories.pages import PATH, store_of
from console.settings.kept import keep
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.audit import Deed
from service.clock import china_date
from service.kept.differences import differences
from service.sheets.refusal import ImportRefused
from tickets.categories import CategoriesRefused
from tickets.category_kind import CATEGORIES
from tickets.exchange.categories import read_categories, write_categories

_LARGEST = 4 << 20  # bytes of a file that is sent in


async def show_files(visit: Visit) -> web.Response:
    """Where categories are taken in and given out."""
    return visit.page("settings/category_files.html", form=Form())


async def take_in(visit: Visit) -> web.Response:
    """Read a file, and go on to what it would change."""
    form = await visit.form()
    sent = form.file("file", missing="请先选一个文件。")
    if sent is None:
        return visit.page("settings/category_files.html", status=422, form=form)
    path = await keep_upload(visit.office, sent)
    try:
        leaves = await asyncio.to_thread(read_categories, path)
        before = await store_of(visit).contents()
        store_of(visit).kind.check(before, before | leaves)
    except (ImportRefused, CategoriesRefused) as refused:
        form.complain("file", f"{refused}改好文件再来一次；什么都没有导入。")
        return visit.page("settings/category_files.html", status=422, form=form)
    return visit.go(f"{PATH}/files/{path.name}")


async def show_changes(visit: Visit) -> web.Response:
    """What a file would change."""
    return await _changes_page(visit, kept_path(visit.office, visit.match["file"]), Form())


async def put_file(visit: Visit) -> web.Response:
    """Take it in, now or on a day to come."""
    path, form = kept_path(visit.office, visit.match["file"]), await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok:
        try:
            leaves = await asyncio.to_thread(read_categories, path)
            changed = len(await keep(visit, CATEGORIES, leaves, note, begins))
        except (ImportRefused, CategoriesRefused) as refused:
            form.complain("note", str(refused))
        else:
            return visit.go(PATH, f"改了 {changed} 个分类。" if not begins else f"{changed} 个分类到那天自动改。")
    return await _changes_page(visit, path, form, status=422)


async def export(visit: Visit) -> web.StreamResponse:
    """The tree as a sheet."""
    path = new_path(visit.office, ".csv")
    await visit.record(Deed.EXPORT, "categories")
    await asyncio.to_thread(write_categories, list(visit.office.categories), path)
    return attached(path, f"诉求分类-{china_date(visit.now)}.csv")


async def _changes_page(visit: Visit, path: Path, form: Form, status: int = 200) -> web.Response:
    leaves, before = await asyncio.to_thread(read_categories, path), await store_of(visit).contents()
    changed = {
        code: differences(before.get(code), leaf, store_of(visit).kind.names)
        for code, leaf in leaves.items()
        if before.get(code) != leaf
    }
    return visit.page(
        "settings/category_import.html",
        status=status,
        form=form,
        file=path.name,
        changed={code: (code not in before, told) for code, told in changed.items()},
        same=len(leaves) - len(changed),
        missing=[code for code, leaf in before.items() if code not in leaves and not leaf["retired"]],
    )


SECTIONS = ()
ROUTES = (
    Route("GET", f"{PATH}/files", ADMINISTRATORS, show_files, "导入导出分类"),
    Route("POST", f"{PATH}/files", ADMINISTRATORS, take_in, "看导入分类会改什么", largest=_LARGEST),
    Route("POST", f"{PATH}/files/export", ADMINISTRATORS, export, "导出分类"),
    Route("GET", f"{PATH}/files/{{file}}", ADMINISTRATORS, show_changes, "看导入分类会改什么"),
    Route("POST", f"{PATH}/files/{{file}}", ADMINISTRATORS, put_file, "导入分类"),
)
