"""CSV: in the encodings and with the separators that spreadsheets write."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from knowledge_base.entry import Entry
from knowledge_base.formats.cells import guard_formula, unguard_formula
from knowledge_base.formats.columns import COLUMNS
from knowledge_base.formats.refusal import ImportRefused
from knowledge_base.formats.rows import LONGEST_CELL, Found, text_row
from knowledge_base.formats.table import check_header, table_row
from knowledge_base.text_encoding import open_text


def read_csv(path: Path) -> Iterator[Found]:
    """Rows below the headings that are not empty.

    Separated by commas, tabs ("Unicode text" of Excel) or semicolons, whichever the heading has.
    """
    csv.field_size_limit(LONGEST_CELL)
    with open_text(path, newline="") as (file, share):
        separator = _separator(file)
        rows = csv.reader(file, delimiter=separator, strict=True)
        number = 0
        try:
            header = check_header(next(rows, []))
            for number, cells in enumerate(rows, 2):
                if any(cell.strip() for cell in cells):
                    texts = [unguard_formula(cell) for cell in cells]
                    place = f"第 {number} 行"
                    yield Found(share(), place, table_row(place, header, texts))
        except csv.Error as error:
            place = f"第 {max(number, 1) + 1} 行（文件的第 {rows.line_num} 行附近）"
            raise ImportRefused(f"{place}：{_CSV_ERRORS.get(str(error)[:5], '格式有误')}。") from error


_CSV_ERRORS = {
    "unexp": "引号没有配对，后面的内容都被当成一格了；请检查这一行的引号，或重新另存",
    "field": f"有一格超过 {LONGEST_CELL} 字，多半是引号没有配对",
    "',' e": "引号后面多了字；格子里本来就有的引号要写成两个",
}


def _separator(file: TextIO) -> str:
    heading = file.readline()
    file.seek(0)
    return max(",\t;", key=heading.count)


def write_csv(entries: Iterable[Entry], file: TextIO) -> None:
    """Write a CSV; its first row has the English names."""
    names = [column.name for column in COLUMNS]
    file.write("\ufeff")  # by this mark Excel knows that it is UTF-8
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(names)
    for entry in entries:
        row = text_row(entry)
        writer.writerow([guard_formula(row[name]) for name in names])
