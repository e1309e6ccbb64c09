"""Writing XLSX: every cell is text, so that nothing is run, rounded or taken for a date."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.utils.cell import get_column_letter

CELL_LIMIT = 32_767  # characters of a cell, as spreadsheets count them (UTF-16)
_NEEDS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class TextSheet:
    """A sheet that is written row by row; it holds `columns` texts a row."""

    def __init__(self, book: Any, title: str, columns: int) -> None:
        self._sheet = book.create_sheet(title)
        self._cells = {style: [self.cell("", style) for _ in range(columns)] for style in ("text", "heading")}

    def widths(self, widths: Iterable[int]) -> None:
        """Set the columns' widths, in characters, and keep the headings in sight."""
        for number, width in enumerate(widths):
            self._sheet.column_dimensions[get_column_letter(number + 1)].width = width
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


@contextmanager
def text_workbook() -> Iterator[Any]:
    """A new workbook written as a stream, with the styles of `TextSheet`; given up, it leaves no file behind."""
    book: Any = Workbook(write_only=True)
    wrapped = Alignment(wrap_text=True, vertical="top")
    book.add_named_style(NamedStyle("text", number_format="@", alignment=wrapped))
    book.add_named_style(NamedStyle("heading", number_format="@", font=Font(bold=True), alignment=wrapped))
    try:
        yield book
    finally:
        for sheet in book.worksheets:
            if not sheet.closed:
                sheet.close()
                sheet._writer.cleanup()  # openpyxl removes what it wrote aside only when it saves


def escape(text: str) -> str:
    """A text as XML holds it; `xlsx_reading` reads it back."""
    return _NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
