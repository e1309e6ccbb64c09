"""Entries as files: taken in after a preview, taken back, given out; and documents as drafts."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.forms import Form
from console.kept_files import attached, keep_told, keep_upload, kept_path, new_path, told_of
from console.knowledge.verbs import entry_path, lifecycle_of, title_of
from console.office import Office
from console.visit import Visit
from knowledge_base.documents import DocumentRefused, candidates, read_document
from knowledge_base.documents.intake import take_in
from knowledge_base.entry import Entry
from knowledge_base.formats import ImportRefused, read_file, write_entries, write_template
from knowledge_base.formats.columns import CHINESE
from knowledge_base.import_log import PastImport, recent_imports
from knowledge_base.import_reviews import HandedIn, decided_imports, waiting_imports
from knowledge_base.imports import EntryImports, UndoRefused
from knowledge_base.live import refresh_knowledge
from knowledge_base.versions import NotAllowed
from service.audit import Deed
from service.clock import china_date
from service.jobs import JobRefused, Outcome, Tell

LARGEST = 64 << 20
"""Bytes of a file that is sent in; larger ones are the command line's."""

_SHOWN = 200  # of each kind in a preview
_NAME = 100  # characters of a document's name that are kept
_KINDS = ("csv", "xlsx", "jsonl", "yml")


async def show_files(visit: Visit) -> web.Response:
    """What can be taken in and given out, and the last imports."""
    return await _page(visit, Form())


async def preview_import(visit: Visit) -> web.Response:
    """Read a file and say what it would do, in a job."""
    form = await visit.form()
    sent = form.file("file", missing="请先选一个文件。")
    if sent is None:
        return await _page(visit, form, status=422)
    office, name = visit.office, sent.filename
    path = await keep_upload(office, sent)

    async def work(tell: Tell) -> Outcome:
        try:
            reading = await asyncio.to_thread(read_file, path, lambda share: tell(share / 2))
        except ImportRefused as refused:
            raise JobRefused(str(refused)) from refused
        found = await _imports(office).preview(reading.entries, lambda share: tell(0.5 + share / 2), reading.silent)
        there = {entry.slug for entry in reading.entries}
        gone = [entry for entry in office.knowledge.stored() if entry.slug not in there]
        told = {
            "name": name,
            "new": [_line(entry) for entry in found.new[:_SHOWN]],
            "changed": [
                _line(entry) | {"fields": [CHINESE.get(change.field, change.field) for change in changes]}
                for entry, changes in found.changed[:_SHOWN]
            ],
            "refused": [{"place": row.place, "reason": row.reason} for row in reading.refused[:_SHOWN]],
            "gone": [_line(entry) for entry in gone[:_SHOWN]],
            "silent": [CHINESE[name] for name in CHINESE if name in reading.silent],
            "counts": {
                "gone": len(gone),
                "new": len(found.new),
                "changed": len(found.changed),
                "same": len(found.same),
                "refused": len(reading.refused),
            },
        }
        await keep_told(path, told)
        return Outcome("读完了，还没有送审。请看看会改什么。", f"/knowledge/files/{path.name}")

    return await visit.start(f"读取 {name[:60]}", work)


async def show_preview(visit: Visit) -> web.Response:
    """What a file would do."""
    path = kept_path(visit.office, visit.match["file"])
    told = await told_of(visit.office, path)
    return visit.page("knowledge/import.html", told=told, file=path.name, path=entry_path, shown=_SHOWN)


async def undo_import(visit: Visit) -> web.Response:
    """Take an import back; with `rest`, but for what somebody has changed since."""
    batch = id_of(visit.match["batch"])
    imports, office = _imports(visit.office), visit.office
    if batch is None:
        return visit.go("/knowledge/files", "没有这次导入。", good=False)
    keep_changed = (await visit.form()).raw("rest") == "yes"
    try:
        done = await (imports.undo_rest if keep_changed else imports.undo)(batch, actor=visit.actor.name)
    except UndoRefused as refused:
        return visit.go("/knowledge/files", str(refused).partition("\n要留下")[0], good=False)
    await visit.record(Deed.IMPORT, f"撤销导入 {batch}：{done.entries} 条")
    await refresh_knowledge(office.entries, office.knowledge)
    left = f"后来又改过的 {len(done.left)} 条没有动。" if done.left else ""
    return visit.go("/knowledge/files", f"已撤销 {done.entries} 条。{left}")


async def export(visit: Visit) -> web.Response:
    """Write every published entry into a file, in a job."""
    kind = (await visit.form()).raw("kind")
    suffix = f".{kind if kind in _KINDS else _KINDS[0]}"
    office = visit.office
    path = new_path(office, suffix)

    async def work(tell: Tell) -> Outcome:
        def write(entries: Iterator[Entry], count: int) -> int:
            def counted() -> Iterator[Entry]:
                for number, entry in enumerate(entries, 1):
                    yield entry
                    tell(number / count)

            write_entries(counted(), path)
            return count

        try:
            count = await office.entries.walk(write)
        except ImportRefused as refused:
            raise JobRefused(str(refused)) from refused
        await visit.record(Deed.EXPORT, f"{count} 条知识")
        return Outcome(f"导出了 {count} 条，文件留一天。", f"/knowledge/files/{path.name}/download")

    return await visit.start("导出条目", work)


async def download(visit: Visit) -> web.StreamResponse:
    """A file that was written."""
    path = kept_path(visit.office, visit.match["file"])
    return attached(path, f"知识条目-{china_date(visit.now)}{path.suffix}")


async def template(visit: Visit) -> web.StreamResponse:
    """A file to fill in."""
    kind = visit.query.get("kind", "")
    path = new_path(visit.office, f".{kind if kind in _KINDS else _KINDS[0]}")
    await asyncio.to_thread(write_template, path)
    return attached(path, f"知识条目模板{path.suffix}")


async def take_document(visit: Visit) -> web.Response:
    """Make drafts of a policy document, in a job."""
    form = await visit.form()
    sent = form.file("document", missing="请先选一份文件。")
    if sent is None:
        return await _page(visit, form, status=422)
    office, actor, name = visit.office, visit.actor, Path(sent.filename).name[-_NAME:]
    path = await keep_upload(office, sent)

    async def work(tell: Tell) -> Outcome:
        def read() -> Any:
            folder = path.with_name(f"{path.stem}-document")
            folder.mkdir(exist_ok=True)
            named = folder / name  # drafts say which document they are from
            try:
                named.write_bytes(path.read_bytes())
                return candidates(read_document(named, lambda share: tell(share / 2)))
            finally:
                named.unlink(missing_ok=True)
                folder.rmdir()

        try:
            proposed = await asyncio.to_thread(read)
            done = await take_in(lifecycle_of(office), actor, proposed, lambda share: tell(0.5 + share / 2))
        except (DocumentRefused, NotAllowed) as refused:
            raise JobRefused(f"{name}：{refused}") from refused
        known = f"以前取过的 {len(done.known)} 份没有动。" if done.known else ""
        said = f"存了 {len(done.saved)} 份草稿。{known}要有人对照原文改好、保存，才能送审。"
        return Outcome(said, "/knowledge?state=draft")

    return await visit.start(f"拆分 {name[:60]}", work)


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    def read(connection: Connection) -> tuple[list[PastImport], list[HandedIn]]:
        return recent_imports(connection), [*waiting_imports(connection), *decided_imports(connection)]

    imports, handed = await visit.office.database.read(read)
    return visit.page(
        "knowledge/files.html",
        status=status,
        form=form,
        kinds=_KINDS,
        imports=imports,
        handed=handed,
        by_batch={each.batch: each for each in handed if each.batch is not None},
    )


def _imports(office: Office) -> EntryImports:
    return EntryImports(office.database, office.entries, office.clock)


def _line(entry: Entry) -> dict[str, Any]:
    return {"slug": entry.slug, "title": title_of(entry)}
