"""The tree of categories as a file: read, checked whole, written."""

import csv
from collections.abc import Iterable
from pathlib import Path

from service.sheets.formulas import guard_formula
from service.sheets.refusal import ImportRefused, RefusedRow
from tickets.categories.kind import Leaf, leaf_of
from tickets.categories.tree import CategoriesRefused, Category, code_of, keywords_of
from tickets.exchange.headings import Column, read_sheet

COLUMNS = (
    Column("top", ("大类",), required=True),
    Column("name", ("小类",), required=True),
    Column("keywords", ("常用说法",)),
    Column("active", ("在用", "启用")),
    Column("now", ("改用",)),
)
_ROW_LIMIT = 2_000
_RETIRED = {"": False, "是": False, "否": True}


def read_categories(path: Path) -> dict[str, Leaf]:
    """The leaves of a CSV or XLSX file, by their codes.

    Raises:
        ImportRefused: something is wrong, and in which row.
    """
    leaves: dict[str, Leaf] = {}
    for row in read_sheet(path, COLUMNS, _ROW_LIMIT).rows:
        if isinstance(row.cells, RefusedRow):
            raise ImportRefused(f"{row.cells}。")
        active = row.cells.get("active", "")
        if active not in _RETIRED:
            raise ImportRefused(f"{row.place}：“在用”只能写 是 或 否。")
        try:
            code = code_of(row.cells["top"], row.cells["name"])
            words = keywords_of(code, words_in(row.cells.get("keywords", "")))
        except CategoriesRefused as refused:
            raise ImportRefused(f"{row.place}：{refused}") from refused
        if code in leaves:
            raise ImportRefused(f"{row.place}：“{code}”出现了两次，请删掉一行。")
        now = row.cells.get("now") or None
        leaves[code] = leaf_of(Category(code, row.cells["name"], row.cells["top"], words, _RETIRED[active], now))
    if not leaves:
        raise ImportRefused("文件里没有分类。")
    return leaves


def words_in(text: str) -> list[str]:
    """Words as people write them one after the other: between signs, blanks or lines."""
    for sign in "，,；;\n\t ":
        text = text.replace(sign, "、")
    return [word for word in text.split("、") if word]


def write_categories(categories: Iterable[Category], path: Path) -> None:
    """Write a CSV file that `read_categories` reads."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(column.titles[0] for column in COLUMNS)
        for each in categories:
            if each.parent is None:
                continue
            cells = (each.parent, each.name, "、".join(each.keywords), "否" if each.retired else "是", each.now or "")
            writer.writerow(guard_formula(cell) for cell in cells)
