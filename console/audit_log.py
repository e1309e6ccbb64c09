"""What was done, by whom and why; for auditors, who may look at all of it and change nothing."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from aiohttp import web

from console.addresses import day_of, id_of
from console.area import Area, RailItem, Route
from console.forms import Form
from console.rights import only
from console.visit import Visit
from service.audit import REASON_LIMIT, Deed, Line, Recorded, Search, found, record_within, verify
from service.clock import china_moment, shown_when
from service.identity.roles import Role
from service.jobs import JobRefused, Outcome, Tell
from service.sheets.formulas import guard_formula
from service.storage import Database

_AUDITORS = only(Role.AUDITOR)
_PAGE = 100
_WRITTEN_AT_ONCE = 2_000
_COLUMNS = ("行", "时间", "谁", "做了什么", "对谁、对什么", "为什么", "详情", "校验值")
_ROLES = {role.value: role.label for role in Role}
_WORDS = {
    "address": "从",
    "browser": "用",
    "before": "原来",
    "after": "现在",
    "called": "称呼先后是",
    "version": "版本",
    "lines": "行数",
    "roles": "角色",
    "units": "单位",
    "personal": "完整信息",
    "tickets": "工单",
    "notice": "通知",
    "what": "做了",
    # what a list of tickets was narrowed to
    "states": "状态",
    "is_open": "没办完",
    "involved": "参与单位",
    "handler": "经办人",
    "kind": "类型",
    "category": "分类",
    "urgency": "紧急程度",
    "channel": "来源",
    "street": "街道",
    "returned": "退回过",
    "step_from": "环节时限从",
    "step_before": "环节时限到",
    "promised_before": "承诺时间到",
    "created_from": "登记从",
    "created_before": "登记到",
}


async def show_audit(visit: Visit) -> web.Response:
    """The newest lines, or those that fit; looking at them is recorded as well."""
    form = Form(visit.request.query)
    search = _search(form)
    number = id_of(form.raw("after"))
    if number is None and visit.query:
        await _record(visit, Deed.AUDIT_READ, "筛选", {name: text for name, text in visit.query.items() if text})
    lines = await visit.office.database.read(found(search, _PAGE + 1, number))
    return visit.page(
        "audit/list.html",
        form=form,
        lines=lines[:_PAGE],
        later=visit.url(after=lines[_PAGE - 1].number) if len(lines) > _PAGE else None,
        deeds=[("", "全部"), *((deed.value, deed.label) for deed in Deed)],
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
    await _record(visit, Deed.EXPORT, "audit.csv", {}, reason)
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
    noted = (await visit.form()).text("noted")
    written, _, value = noted.partition(":")
    number = id_of(written)
    expected = {} if number is None else {number: value.strip()}

    async def work(tell: Tell) -> Outcome:
        done = await database.read(lambda connection: verify(connection, expected, tell))
        if done.broken:
            raise JobRefused(
                f"第 {done.broken.number} 行：{done.broken.what}请告诉单位的安全负责人，并保留数据库备份。"
            )
        kept = f"{done.lines}:{done.head}"
        return Outcome(f"{done.lines} 行，都没有被改过。请把这一行记在别处，下次一起查：{kept}")

    await _record(visit, Deed.AUDIT_READ, "检查", {})
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
    told = (done.actor, done.deed.label, done.subject, done.reason, shown_details(line))
    return [str(line.number), shown_when(done.at), *told, line.hash]


def shown_details(line: Line) -> str:
    """What else is known of a deed, in words."""
    return _told(line.done.details)


def _told(details: Mapping[str, object]) -> str:
    return "，".join(f"{_WORDS.get(name, name)} {_shown(value)}" for name, value in details.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_ROLES.get(each, str(each)) for each in value) or "无"
    if isinstance(value, Mapping):
        return f"（{_told(value) or '全部'}）"
    return str(value)


async def _record(visit: Visit, deed: Deed, subject: str, details: dict[str, str], reason: str = "") -> None:
    done = Recorded(visit.now, visit.actor.name, deed, subject, reason, details)
    await visit.office.database.write(lambda connection: record_within(connection, done))


AREA = Area(
    routes=(
        Route("GET", "/audit", _AUDITORS, show_audit, "审计记录"),
        Route("POST", "/audit/export", _AUDITORS, export, "导出审计记录"),
        Route("POST", "/audit/check", _AUDITORS, check, "检查审计记录"),
    ),
    rail=(RailItem("审计记录", "log", "/audit", about="谁、什么时候、做了什么、为什么"),),
)
