"""What was done, by whom and why; for auditors, who may look at all of it and change nothing."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from aiohttp import web

from console.addresses import day_of, id_of
from console.area import Area, RailItem, Route
from console.audit.details import shown_details
from console.forms import Form
from console.rights import only
from console.visit import Visit
from service.audit import REASON_LIMIT, Deed, Line, Search, found, verify
from service.audit_notes import AuditNotes, whole
from service.clock import china_moment, shown_when
from service.identity.roles import Role
from service.jobs import JobRefused, Outcome, Tell
from service.sheets.formulas import guard_formula
from service.storage import Database

_AUDITORS = only(Role.AUDITOR)
_PAGE = 100
_WRITTEN_AT_ONCE = 2_000
_COLUMNS = ("行", "时间", "谁", "做了什么", "对谁、对什么", "为什么", "详情", "校验值")
_ASKED = ("actor", "deed", "subject", "since", "until")


async def show_audit(visit: Visit) -> web.Response:
    """The newest lines, or those that fit; looking at them is recorded as well."""
    form = Form(visit.request.query)
    search = _search(form)
    number = form.number("after")
    if asked := {name: visit.query[name] for name in _ASKED if visit.query.get(name)}:
        await visit.record(Deed.AUDIT_READ, "筛选", details=asked)
    lines = await visit.office.database.read(found(search, _PAGE + 1, number))
    shown, later = visit.paged(lines, _PAGE, lambda line: line.number)
    return visit.page(
        "audit/list.html",
        form=form,
        lines=shown,
        later=later,
        deeds=[("", "全部"), *((deed.value, deed.label) for deed in Deed if deed is not Deed.UNKNOWN)],
        reason_limit=REASON_LIMIT,
        details=shown_details,
    )


async def export(visit: Visit) -> web.StreamResponse:
    """The lines that fit as CSV, with a reason that is recorded."""
    form = await visit.form()
    reason = form.text("reason", missing="请写明为什么导出，会记在审计记录里。", limit=REASON_LIMIT)
    if not form.ok:
        return visit.go("/audit", form.errors["reason"], good=False)
    search = _search(form)
    await visit.record(Deed.EXPORT, "audit.csv", reason)
    response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="audit.csv"'})
    response.content_type = "text/csv"
    response.charset = "utf-8"
    await response.prepare(visit.request)
    await response.write("\ufeff".encode() + _csv([_COLUMNS]))  # by the mark Excel knows that it is UTF-8
    async for lines in _all(visit.office.database, search):
        await response.write(_csv([_cells(line) for line in lines]))
    await response.write_eof()
    return response


async def check(visit: Visit) -> web.Response:
    """Look at the whole chain, in a job of its own."""
    database = visit.office.database
    number, _, value = (await visit.form()).text("noted").partition(":")
    expected = dict(await asyncio.to_thread(AuditNotes.of(visit.office.settings.data_dir).read))
    if (line := id_of(number)) is not None:
        expected[line] = whole(value)

    async def work(tell: Tell) -> Outcome:
        done = await database.read(lambda connection: verify(connection, expected, tell))
        if done.broken:
            raise JobRefused(
                f"第 {done.broken.number} 行：{done.broken.what}请告诉单位的安全负责人，并保留数据库备份。"
            )
        kept = f"{done.lines}:{done.head}"
        return Outcome(f"{done.lines} 行，都没有被改过。请把这一行记在别处，下次一起查：{kept}")

    await visit.record(Deed.AUDIT_READ, "检查")
    return await visit.start("检查审计记录", work)


def _search(form: Form) -> Search:
    deed = form.raw("deed")
    since, until = day_of(form.raw("since")), day_of(form.raw("until"))
    return Search(
        actor=form.text("actor"),
        deed=Deed(deed) if deed in set(Deed) else None,
        subject=form.text("subject"),
        since=china_moment(since) if since else None,
        until=china_moment(until + timedelta(days=1)) if until else None,
    )


async def _all(database: Database, search: Search) -> AsyncIterator[Sequence[Line]]:
    before: int | None = None
    while lines := await database.read(found(search, _WRITTEN_AT_ONCE, before)):
        yield lines
        before = lines[-1].number
        await asyncio.sleep(0)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([guard_formula(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _cells(line: Line) -> list[str]:
    done = line.done
    told = (done.actor, done.deed.label, done.subject, done.reason, shown_details(done))
    return [str(line.number), shown_when(done.at), *told, line.hash]


AREA = Area(
    routes=(
        Route("GET", "/audit", _AUDITORS, show_audit, "审计记录"),
        Route("POST", "/audit/export", _AUDITORS, export, "导出审计记录"),
        Route("POST", "/audit/check", _AUDITORS, check, "检查审计记录"),
    ),
    rail=(RailItem("审计记录", "log", "/audit", about="谁、什么时候、做了什么、为什么"),),
)
