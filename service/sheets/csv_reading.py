"""CSV: in the encodings and with the separators that spreadsheets write."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from service.sheets.formulas import unguard_formula
from service.sheets.refusal import ImportRefused
from service.sheets.rows import SheetRow
from service.text_encoding import open_text


def csv_rows(path: Path, longest_cell: int) -> Iterator[SheetRow]:
    """The rows that are not empty; the first is always given, as it has the headings.

    Separated by commas, tabs ("Unicode text" of Excel) or semicolons, whichever the first row has.

    Args:
        longest_cell: characters; a longer cell is a quotation mark without its partner.

    Raises:
        ImportRefused: it is no CSV, and where.
        EncodingRefused: it is no text.
    """
    csv.field_size_limit(longest_cell)
    with open_text(path, newline="") as (file, share):
        rows = csv.reader(file, delimiter=_separator(file), strict=True)
        number = 0
        try:
            for number, cells in enumerate(rows, 1):
                if number == 1 or any(cell.strip() for cell in cells):
                    yield SheetRow(share(), f"第 {number} 行", [unguard_formula(cell) for cell in cells])
        except csv.Error as error:
            place = f"第 {number + 1} 行（文件的第 {rows.line_num} 行附近）"
            raise ImportRefused(f"{place}：{_complaint(error, longest_cell)}。") from error


def _complaint(error: csv.Error, longest_cell: int) -> str:
    return {
        "unexp": "引号没有配对，后面的内容都被当成一格了；请检查这一行的引号，或重新另存",
        "field": f"有一格超过 {longest_cell} 字，多半是引号没有配对",
        "',' e": "引号后面多了字；格子里本来就有的引号要写成两个",
    }.get(str(error)[:5], "格式有误")


def _separator(file: TextIO) -> str:
    heading = file.readline()
    file.seek(0)
    return max(",\t;", key=heading.count)
