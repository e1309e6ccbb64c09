"""The dispatch list as a file: given out, and put in place of the one in use after a look at what that changes."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.kept_files import attached, keep_told, keep_upload, kept_path, new_path, told_of
from console.settings.dispatch.pages import DISPATCHERS, rules_of, store_of
from console.settings.when import read_note
from console.visit import Visit
from service.audit import Deed
from service.clock import china_date
from service.jobs import JobRefused, Outcome, Tell
from tickets.dispatch.rule_files import read_rules, write_rules
from tickets.dispatch.rules import Rule, RulesRefused

LARGEST = 16 << 20
"""Bytes of a file that is sent in."""

_SHOWN = 200
_KINDS = ("csv", "yml")


async def show_files(visit: Visit) -> web.Response:
    """Where the list is taken in and given out."""
    return visit.page("settings/dispatch_files.html", form=Form(), kinds=_KINDS)


async def preview(visit: Visit) -> web.Response:
    """Read a file and say what it would change, in a job."""
    form = await visit.form()
    sent = form.file("file", missing="请先选一个文件。")
    if sent is None:
        return visit.page("settings/dispatch_files.html", status=422, form=form, kinds=_KINDS)
    office, name = visit.office, Path(sent.filename).name[:100]
    path = await keep_upload(office, sent)

    async def work(tell: Tell) -> Outcome:
        try:
            wanted = {rule.key: rule for rule in await asyncio.to_thread(read_rules, path)}
        except RulesRefused as refused:
            raise JobRefused(f"{refused}改好文件再来一次；什么都没有导入。") from refused
        tell(0.5)
        known = {rule.key: rule for rule in await rules_of(visit)}
        rows = list(_rows(known, wanted))
        counts = {what: sum(row["what"] == what for row in rows) for what in ("删掉", "新增", "改动")}
        found = {"name": name, "rows": rows[:_SHOWN], "counts": counts, "all": len(rows), "every": len(wanted)}
        await keep_told(path, found)
        return Outcome("读完了，还没有导入。请看看会改什么。", f"/settings/dispatch-files/{path.name}")

    return await visit.start(f"读取 {name[:60]}", work)


async def show_preview(visit: Visit) -> web.Response:
    """What a file would change."""
    return await _preview_page(visit, Form())


async def put(visit: Visit) -> web.Response:
    """Put a file's list in place of the one in use, in a job."""
    path, form = kept_path(visit.office, visit.match["file"]), await visit.form()
    note = read_note(form)
    if not form.ok:
        return await _preview_page(visit, form, status=422)
    actor, store = visit.actor, store_of(visit)

    async def work(tell: Tell) -> Outcome:
        try:
            rules = await asyncio.to_thread(read_rules, path)
            tell(0.5)
            await store.replace(actor, rules, reason=note)
        except RulesRefused as refused:
            raise JobRefused(f"{refused}什么都没有导入。") from refused
        return Outcome(f"派单目录换好了，共 {len(rules)} 条；在历史里可以整个撤销。", "/settings/dispatch")

    return await visit.start("导入派单目录", work)


async def export(visit: Visit) -> web.StreamResponse:
    """Every rule as a file."""
    kind = (await visit.form()).raw("kind")
    path = new_path(visit.office, f".{kind if kind in _KINDS else _KINDS[0]}")
    await visit.record(Deed.EXPORT, "dispatch rules")
    await asyncio.to_thread(write_rules, await rules_of(visit), path)
    return attached(path, f"派单目录-{china_date(visit.now)}{path.suffix}")


def _rows(known: Mapping[str, Rule], wanted: Mapping[str, Rule]) -> Iterator[dict[str, str]]:
    """The lines of the preview: what would go, be new, be other than now."""
    for key in sorted(known.keys() - wanted.keys()):
        yield {"key": key, "what": "删掉", "told": f"{known[key].told} → {known[key].lead}"}
    for key, rule in wanted.items():
        before = known.get(key)
        if before is None:
            yield {"key": key, "what": "新增", "told": f"{rule.told} → {rule.lead}"}
        elif before != rule:
            was = f"（原来：{before.told} → {before.lead}）"
            yield {"key": key, "what": "改动", "told": f"{rule.told} → {rule.lead}{was}"}


async def _preview_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    path = kept_path(visit.office, visit.match["file"])
    found = await told_of(visit.office, path)
    return visit.page(
        "settings/dispatch_import.html", status=status, form=form, found=found, file=path.name, shown=_SHOWN
    )


SECTIONS = ()
ROUTES = (
    Route("GET", "/settings/dispatch-files", DISPATCHERS, show_files, "导入导出派单目录"),
    Route("POST", "/settings/dispatch-files", DISPATCHERS, preview, "看导入派单目录会改什么", largest=LARGEST),
    Route("POST", "/settings/dispatch-files/export", DISPATCHERS, export, "导出派单目录"),
    Route("GET", "/settings/dispatch-files/{file}", DISPATCHERS, show_preview, "看导入派单目录会改什么"),
    Route("POST", "/settings/dispatch-files/{file}", DISPATCHERS, put, "导入派单目录"),
)
