"""The units of the installation as a file: read, checked whole, written."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from service.sheets.formulas import guard_formula
from service.sheets.refusal import ImportRefused, RefusedRow
from tickets.exchange.headings import Column, read_sheet
from tickets.units import Unit

COLUMNS = (
    Column("code", ("代码", "单位代码"), required=True),
    Column("name", ("名称", "单位名称"), required=True),
    Column("parent", ("上级", "上级单位代码")),
    Column("active", ("在用", "启用")),
    Column("phone", ("值班电话", "电话")),
    Column("successor", ("接续单位", "接续单位代码")),
)
_ROW_LIMIT = 20_000
_ACTIVE = {"": True, "是": True, "否": False}


def read_units(path: Path, known: Iterable[Unit] = ()) -> list[Unit]:
    """The units of a CSV or XLSX file.

    Args:
        known: the units there are; what the file has no column for stays as it is there.

    Raises:
        ImportRefused: something is wrong, and in which row.
    """
    before = {unit.code: unit for unit in known}
    units: dict[str, Unit] = {}
    for row in read_sheet(path, COLUMNS, _ROW_LIMIT).rows:
        if isinstance(row.cells, RefusedRow):
            raise ImportRefused(f"{row.cells}。")
        code = row.cells["code"]
        if code in units:
            raise ImportRefused(f"{row.place}：单位代码 {code} 出现了两次，请删掉一行。")
        units[code] = replace(before.get(code, Unit(code, "")), **_values(row.place, row.cells))
    if not units:
        raise ImportRefused("文件里没有单位。")
    return list(units.values())


def _values(place: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a unit that a row has."""
    values: dict[str, Any] = {name: value for name, value in cells.items() if name in ("name", "phone")}
    values |= {name: value or None for name, value in cells.items() if name in ("parent", "successor")}
    if "active" in cells:
        if cells["active"] not in _ACTIVE:
            raise ImportRefused(f"{place}：“在用”只能写 是 或 否。")
        values["active"] = _ACTIVE[cells["active"]]
    return values


def write_units(units: Sequence[Unit], path: Path) -> None:
    """Write a CSV file that `read_units` reads."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(column.titles[0] for column in COLUMNS)
        for unit in units:
            active = "是" if unit.active else "否"
            cells = (unit.code, unit.name, unit.parent or "", active, unit.phone, unit.successor or "")
            writer.writerow(guard_formula(cell) for cell in cells)
