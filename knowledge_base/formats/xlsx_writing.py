"""Writing XLSX: every cell is text, so that nothing is run, rounded or taken for a date."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import COLUMNS, REQUIRED, Column
from knowledge_base.formats.refusal import ImportRefused
from knowledge_base.formats.rows import EXAMPLE, text_row

CELL_LIMIT = 32_767  # characters of a cell, as spreadsheets count them (UTF-16)
_NEEDS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_WIDTHS = {"id": 22, "question": 36, "answer": 60, "similar_questions": 40, "visibility": 10}
_EXPLANATION = (
    "一行一个条目，只有 编号、问题、答案 必须填；用不上的列可以留空或删掉，列的顺序可以换。",
    "第 2 行是例子。不动它，导入时会跳过；改成自己的内容时，编号也要换掉。",
    "所有格子都是文本格式：编号前面的 0、长数字、以 = + - @ 开头的文字都会原样保留，不会当公式。",
    "不要合并单元格。一格最多 20000 字。",
    "填好后先看会改什么：liaotianban kb import 文件 --preview，没有问题再去掉 --preview。",
)


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(self, book: Any, title: str) -> None:
        self._sheet = book.create_sheet(title)
        self._cells = {style: [self.cell("", style) for _ in COLUMNS] for style in ("text", "heading")}

    def widths(self, widths: Iterable[int]) -> None:
        """Set the columns' widths, in characters, and keep the headings in sight."""
        for number, width in enumerate(widths):
            self._sheet.column_dimensions[chr(ord("A") + number)].width = width
        self._sheet.freeze_panes = "B2"

    def row(self, texts: Iterable[str], style: str = "text") -> None:
        """Write a row; its cells are used again for the next, as giving a cell its style takes most of the time."""
        cells = [
            self._filled(cell, text) if text else None for cell, text in zip(self._cells[style], texts, strict=False)
        ]
        self._sheet.append(cells)

    def cells(self, cells: Iterable[Any]) -> None:
        """Write a row of cells made by `cell`."""
        self._sheet.append(list(cells))

    def cell(self, text: str, style: str = "text") -> Any:
        """A text in a cell of its own."""
        cell = WriteOnlyCell(self._sheet)
        cell.style = style
        return self._filled(cell, text)

    @staticmethod
    def _filled(cell: Any, text: str) -> Any:
        cell.value = escape(text)
        cell.data_type = "s"  # set after the value: openpyxl takes "=…" for a formula
        return cell


def write_xlsx(entries: Iterable[Entry], path: Path) -> None:
    """Write a workbook whose headings are the Chinese names.

    Raises:
        ImportRefused: a cell would be longer than a spreadsheet can hold.
    """
    book = _book()
    sheet = _entry_sheet(book)
    for entry in entries:
        row = text_row(entry)
        for column in COLUMNS:
            _check_length(entry.slug, column, row[column.name])
        sheet.row(row[column.name] for column in COLUMNS)
    book.save(path)


def write_xlsx_template(path: Path) -> None:
    """Write a workbook to fill in: headings with notes, an example, and a second sheet that explains each column."""
    book = _book()
    sheet = _entry_sheet(book)
    sheet.row(EXAMPLE[column.name] for column in COLUMNS)
    explained = _Sheet(book, "填写说明")
    explained.widths((14, 20, 8, 70, 40))
    explained.row(("列名", "英文名（也认）", "必填", "填什么", "例子"), "heading")
    for column in COLUMNS:
        needed = "必填" if column.name in REQUIRED else ""
        explained.row((column.chinese, column.name, needed, column.meaning, column.example))
    explained.row(())
    for line in _EXPLANATION:
        explained.row((line,))
    book.save(path)


def escape(text: str) -> str:
    """A text as XML holds it; `xlsx_file` reads it back."""
    return _NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _book() -> Any:
    book = Workbook(write_only=True)
    wrapped = Alignment(wrap_text=True, vertical="top")
    book.add_named_style(NamedStyle("text", number_format="@", alignment=wrapped))
    book.add_named_style(NamedStyle("heading", number_format="@", font=Font(bold=True), alignment=wrapped))
    return book


def _entry_sheet(book: Any) -> _Sheet:
    sheet = _Sheet(book, "知识库")
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
