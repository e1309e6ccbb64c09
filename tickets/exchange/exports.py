"""Tickets given out as a file, one row each: a page at a time, so that a million need no more memory than a thousand.

Who wants requesters' names and numbers needs the right and a reason; every export is recorded before it begins.
"""

import asyncio
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.clock import shown_when
from service.identity.roles import Actor, Role
from service.sheets.formulas import guard_formula
from service.sheets.xlsx_streaming import TooLarge, text_table
from tickets.deadlines.rule_file import CHANNELS
from tickets.intake.phone import display_phone
from tickets.lifecycle import Lifecycle
from tickets.lists import Filter, page
from tickets.masking import is_confidential, revealed_to, seen_by
from tickets.ticket import Ticket
from tickets.units import directory
from tickets.views import filter_for

_PAGE = 2000
_SHEET_ROWS = 1_048_575  # of a spreadsheet, below its headings
_CHANNELS = {value: title for title, value in CHANNELS.items()}

COLUMNS = (
    "工单编号",
    "上级工单编号",
    "状态",
    "诉求类型",
    "分类",
    "事项",
    "渠道",
    "紧急程度",
    "街道",
    "社区",
    "地点",
    "诉求内容",
    "诉求人",
    "联系电话",
    "保密",
    "主办单位",
    "退单次数",
    "重办次数",
    "延期次数",
    "办结方式",
    "登记时间",
    "承诺时限",
    "办结时间",
    "逾期",
)
"""The headings, in order."""

Names = dict[str, str]
Write = Callable[[Sequence[Sequence[str]]], None]


class ExportRefused(Exception):
    """It is not given out like this; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be given out.

    Attributes:
        personal: whether requesters' names and numbers are to be readable.
        reason: why, where they are.
    """

    wanted: Filter
    personal: bool = False
    reason: str = ""


async def export_tickets(
    lifecycle: Lifecycle, actor: Actor, export: Export, path: Path, told: Callable[[int], object] = lambda rows: None
) -> int:
    """Write a CSV or XLSX file; how many tickets are in it. It is there whole or not at all. See `write_tickets`."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            count = await write_tickets(lifecycle, actor, export, path.name, file, told)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


async def write_tickets(
    lifecycle: Lifecycle,
    actor: Actor,
    export: Export,
    name: str,
    file: IO[bytes],
    told: Callable[[int], object] = lambda rows: None,
) -> int:
    """Write tickets into an open file, the newest first; how many there are. Nothing is put aside on the way.

    Args:
        name: what the file is called; its ending says whether it is CSV or XLSX.
        file: is only written to, and never goes back.
        told: is told how many rows are written.

    Raises:
        ExportRefused: no right or no reason, or another kind of file.
        ListRefused: the actor may see none of it.
    """
    _check(actor, export)
    wanted = filter_for(actor, export.wanted)
    writer = {".csv": _csv, ".xlsx": _xlsx}.get(Path(name).suffix.lower())
    if writer is None:
        raise ExportRefused("可以导出为 .csv 或 .xlsx 文件。")
    details = {"personal": export.personal, "tickets": wanted.as_json()}
    record = Recorded(lifecycle.clock(), actor.name, Deed.EXPORT, name[:100], export.reason, details)
    await lifecycle.database.write(lambda connection: record_within(connection, record))
    units = await lifecycle.database.read(directory)
    names = {unit.code: unit.name for unit in units}
    with writer(file) as write:
        return await _write_pages(lifecycle, actor, export, wanted, names, write, told)


async def _write_pages(
    lifecycle: Lifecycle,
    actor: Actor,
    export: Export,
    wanted: Filter,
    names: Names,
    write: Write,
    told: Callable[[int], object],
) -> int:
    show = revealed_to if export.personal else seen_by
    at, count, after = lifecycle.clock(), 0, None
    while True:
        found = await lifecycle.database.read(page(wanted, lifecycle.cipher, after=after, limit=_PAGE))
        rows = [_row(show(actor, ticket), names, at) for ticket in found.tickets]
        await asyncio.to_thread(write, rows)
        count, after = count + len(rows), found.next
        told(count)
        if after is None:
            return count


def _check(actor: Actor, export: Export) -> None:
    if not export.personal:
        return
    if not actor.is_any(Role.SUPERVISOR):
        raise ExportRefused("只有督办员和管理员可以导出诉求人的完整信息。")
    if not export.reason.strip() or len(export.reason) > REASON_LIMIT:
        raise ExportRefused(f"导出完整信息要写明为什么（--reason，最多 {REASON_LIMIT} 字），会记下来。")


@contextmanager
def _csv(file: IO[bytes]) -> Iterator[Write]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")  # by the mark Excel knows that it is UTF-8
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        yield lambda rows: writer.writerows([guard_formula(cell) for cell in row] for row in rows)
    finally:
        text.detach()  # the file is closed by whoever opened it


@contextmanager
def _xlsx(file: IO[bytes]) -> Iterator[Write]:
    with text_table(file, "工单", [18] * len(COLUMNS)) as table:
        table.headings(COLUMNS)
        written = 0

        def write(rows: Sequence[Sequence[str]]) -> None:
            nonlocal written
            written += len(rows)
            if written > _SHEET_ROWS:
                raise ExportRefused(f"超过 {_SHEET_ROWS} 行，一张表放不下，请导出为 CSV。")
            try:
                table.rows(rows)
            except TooLarge as refused:
                raise ExportRefused("内容太多，一张表放不下，请导出为 CSV。") from refused

        yield write


def _row(ticket: Ticket, names: Names, at: datetime) -> list[str]:
    cells = _cells(ticket, names, at)
    return [cells[name] or "" for name in COLUMNS]


def _cells(ticket: Ticket, names: Names, at: datetime) -> dict[str, str | None]:
    closed = ticket.closed_at
    return {
        "工单编号": ticket.number,
        "上级工单编号": ticket.external,
        "状态": ticket.state.staff_label,
        "诉求类型": ticket.kind.label,
        "分类": ticket.category,
        "事项": ticket.matter,
        "渠道": _CHANNELS.get(ticket.channel, ticket.channel),
        "紧急程度": ticket.urgency.label,
        "街道": ticket.street,
        "社区": ticket.community,
        "地点": ticket.place,
        "诉求内容": ticket.description,
        "诉求人": ticket.requester_name,
        "联系电话": _phone(ticket.requester_phone),
        "保密": "是" if is_confidential(ticket) else "否",
        "主办单位": ticket.lead and names.get(ticket.lead, ticket.lead),
        "退单次数": str(ticket.returns),
        "重办次数": str(ticket.reworks),
        "延期次数": str(ticket.extensions),
        "办结方式": ticket.outcome and ticket.outcome.label,
        "登记时间": shown_when(ticket.created_at),
        "承诺时限": shown_when(ticket.promised_at),
        "办结时间": shown_when(closed) if closed else None,
        "逾期": "是" if (closed or at) > ticket.promised_at else "否",
    }


def _phone(shown: str | None) -> str | None:
    return display_phone(shown) if shown and shown.startswith("+") else shown  # what is masked is not in that form
