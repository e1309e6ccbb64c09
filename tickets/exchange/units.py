"""The units of the installation as a file: read, checked whole, written."""

import csv
from collections.abc import Sequence
from pathlib import Path

from service.sheets.formulas import guard_formula
from service.sheets.refusal import ImportRefused, RefusedRow
from tickets.exchange.headings import Column, read_sheet
from tickets.units import Unit

COLUMNS = (
    Column("code", ("代码", "单位代码"), required=True),
    Column("name", ("名称", "单位名称"), required=True),
    Column("parent", ("上级", "上级单位代码")),
    Column("active", ("在用", "启用")),
)
_ROW_LIMIT = 20_000
_ACTIVE = {"": True, "是": True, "否": False}


def read_units(path: Path) -> list[Unit]:
    """The units of a CSV or XLSX file.

    Raises:
        ImportRefused: something is wrong, and in which row.
    """
    units: list[Unit] = []
    for row in read_sheet(path, COLUMNS, _ROW_LIMIT).rows:
        if isinstance(row.cells, RefusedRow):
            raise ImportRefused(f"{row.cells}。")
        active = row.cells.get("active", "")
        if active not in _ACTIVE:
            raise ImportRefused(f"{row.place}：“在用”只能写 是 或 否。")
        if any(unit.code == row.cells["code"] for unit in units):
            raise ImportRefused(f"{row.place}：单位代码 {row.cells['code']} 出现了两次，请删掉一行。")
        units.append(Unit(row.cells["code"], row.cells["name"], row.cells.get("parent") or None, _ACTIVE[active]))
    if not units:
        raise ImportRefused("文件里没有单位。")
    return units


def write_units(units: Sequence[Unit], path: Path) -> None:
    """Write a CSV file that `read_units` reads."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(column.titles[0] for column in COLUMNS)
        for unit in units:
            cells = (unit.code, unit.name, unit.parent or "", "是" if unit.active else "否")
            writer.writerow(guard_formula(cell) for cell in cells)
