"""Reading and writing entries as files: a folder of YAML, CSV, JSONL, XLSX.

A file is taken whole or not at all; what is wrong is told by its row, in words staff can act on.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
import yaml
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import ValidationError

from knowledge_base.entry import Entry, Facets

SIZE_LIMIT = 64 * 1024 * 1024  # bytes
ROW_LIMIT = 100_000
_SHOWN = 20  # wrong rows told of at once
_SEPARATOR = "|"
_LISTS = ("similar_questions", "keywords", "audience")
_FACETS = tuple(Facets.model_fields)
_DATES = ("effective_from", "expires_on", "review_by")
_NOT_IMPORTED = frozenset({"version", "published_at"})
_COLUMNS = (
    *("id", "matter", "question", "answer", "similar_questions", "keywords", "category", "audience"),
    *("issuing_unit", "region", *_DATES, "short_answer", *_FACETS, "legal_basis", "attachments", "visibility"),
)

Row = dict[str, Any]


class ImportRefused(Exception):
    """The file is not taken; the message says why and what to change, in Chinese."""


def read_entries(path: Path) -> list[Entry]:
    """The entries of a YAML folder or of a CSV, JSONL or XLSX file.

    CSV and XLSX have the columns `id, question, answer` and may have any other field of `Entry`;
    several similar questions, keywords or audiences are joined by `|`.

    Raises:
        ImportRefused: something is wrong; nothing was taken.
    """
    if path.is_dir():
        return _entries(_yaml_rows(path))
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".xlsx": _xlsx_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ImportRefused(f"不认识 {path.suffix or '没有扩展名的'} 文件，请用 CSV、JSONL 或 XLSX。")
    if path.stat().st_size > SIZE_LIMIT:
        raise ImportRefused(f"文件超过 {SIZE_LIMIT // 1024 // 1024} MB，请分成几个文件导入。")
    return _entries(reader(path))


def write_entries(entries: Iterable[Entry], path: Path) -> None:
    """Write entries as CSV or JSONL, so that `read_entries` gives them back.

    Raises:
        ImportRefused: another kind of file was asked for.
    """
    rows = [_row_of(entry) for entry in entries]
    if path.suffix.lower() == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif path.suffix.lower() == ".csv":
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _joined(value) for key, value in row.items()} for row in rows)
        text = "\ufeff" + buffer.getvalue()  # by this mark Excel knows that it is UTF-8
    else:
        raise ImportRefused("只能导出为 CSV 或 JSONL。")
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def _entries(rows: Iterable[tuple[str, Row]]) -> list[Entry]:
    entries: dict[str, Entry] = {}
    wrong: list[str] = []
    for place, row in rows:
        try:
            entry = Entry.model_validate(_fields(row))
        except ValidationError as error:
            wrong.append(f"{place}：{_complaint(error)}")
            continue
        except ValueError as error:
            wrong.append(f"{place}：{error}")
            continue
        if entry.slug in entries:
            wrong.append(f"{place}：编号 {entry.slug} 重复")
        entries[entry.slug] = entry
    if wrong:
        more = f"\n还有 {len(wrong) - _SHOWN} 处。" if len(wrong) > _SHOWN else ""
        raise ImportRefused("\n".join(wrong[:_SHOWN]) + more + "\n请改正后重新导入；本次未导入任何条目。")
    if not entries:
        raise ImportRefused("文件里没有条目；本次未导入任何条目。")
    return list(entries.values())


def _fields(row: Row) -> Row:
    fields = {key: value for key, value in row.items() if value is not None and key not in _NOT_IMPORTED}
    if "id" in fields:
        fields["slug"] = str(fields.pop("id"))
    for key in _LISTS:
        if isinstance(fields.get(key), str):
            fields[key] = [part.strip() for part in fields[key].split(_SEPARATOR) if part.strip()]
    facets = {key: fields.pop(key) for key in _FACETS if key in fields}
    if facets:
        fields["facets"] = facets
    sources = fields.get("legal_basis")
    if isinstance(sources, str):
        sources = [part for part in sources.split(_SEPARATOR) if part.strip()]
    if isinstance(sources, list):
        fields["legal_basis"] = [_basis(part) if isinstance(part, str) else part for part in sources]
    files = fields.get("attachments")
    if isinstance(files, str):
        fields["attachments"] = [_attachment(part) for part in files.split(_SEPARATOR) if part.strip()]
    elif isinstance(files, list):
        fields["attachments"] = [_attachment(part) if isinstance(part, str) else part for part in files]
    for key in _DATES:
        if fields.get(key) == "":
            fields[key] = None
    if fields.get("visibility") == "":
        del fields["visibility"]
    return fields


def _basis(text: str) -> Row:
    document, _, article = text.strip().removeprefix("《").rpartition("》")
    return {"document": document, "article": article}


def _attachment(text: str) -> Row:
    title, _, url = text.strip().rpartition(" ")
    return {"title": title, "url": url}


_WORDS = {
    "slug": "编号（id）",
    "question": "问题（question）",
    "answer": "答案（answer）",
    "effective_from": "生效日期",
    "expires_on": "失效日期",
    "review_by": "复核日期",
    "visibility": "可见范围",
    "attachments": "附件",
}
_KINDS = {
    "missing": "缺少",
    "string_too_short": "是空的",
    "string_too_long": "太长",
    "extra_forbidden": "不是认识的列名",
    "string_type": "应是文字",
    "literal_error": "只能是 public 或 staff",
}


def _complaint(error: ValidationError) -> str:
    told = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "value_error":
            told.append(_WORDS.get(name, name) + str(item["ctx"]["error"]))
        elif item["type"].startswith("date"):
            told.append(f"{_WORDS.get(name, name)}应写成 2026-01-31 这样")
        else:
            told.append(f"{_WORDS.get(name, name)}{_KINDS.get(item['type'], '不对')}")
    return "；".join(told)


def _row_of(entry: Entry) -> Row:
    dumped = entry.model_dump(mode="json", exclude=set(_NOT_IMPORTED))
    dumped["id"] = dumped.pop("slug")
    dumped |= dumped.pop("facets")
    dumped["legal_basis"] = [basis.cited for basis in entry.legal_basis]
    dumped["attachments"] = [attachment.written for attachment in entry.attachments]
    return {key: dumped[key] for key in _COLUMNS}


def _joined(value: Any) -> Any:
    if isinstance(value, list):
        value = _SEPARATOR.join(value)
    # A spreadsheet would run a text that begins like a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+@" and value else value


def _yaml_rows(folder: Path) -> Iterator[tuple[str, Row]]:
    for path in sorted(folder.glob("*.yml")):
        try:
            row = yaml.safe_load(path.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ImportRefused(f"{path.name}：不是有效的 YAML（{str(error).splitlines()[0]}）。") from error
        if not isinstance(row, dict):
            raise ImportRefused(f"{path.name}：应是一个条目。")
        yield path.name, row


def _csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ImportRefused("看不懂文件的编码，请另存为 UTF-8 的 CSV。")
    if "\0" in text:
        raise ImportRefused("这不是 CSV 文件，请另存为 UTF-8 的 CSV。")
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    _check_columns(reader.fieldnames or ())
    try:
        for number, row in enumerate(reader, 2):
            _check_count(number)
            if "" in row:
                raise ImportRefused(f"第 {number} 行：比表头多出几格，请检查是否漏了引号；本次未导入任何条目。")
            if any(value and value.strip() for value in row.values()):
                yield f"第 {number} 行", dict(row)
    except csv.Error as error:
        raise ImportRefused(f"CSV 格式有误（{error}）；本次未导入任何条目。") from error


def _jsonl_rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ImportRefused("JSONL 文件应是 UTF-8 编码。") from error
    for number, line in enumerate(lines, 1):
        _check_count(number)
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ImportRefused(f"第 {number} 行：不是有效的 JSON；本次未导入任何条目。") from error
        if not isinstance(row, dict):
            raise ImportRefused(f"第 {number} 行：应是一个 JSON 对象；本次未导入任何条目。")
        yield f"第 {number} 行", row


def _xlsx_rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise ImportRefused("打不开这个 XLSX 文件，它可能已损坏，请重新另存后再试。") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
        _check_columns(header)
        for number, cells in enumerate(rows, 2):
            _check_count(number)
            row = {key: _cell(value) for key, value in zip(header, cells, strict=False) if key}
            if any(row.values()):
                yield f"第 {number} 行", row
    finally:
        book.close()


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):  # a spreadsheet's day is a moment at midnight
        return str(value.date()) if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _check_columns(header: Iterable[str]) -> None:
    missing = [name for name in ("id", "question", "answer") if name not in set(header)]
    if missing:
        raise ImportRefused(f"缺少列：{'、'.join(missing)}。第一行应是列名，至少有 id、question、answer。")


def _check_count(number: int) -> None:
    if number > ROW_LIMIT + 1:
        raise ImportRefused(f"超过 {ROW_LIMIT} 行，请分成几个文件导入；本次未导入任何条目。")
