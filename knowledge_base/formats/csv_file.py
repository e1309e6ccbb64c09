"""Entries as CSV."""

import csv
from collections.abc import Iterable
from typing import TextIO

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import COLUMNS
from knowledge_base.formats.rows import text_row
from service.sheets.formulas import guard_formula


def write_csv(entries: Iterable[Entry], file: TextIO) -> None:
    """Write a CSV; its first row has the English names."""
    names = [column.name for column in COLUMNS]
    file.write("\ufeff")  # by this mark Excel knows that it is UTF-8
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(names)
    for entry in entries:
        row = text_row(entry)
        writer.writerow([guard_formula(row[name]) for name in names])
