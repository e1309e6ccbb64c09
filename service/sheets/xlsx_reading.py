"""XLSX, read as a stream: the first sheet that is not hidden, row by row.

openpyxl writes the files. It does not read them: it would tell neither a formula without a result from an empty cell
nor which cells are merged, and it takes three times as long. The archive was checked before (`office_archive`): its
XML has no document type, hence no entities.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from lxml.etree import XMLSyntaxError, iterparse  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from service.office_archive import ArchiveRefused, check_archive
from service.sheets.refusal import ImportRefused, RefusedRow
from service.sheets.rows import SheetRow

_SAFE_DIGITS = 15  # a spreadsheet keeps no more digits of a number
_MOST_COLUMNS = 16_384
_CHINESE_DATES = (*range(27, 37), *range(50, 59))  # number formats that Excel shows as dates in China
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_ROOTS = {"workbook.xml": "workbook", "styles.xml": "styleSheet", "workbook.xml.rels": "Relationships"}
_NO_TEXT = frozenset({"rPh", "phoneticPr"})  # how a text is pronounced is not part of it
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


Element = Any  # lxml tells no types


class _CellRefused(Exception):
    """A cell cannot be taken; the message names it."""


def xlsx_rows(path: Path) -> Iterator[SheetRow]:
    """The rows that are not empty; the first has the headings.

    Raises:
        ImportRefused: it cannot be read, and why.
    """
    try:
        check_archive(path, "XLSX")
        with ZipFile(path) as archive:
            yield from _Workbook(archive).rows()
    except ArchiveRefused as refused:
        raise ImportRefused(f"{refused}。") from refused
    except (XMLSyntaxError, KeyError, ValueError, IndexError) as error:
        raise ImportRefused("打不开这个 XLSX 文件，它可能已损坏或不完整，请重新另存后再试。") from error


class _Workbook:
    """An open workbook: which sheet to read, the texts its cells point to, which styles are dates."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        book = self._parse("xl/workbook.xml")
        properties = next(_named(book, "workbookPr"), None)
        mac = properties is not None and properties.get("date1904") in ("1", "true")
        self._epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900
        self._sheet = self._first_visible(book)

    def rows(self) -> Iterator[SheetRow]:
        """Rows that are not empty."""
        texts, dates = self._texts(), self._date_styles()
        size = max(self._archive.getinfo(self._sheet).file_size, 1)
        with self._archive.open(self._sheet) as file:
            self._refuse_merged()
            number = 0
            for element in _elements(file, "row"):
                number = int(element.get("r", number + 1))
                place = f"第 {number} 行"
                try:
                    cells = self._cells(element, number, texts, dates)
                except _CellRefused as refused:
                    yield SheetRow(file.tell() / size, place, RefusedRow(place, str(refused)))
                    continue
                if any(cell and cell.strip() for cell in cells):
                    yield SheetRow(file.tell() / size, place, cells)

    def _cells(self, row: Element, number: int, texts: list[str], dates: frozenset[int]) -> list[str | None]:
        cells: list[str | None] = []
        for element in row:
            if _local(element) != "c":
                continue
            letters = re.match("[A-Z]{1,3}", element.get("r", ""))
            column = column_index_from_string(letters[0]) if letters else len(cells) + 1
            if not len(cells) < column <= _MOST_COLUMNS:
                raise ValueError(element.get("r"))
            cells += [None] * (column - 1 - len(cells))
            try:
                cells.append(self._text(element, texts, dates))
            except _CellRefused as refused:
                raise _CellRefused(f"{get_column_letter(column)}{number} 格{refused}") from None
        return cells

    def _text(self, cell: Element, texts: list[str], dates: frozenset[int]) -> str | None:
        kind, value, formula = cell.get("t", "n"), None, False
        for part in cell:
            name = _local(part)
            if name == "v":
                value = part.text
            elif name == "is":
                return _unescape(_text_of(part))
            formula = formula or name == "f"
        if value is None or value == "":
            if formula and kind != "str":
                raise _CellRefused("是公式，没有存下结果；请在 Excel 里打开、保存一次，或改成文字")
            return None
        if kind == "s":
            return texts[int(value)]
        if kind == "e":
            raise _CellRefused(f"是错误值 {value}，请改正公式或改成文字")
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind in ("str", "d"):
            return _unescape(value)
        return self._number(value, int(cell.get("s", 0)) in dates)

    def _number(self, value: str, is_date: bool) -> str:
        if is_date:
            try:
                moment = from_excel(float(value), self._epoch)
            except (ValueError, OverflowError):
                raise _CellRefused("的日期不对，请改成 2026-01-31 这样的文字") from None
            if isinstance(moment, datetime):  # a spreadsheet's day is a moment at midnight
                return str(moment.date()) if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
            return str(moment)
        number = float(value)
        if not number.is_integer():
            return repr(number)
        if abs(number) >= 10**_SAFE_DIGITS:
            raise _CellRefused(f"的数字超过 {_SAFE_DIGITS} 位，表格已经改掉了末尾几位；请把这一列设成文本，重新填写")
        return str(int(number))

    def _texts(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return []
        with self._archive.open("xl/sharedStrings.xml") as file:
            return [_unescape(_text_of(element)) for element in _elements(file, "si")]

    def _date_styles(self) -> frozenset[int]:
        """The numbers of the cell styles that show a number as a date."""
        if "xl/styles.xml" not in self._archive.namelist():
            return frozenset()
        styles = self._parse("xl/styles.xml")
        own = {int(item.get("numFmtId", 0)): item.get("formatCode", "") for item in _named(styles, "numFmt")}
        formats = [int(style.get("numFmtId", 0)) for group in _named(styles, "cellXfs") for style in group]
        return frozenset(place for place, number in enumerate(formats) if _is_date(number, own))

    def _refuse_merged(self) -> None:
        with self._archive.open(self._sheet) as file:
            before = b""
            while piece := file.read(1 << 20):
                found = re.search(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z0-9:]+)["']""", before + piece)
                if found:
                    place = found[1].decode()
                    raise ImportRefused(f"{place} 是合并的单元格，看不出每一行的内容；请取消合并，把每一格填好。")
                before = piece[-200:]

    def _first_visible(self, book: Element) -> str:
        shown = [sheet for sheet in _named(book, "sheet") if sheet.get("state", "visible") == "visible"]
        if not shown:
            raise ImportRefused("这个 XLSX 文件里没有看得见的工作表。")
        wanted = shown[0].get(_RELATION) or shown[0].get(_STRICT_RELATION)
        for relation in self._parse("xl/_rels/workbook.xml.rels"):
            if relation.get("Id") == wanted:
                target = relation.get("Target", "")
                return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        raise KeyError(wanted)

    def _parse(self, name: str) -> Element:
        with self._archive.open(name) as file:
            return next(_elements(file, _ROOTS[name.rpartition("/")[2]]))


def _elements(file: IO[bytes], name: str) -> Iterator[Element]:
    """The elements of a name, each when it is complete; what was given is forgotten."""
    for _, element in iterparse(
        file, tag=f"{{*}}{name}", resolve_entities=False, remove_comments=True, remove_pis=True
    ):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _local(element: Element) -> str:
    name: str = element.tag
    return name.rpartition("}")[2]


def _named(element: Element, name: str) -> Iterator[Element]:
    return (found for found in element.iter() if _local(found) == name)


def _text_of(element: Element) -> str:
    """The text of a string with all its runs."""
    text = ""
    for part in element:
        name = _local(part)
        if name == "t":
            text += part.text or ""
        elif name not in _NO_TEXT:
            text += _text_of(part)
    return text


def _unescape(text: str) -> str:
    """Characters that XML cannot hold are written _x000D_; so is an underscore before what looks like that."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _is_date(number: int, own: dict[int, str]) -> bool:
    code = own.get(number) or BUILTIN_FORMATS.get(number, "")
    return number in _CHINESE_DATES or bool(code and is_date_format(code))
