"""JSONL: one JSON object a line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from knowledge_base.entry import Entry
from knowledge_base.formats.rows import Found, Row, RowRefused, flat_row, named_row
from service.sheets.refusal import RefusedRow
from service.text_encoding import open_text


def read_jsonl(path: Path) -> Iterator[Found]:
    """One object a line; blank lines are passed over."""
    with open_text(path, newline="\n") as (file, share):
        for number, line in enumerate(file, 1):
            if line.strip():
                yield Found(share(), f"第 {number} 行", _row(f"第 {number} 行", line))


def _row(place: str, line: str) -> Row | RefusedRow:
    try:
        row = json.loads(line)
    except RecursionError:
        return RefusedRow(place, "括号套得太深，不像条目")
    except ValueError:
        return RefusedRow(place, "不是有效的 JSON，请检查引号、逗号和括号，或看文件是否不完整")
    if not isinstance(row, dict):
        return RefusedRow(place, "应是一个 JSON 对象")
    try:
        return named_row(row)
    except RowRefused as refused:
        return RefusedRow(place, str(refused))


def write_jsonl(entries: Iterable[Entry], file: TextIO) -> None:
    """Write one object a line, every field in it."""
    for entry in entries:
        file.write(json.dumps(flat_row(entry), ensure_ascii=False) + "\n")
