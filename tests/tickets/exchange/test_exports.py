"""What is given out: one row a ticket, masked unless there is a right and a reason, and never a formula."""

import csv
import gc
import io
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hotline import AGENT, DRAFT, SUPERVISOR, clerk_of
from openpyxl import load_workbook

from service.audit import Deed, recorded_of
from service.identity.roles import Actor
from tickets.exchange import exports
from tickets.exchange.exports import COLUMNS, Export, ExportRefused, export_tickets, write_tickets
from tickets.lists import Filter, ListRefused
from tickets.masking import WITHHELD
from tickets.states import State
from tickets.ticket import Kind

ALL = Export(Filter())


def rows_of(path):
    if path.suffix == ".xlsx":
        return [dict(zip(COLUMNS, row, strict=True)) for row in load_workbook(path).active.values][1:]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_each_ticket_is_one_row_masked(hotline, tmp_path, name, monkeypatch):
    monkeypatch.setattr(exports, "_PAGE", 2)
    numbers = [(await hotline.accepted("cg", replace(DRAFT, id=f"d{each}"))).number for each in range(5)]
    path = tmp_path / name

    assert await export_tickets(hotline.lifecycle, AGENT, ALL, path) == 5
    rows = rows_of(path)
    assert [row["工单编号"] for row in rows] == numbers[::-1]
    assert (rows[0]["状态"], rows[0]["主办单位"], rows[0]["渠道"]) == ("已签收", "示例区城市管理局", "网页")
    assert (rows[0]["诉求人"], rows[0]["联系电话"]) == ("王*", "138****8000")
    assert (rows[0]["登记时间"], rows[0]["逾期"]) == ("2026-11-21 10:00", "否")


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_what_citizens_write_is_never_a_formula(hotline, tmp_path, name):
    evil = '=HYPERLINK("http://x","看")'
    await hotline.submitted(replace(DRAFT, description=evil, place="＋1", name="@x"))
    path = tmp_path / name
    await export_tickets(hotline.lifecycle, AGENT, ALL, path)

    if path.suffix == ".xlsx":
        cell = next(cell for row in load_workbook(path).active.rows for cell in row if cell.value == evil)
        assert cell.data_type == "s"
    else:
        row = rows_of(path)[0]
        assert (row["诉求内容"], row["地点"], row["诉求人"]) == (f"'{evil}", "'＋1", "'@*")


async def test_full_data_needs_the_right_and_a_reason_and_is_recorded(hotline, database, tmp_path):
    await hotline.submitted()
    path = tmp_path / "out.csv"
    for actor, reason, complaint in ((AGENT, "核对", "只有督办员"), (SUPERVISOR, " ", "写明为什么")):
        with pytest.raises(ExportRefused, match=complaint):
            await export_tickets(hotline.lifecycle, actor, Export(Filter(), True, reason), path)
    assert not path.exists()

    wanted = Filter(states=frozenset({State.SUBMITTED}), is_open=True)
    await export_tickets(hotline.lifecycle, SUPERVISOR, Export(wanted, True, "上级检查"), path)
    assert rows_of(path)[0]["联系电话"] == "13800138000"
    record = (await database.read(recorded_of("out.csv")))[0]
    assert (record.deed, record.actor, record.reason) == (Deed.EXPORT, "supervisor", "上级检查")
    assert record.details == {"personal": True, "tickets": {"states": ["submitted"], "is_open": True}}


async def test_a_unit_gets_its_own_and_never_who_reported(hotline, tmp_path):
    own = await hotline.dispatched("cg", replace(DRAFT, id="a", kind=Kind.REPORT))
    await hotline.dispatched("zj", replace(DRAFT, id="b"))
    path = tmp_path / "out.csv"

    await export_tickets(hotline.lifecycle, clerk_of("cg"), ALL, path)
    (row,) = rows_of(path)
    assert (row["工单编号"], row["联系电话"], row["地点"]) == (own.number, WITHHELD, "阳光小区*号楼")
    assert row["保密"] == "是"
    with pytest.raises(ListRefused):
        await export_tickets(hotline.lifecycle, Actor("nobody"), ALL, path)


async def test_a_file_is_there_whole_or_not_at_all(hotline, tmp_path, monkeypatch):
    await hotline.submitted()
    monkeypatch.setattr(exports, "_SHEET_ROWS", 0)
    with pytest.raises(ExportRefused, match="导出为 CSV"):
        await export_tickets(hotline.lifecycle, AGENT, ALL, tmp_path / "out.xlsx")
    with pytest.raises(ExportRefused, match=r"csv 或 \.xlsx"):
        await export_tickets(hotline.lifecycle, AGENT, ALL, tmp_path / "out.doc")

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


async def test_an_export_that_is_given_up_leaves_nothing_open_and_nothing_in_the_way(hotline, tmp_path, monkeypatch):
    await hotline.submitted()
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    monkeypatch.setattr(exports, "_SHEET_ROWS", 0)

    with suppress(ExportRefused):
        await export_tickets(hotline.lifecycle, AGENT, ALL, tmp_path / "out.xlsx")
    gc.collect()

    assert lost == []


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_a_file_goes_out_without_a_line_put_aside(hotline, tmp_path, monkeypatch, name):
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    await hotline.submitted()
    out = OnlyForwards(lambda: list(aside.iterdir()))
    await write_tickets(hotline.lifecycle, AGENT, ALL, name, out)

    assert out.seen == []
    (tmp_path / name).write_bytes(out.content)
    assert len(rows_of(tmp_path / name)) == 1


class OnlyForwards(io.RawIOBase):
    """A file that cannot go back, and looks around whenever something is written."""

    def __init__(self, look):
        self.look, self.seen, self.content = look, [], b""

    def writable(self):
        return True

    def write(self, plain):
        self.seen += self.look()
        self.content += bytes(plain)
        return len(plain)
