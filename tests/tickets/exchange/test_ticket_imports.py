"""Tickets of another platform are taken over whole or not at all, never twice, with their number and promise."""

import csv
from dataclasses import replace
from datetime import datetime

import pytest
from hotline import AGENT, DISPATCHER, DRAFT
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from service.audit import Deed, recorded_of
from service.clock import CHINA
from service.sheets.refusal import ImportRefused
from tickets.categories.tree import Categories
from tickets.exchange.imports import preview_within, read_tickets, take_over
from tickets.refusal import MoveNotAllowed
from tickets.tables import tickets
from tickets.ticket import Kind
from tickets.urgency import Urgency

ROW = {
    "上级工单编号": "SJ-20261120-1",
    "诉求内容": "阳光小区3号楼电梯坏了",
    "诉求类型": "投诉",
    "紧急程度": "紧急",
    "分类": "住房和物业/电梯",
    "诉求人": "王女士",
    "联系电话": "13800138000",
    "承诺时限": "2026-11-30 18:00",
    "坐席": "07",
}
CATEGORIES = Categories.load()


def written(tmp_path, *rows, name="upper.csv"):
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = Workbook()
        book.active.append(list(ROW))
        for row in rows:
            book.active.append([row.get(title) for title in ROW])
        book.save(path)
        return path
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(tmp_path, *rows, name="upper.csv"):
    return read_tickets(written(tmp_path, *rows, name=name), CATEGORIES)


async def stored(database):
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(tickets)))


@pytest.mark.parametrize("name", ["upper.csv", "upper.xlsx"])
def test_a_row_becomes_a_draft_with_its_number_and_promise(tmp_path, name):
    reading = read(tmp_path, ROW, name=name)

    ((place, draft),) = reading.drafts
    assert (place, draft.external, draft.channel) == ("第 2 行", "SJ-20261120-1", "upper")
    assert (draft.kind, draft.urgency, draft.category) == (Kind.COMPLAINT, Urgency.URGENT, "住房和物业/电梯")
    assert (draft.name, draft.phone) == ("王女士", "+8613800138000")
    assert draft.promised_at == datetime(2026, 11, 30, 18, tzinfo=CHINA)
    assert list(reading.unknown) == ["坐席"]


def test_a_promised_day_lasts_until_its_end(tmp_path):
    for text in ("2026-11-30", "2026/11/30"):
        draft = read(tmp_path, ROW | {"承诺时限": text}).drafts[0][1]
        assert draft.promised_at == datetime(2026, 11, 30, 23, 59, tzinfo=CHINA)


def test_wrong_rows_are_named_with_what_is_wrong(tmp_path):
    wrong = {
        "上级工单编号": ("", "上级工单编号是空的"),
        "诉求内容": ("", "诉求内容是空的"),
        "诉求类型": ("骂人", "可以写：咨询、求助"),
        "紧急程度": ("很急", "可以写：普通、紧急、特急"),
        "分类": ("电梯", "不在分类名单里"),
        "联系电话": ("12", "不是有效的号码"),
        "承诺时限": ("下周", "应写成 2026-11-30"),
        "诉求人": ("王" * 51, "最多 50 个"),
    }
    rows = [ROW | {"上级工单编号": f"SJ-{title}"} | {title: text} for title, (text, _) in wrong.items()]
    reading = read(tmp_path, *rows, ROW, ROW)

    assert [row.place for row in reading.refused] == [f"第 {number} 行" for number in (*range(2, 10), 11)]
    for row, (_, complaint) in zip(reading.refused, wrong.values(), strict=False):
        assert complaint in row.reason
    assert "第 10 行的一样" in reading.refused[-1].reason


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "列名"),
        ("上级工单编号\n1\n", "缺少列：诉求内容"),
        ("上级工单编号,诉求内容,内容\n1,a,b\n", "出现了两次"),
        ("上级工单编号,诉求内容\n", "没有工单"),
        ('上级工单编号,诉求内容\n1,"a\n', "引号没有配对"),
    ],
)
def test_a_file_that_is_no_list_of_tickets_is_refused(tmp_path, content, complaint):
    path = tmp_path / "upper.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ImportRefused, match=complaint):
        read_tickets(path, CATEGORIES)


async def test_an_import_can_be_repeated_without_doubling(tmp_path, hotline, database, clock):
    both = read(tmp_path, ROW, ROW | {"上级工单编号": "SJ-2", "承诺时限": ""})
    first = await take_over(hotline.lifecycle, AGENT, read(tmp_path, ROW), "upper.csv")
    second = await take_over(hotline.lifecycle, AGENT, both, "upper.csv")
    third = await take_over(hotline.lifecycle, AGENT, both, "upper.csv")

    assert [(len(each.new), len(each.known)) for each in (first, second, third)] == [(1, 0), (1, 1), (0, 2)]
    assert await stored(database) == 2
    kept = (await hotline.desk.of_conversation("import"))[-1]
    assert kept.promised_at == datetime(2026, 11, 30, 18, tzinfo=CHINA)
    assert third.known["第 2 行"] == kept.number
    assert [line.deed for line in await database.read(recorded_of("upper.csv"))] == [Deed.IMPORT] * 3


async def test_a_preview_and_a_refused_import_change_nothing(tmp_path, hotline, database):
    wrong = read(tmp_path, ROW, ROW | {"上级工单编号": ""})
    found = await database.read(lambda connection: preview_within(connection, wrong))
    assert len(found.new) == 1

    with pytest.raises(ImportRefused, match="没有导入"):
        await take_over(hotline.lifecycle, AGENT, wrong, "upper.csv")
    with pytest.raises(MoveNotAllowed, match="话务员"):
        await take_over(hotline.lifecycle, DISPATCHER, read(tmp_path, ROW), "upper.csv")
    assert await stored(database) == 0


async def test_an_import_that_fails_in_between_leaves_nothing(tmp_path, hotline, database):
    await hotline.submitted(replace(DRAFT, external="other"))
    reading = read(tmp_path, ROW, ROW | {"上级工单编号": "SJ-2"})
    broken = replace(reading, drafts=[*reading.drafts, ("第 4 行", replace(reading.drafts[0][1], external="SJ-3"))])

    with pytest.raises(IntegrityError):
        await take_over(hotline.lifecycle, AGENT, broken, "upper.csv")
    assert await stored(database) == 1
