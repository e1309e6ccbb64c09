"""A list of tickets as a file: made by a job, kept encrypted for an hour, given only to who asked for it."""

import asyncio
import secrets
from urllib.parse import urlencode

from aiohttp import web

from console.office import Office
from console.refusal import not_there
from console.tickets.lists.export_files import ExportFiles
from console.tickets.lists.page import chosen_by
from console.visit import Visit
from service.audit import REASON_LIMIT
from service.clock import china_date
from service.identity.roles import Role
from service.jobs import JobRefused, Outcome, Tell
from tickets.attachments.names import download_headers
from tickets.exchange.exports import Export, ExportRefused, write_tickets
from tickets.lists import count

_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


async def export(visit: Visit) -> web.Response:
    """Begin to write the list somebody looks at; the address says which, the form how."""
    form = await visit.form()
    back = f"/tickets?{urlencode(list(visit.query.items()))}"
    kind = form.choice("kind", _KINDS, missing="请选择导出成 Excel 还是 CSV。")
    personal = form.raw("personal") == "yes" and visit.actor.is_any(Role.SUPERVISOR)
    missing = "导出完整信息要写明为什么，会记下来。" if personal else ""
    reason = form.text("reason", missing=missing, limit=REASON_LIMIT)
    wanted = chosen_by(visit).wanted
    if not form.ok:
        return visit.go(back, "".join(form.errors.values()), good=False)
    office, actor = visit.office, visit.actor
    total = max(1, await office.database.read(count(wanted)))
    files = _files(office)
    name = f"{secrets.token_hex(8)}-{china_date(visit.now):%Y%m%d}.{kind}"

    async def work(tell: Tell) -> Outcome:
        await asyncio.to_thread(files.sweep, office.clock())
        ordered = Export(wanted, personal, reason)
        try:
            with files.writing(actor.name, name) as file:
                rows = await write_tickets(
                    office.desk.lifecycle, actor, ordered, f"工单.{kind}", file, lambda done: tell(done / total)
                )
        except ExportRefused as refused:
            raise JobRefused(str(refused)) from refused
        return Outcome(f"{rows} 张工单，一小时内可以下载。", f"/tickets/exports/{name}")

    return await visit.start("导出工单", work)


async def download(visit: Visit) -> web.StreamResponse:
    """The file, to be saved; only for who asked for it."""
    name = visit.match["file"]
    found = await asyncio.to_thread(_files(visit.office).reading, visit.actor.name, name)
    if found is None:
        raise not_there("这个文件已经删掉了", "导出的文件只保留一小时，请重新导出一次。")
    size, pieces = found
    kind = name.rpartition(".")[2]
    shown = f"工单-{name.rpartition('.')[0].rpartition('-')[2]}.{kind}"
    response = web.StreamResponse(headers=download_headers(shown, _KINDS[kind], size))
    await response.prepare(visit.request)
    while piece := await asyncio.to_thread(next, pieces, b""):
        await response.write(piece)
    return response


def _files(office: Office) -> ExportFiles:
    return ExportFiles(office.settings.data_dir / "exports", office.keyring.cipher("exports"))
