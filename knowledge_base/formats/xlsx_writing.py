"""Entries as XLSX, and the workbook to fill in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl.comments import Comment

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import COLUMNS, REQUIRED, Column
from knowledge_base.formats.rows import EXAMPLE, text_row
from service.sheets.refusal import ImportRefused
from service.sheets.xlsx_writing import CELL_LIMIT, TextSheet, escape, text_workbook

_WIDTHS = {"id": 22, "question": 36, "answer": 60, "similar_questions": 40, "visibility": 10}
_EXPLANATION = (
    "一行一个条目，只有 编号、问题、答案 必须填；用不上的列可以留空或删掉，列的顺序可以换。",
    "第 2 行是例子。不动它，导入时会跳过；改成自己的内容时，编号也要换掉。",
    "所有格子都是文本格式：编号前面的 0、长数字、以 = + - @ 开头的文字都会原样保留，不会当公式。",
    "不要合并单元格。一格最多 20000 字。",
    "填好后先看会改什么：liaotianban kb import 文件 --preview，没有问题再去掉 --preview。",
)


def write_xlsx(entries: Iterable[Entry], path: Path) -> None:
    """Write a workbook whose headings are the Chinese names.

    Raises:
        ImportRefused: a cell would be longer than a spreadsheet can hold.
    """
    with text_workbook() as book:
        sheet = _entry_sheet(book)
        for entry in entries:
            row = text_row(entry)
            for column in COLUMNS:
                _check_length(entry.slug, column, row[column.name])
            sheet.row(row[column.name] for column in COLUMNS)
        book.save(path)


def write_xlsx_template(path: Path) -> None:
    """Write a workbook to fill in: headings with notes, an example, and a second sheet that explains each column."""
    with text_workbook() as book:
        sheet = _entry_sheet(book)
        sheet.row(EXAMPLE[column.name] for column in COLUMNS)
        explained = TextSheet(book, "填写说明", len(COLUMNS))
        explained.widths((14, 20, 8, 70, 40))
        explained.row(("列名", "英文名（也认）", "必填", "填什么", "例子"), "heading")
        for column in COLUMNS:
            needed = "必填" if column.name in REQUIRED else ""
            explained.row((column.chinese, column.name, needed, column.meaning, column.example))
        explained.row(())
        for line in _EXPLANATION:
            explained.row((line,))
        book.save(path)


def _entry_sheet(book: Any) -> TextSheet:
    sheet = TextSheet(book, "知识库", len(COLUMNS))
    sheet.widths(_WIDTHS.get(column.name, 18) for column in COLUMNS)
    headings = []
    for column in COLUMNS:
        cell = sheet.cell(column.chinese, "heading")
        cell.comment = Comment(f"{column.name}：{column.meaning}", "聊天办", width=320, height=110)
        headings.append(cell)
    sheet.cells(headings)
    return sheet


def _check_length(slug: str, column: Column, text: str) -> None:
    if len(text) > CELL_LIMIT // 2 and len(escape(text).encode("utf-16-le")) // 2 > CELL_LIMIT:
        message = f"条目 {slug} 的{column.chinese}超过表格一格能放的 {CELL_LIMIT} 字，请导出为 CSV、JSONL 或 YAML。"
        raise ImportRefused(message)
