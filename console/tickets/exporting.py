"""A list of tickets as a file: made by a job, kept encrypted for an hour, given only to who asked for it."""

import asyncio
import secrets
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from console.refusal import not_there
from console.tickets.lists import chosen_by
from console.visit import Visit
from service.audit import REASON_LIMIT
from service.clock import china_date
from service.identity.roles import Role
from service.jobs import JobRefused, Outcome, Tell
from tickets.attachments.names import download_headers
from tickets.exchange.exports import Export, ExportRefused, export_tickets
from tickets.lists import count

_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_KEPT_SECONDS = 3600


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
    folder = _folder(visit)
    name = f"{secrets.token_hex(8)}-{china_date(visit.now):%Y%m%d}.{kind}"

    async def work(tell: Tell) -> Outcome:
        await asyncio.to_thread(_prepare, folder, office.clock().timestamp() - _KEPT_SECONDS)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            path = Path(place) / f"工单.{kind}"
            ordered = Export(wanted, personal, reason)
            try:
                rows = await export_tickets(
                    office.desk.lifecycle, actor, ordered, path, lambda done: tell(min(0.95, done / total))
                )
            except ExportRefused as refused:
                raise JobRefused(str(refused)) from refused
            content = await asyncio.to_thread(path.read_bytes)
        sealed = await asyncio.to_thread(office.keyring.cipher("exports").encrypt, content)
        await asyncio.to_thread((folder / name).write_bytes, sealed)
        return Outcome(f"{rows} 张工单，一小时内可以下载。", f"/tickets/exports/{name}")

    return await visit.start("导出工单", work)


async def download(visit: Visit) -> web.Response:
    """The file, to be saved; only for who asked for it."""
    name = visit.match["file"]
    folder = _folder(visit)
    found = {path.name: path for path in folder.glob("*.*")} if folder.is_dir() else {}
    if name not in found or not found[name].is_file():
        raise not_there("这个文件已经删掉了", "导出的文件只保留一小时，请重新导出一次。")
    sealed = await asyncio.to_thread(found[name].read_bytes)
    content = await asyncio.to_thread(visit.office.keyring.cipher("exports").decrypt, sealed)
    kind = name.rpartition(".")[2]
    shown = f"工单-{name.rpartition('.')[0].rpartition('-')[2]}.{kind}"
    return web.Response(body=content, headers=download_headers(shown, _KINDS[kind], len(content)))


def _folder(visit: Visit) -> Path:
    """Where somebody's files are: by a hash, as names may be anything."""
    whose = sha256(visit.actor.name.encode()).hexdigest()[:24]
    return visit.office.settings.data_dir / "exports" / whose


def _prepare(folder: Path, before: float) -> None:
    """Make the folder, and delete what was made before a moment, whoever made it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.parent.glob("*/*.*"):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
