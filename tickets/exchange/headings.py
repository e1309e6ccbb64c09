"""Rows of a CSV or XLSX file by the names of their columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.sheets.csv_reading import csv_rows
from service.sheets.refusal import ImportRefused, RefusedRow
from service.sheets.rows import SheetRow
from service.sheets.xlsx_reading import xlsx_rows
from service.text_encoding import EncodingRefused

SIZE_LIMIT = 64 * 1024 * 1024  # bytes
_LONGEST_CELL = 32_767  # characters, as in spreadsheets


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        name: the field it holds.
        titles: what it is called; the first is written, all are understood, and so is the name.
    """

    name: str
    titles: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row below the headings.

    Attributes:
        place: as staff find it: 第 3 行.
        cells: its texts, trimmed, by field; empty where there is nothing. Or why it cannot be read.
    """

    place: str
    cells: dict[str, str] | RefusedRow


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows.

    Attributes:
        unknown: headings nobody knows; what stands under them is not taken.
    """

    rows: Sequence[NamedRow]
    unknown: Sequence[str]


def read_sheet(path: Path, columns: Sequence[Column], most: int) -> Sheet:
    """All rows of a file.

    Args:
        most: rows a file may have.

    Raises:
        ImportRefused: it cannot be read, a column is missing or there twice, or there are too many rows.
    """
    try:
        found = _rows(path)
        heading = next(found, None)
        if heading is None or isinstance(heading.cells, RefusedRow):
            raise ImportRefused("第一行应是列名，这个文件里没有。")
        fields = _fields(heading.cells, columns)
        rows: list[NamedRow] = []
        for row in found:
            if len(rows) == most:
                raise ImportRefused(f"超过 {most} 行，请分成几个文件。")
            rows.append(_named(row, fields))
    except EncodingRefused as error:
        raise ImportRefused(f"{error}。") from error
    known = {title for column in columns for title in (column.name, *column.titles)}
    unknown = [title.strip() for title in heading.cells if title and title.strip() and title.strip() not in known]
    return Sheet(rows, unknown)


def _rows(path: Path) -> Iterator[SheetRow]:
    if path.stat().st_size > SIZE_LIMIT:
        raise ImportRefused(f"文件超过 {SIZE_LIMIT // 1024 // 1024} MB，请分成几个文件。")
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return xlsx_rows(path)
    if suffix in (".csv", ".tsv", ".txt"):
        return csv_rows(path, _LONGEST_CELL)
    raise ImportRefused(f"不认识 {suffix or '没有扩展名的'} 文件，请用 CSV 或 XLSX。")


def _fields(titles: Sequence[str | None], columns: Sequence[Column]) -> list[str]:
    by_title = {title: column.name for column in columns for title in (column.name, *column.titles)}
    fields = [by_title.get((title or "").strip(), "") for title in titles]
    if missing := [column.titles[0] for column in columns if column.required and column.name not in fields]:
        raise ImportRefused(f"缺少列：{'、'.join(missing)}。认识的列：{'、'.join(c.titles[0] for c in columns)}。")
    if twice := [column.titles[0] for column in columns if fields.count(column.name) > 1]:
        raise ImportRefused(f"“{twice[0]}”这一列出现了两次，请只留一列。")
    return fields


def _named(row: SheetRow, fields: Sequence[str]) -> NamedRow:
    if isinstance(row.cells, RefusedRow):
        return NamedRow(row.place, row.cells)
    if any(cell and cell.strip() for cell in row.cells[len(fields) :]):
        return NamedRow(row.place, RefusedRow(row.place, "比表头多出几格，请检查是否漏了引号"))
    cells = {name: "" for name in fields if name}
    cells |= {name: (cell or "").strip() for name, cell in zip(fields, row.cells, strict=False) if name}
    return NamedRow(row.place, cells)
