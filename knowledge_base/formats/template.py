"""Templates for staff to fill in.

The example row is left out on import as long as it is unchanged (`rows.is_example`), and refused when it was filled in
under the example's id: so a template sent back untouched imports nothing, and nothing written is lost in silence.
"""

import csv
import json
from pathlib import Path

import yaml

from knowledge_base.formats.cells import split_cell
from knowledge_base.formats.columns import CHINESE, COLUMNS, LISTS
from knowledge_base.formats.rows import EXAMPLE
from knowledge_base.formats.xlsx_writing import write_xlsx_template
from service.sheets.formulas import guard_formula
from service.sheets.refusal import ImportRefused


def write_template(path: Path) -> None:
    """Write a template as CSV, XLSX, JSONL or YAML, with Chinese headings and an example.

    Raises:
        ImportRefused: another kind of file was asked for.
    """
    writers = {".csv": _csv, ".xlsx": write_xlsx_template, ".jsonl": _jsonl, ".yml": _yaml, ".yaml": _yaml}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ImportRefused("模板可以写成 .csv、.xlsx、.jsonl 或 .yml。")
    writer(path)


def _csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CHINESE.values())
        writer.writerow(guard_formula(EXAMPLE[name]) for name in CHINESE)


def _jsonl(path: Path) -> None:
    path.write_text(json.dumps(_example(), ensure_ascii=False) + "\n", "utf-8")


def _yaml(path: Path) -> None:
    lines = ["# 一个“-”是一个条目。只有 编号、问题、答案 必须填；用不上的行可以删掉。", "# 例子不动，导入时会跳过。"]
    lines += [f"# {column.chinese}（{column.name}）：{column.meaning}" for column in COLUMNS]
    entry = yaml.safe_dump([_example()], allow_unicode=True, sort_keys=False, width=1000)
    path.write_text("\n".join(lines) + "\n" + entry, "utf-8")


def _example() -> dict[str, str | list[str]]:
    return {
        column.chinese: split_cell(column.example) if column.name in LISTS else column.example for column in COLUMNS
    }
