"""Writing one sheet of XLSX straight into an open file: nothing is put aside on the disk, and nothing is read back.

openpyxl writes each sheet into a temporary file first, in plain; what holds personal data may lie on a disk only
encrypted. Here rows are compressed as they come and go on to wherever the file leads.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO
from xml.sax.saxutils import escape as escape_markup
from zipfile import ZIP_DEFLATED, ZipFile

from service.sheets.xlsx_writing import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LARGEST = 0x7FFF_FFFF  # bytes of a sheet: what a plain archive can tell; few spreadsheets open what is larger
_TEXT, _HEADING = 1, 2  # places in cellXfs; number format 49 is "@": text
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>',
}


class TooLarge(Exception):
    """The sheet holds more than a spreadsheet opens."""


class TextTable:
    """A sheet that is written row by row; every cell is text, so that nothing is run, rounded or taken for a date."""

    def __init__(self, sheet: IO[bytes]) -> None:
        self._sheet = sheet
        self._written = 0

    def headings(self, texts: Sequence[str]) -> None:
        """Write the row of headings."""
        self._row(texts, _HEADING)

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows.

        Raises:
            TooLarge: this is more than one sheet can hold.
        """
        for texts in rows:
            self._row(texts, _TEXT)

    def _row(self, texts: Sequence[str], style: int) -> None:
        cells = "".join(
            f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape_markup(escape(text))}</t></is></c>'
            if text
            else "<c/>"
            for text in texts
        )
        row = f"<row>{cells}</row>".encode()
        self._written += len(row)
        if self._written > _LARGEST:
            raise TooLarge
        self._sheet.write(row)


@contextmanager
def text_table(file: IO[bytes], title: str, widths: Sequence[int]) -> Iterator[TextTable]:
    """A workbook of one sheet, written into a file that need not be able to go back.

    Args:
        title: of the sheet; at most 31 characters.
        widths: of the columns, in characters.
    """
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    book += f'<sheet name="{escape_markup(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, part in (_PARTS | {"xl/workbook.xml": book}).items():
            archive.writestr(name, _HEAD + part)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            frozen = '<pane xSplit="1" ySplit="1" topLeftCell="B2" state="frozen"/>'
            view = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
            begin = f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<cols>{columns}</cols><sheetData>'
            sheet.write(begin.encode())
            yield TextTable(sheet)
            sheet.write(b"</sheetData></worksheet>")
