"""From a row of a file to an entry and back, and what is wrong with a row."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from knowledge_base.entry import TEXT_LIMIT, Entry
from knowledge_base.formats.cells import cite, join_cell, parse_citation, split_cell
from knowledge_base.formats.columns import (
    COLUMNS,
    DATES,
    FACETS,
    LISTS,
    NOT_IMPORTED,
    column_name,
    shown_name,
)
from service.sheets.refusal import RefusedRow

Row = dict[str, Any]


class Found(NamedTuple):
    """What a reader finds.

    Attributes:
        share: how much of the file was read, from 0 to 1.
        place: where it stands, as staff find it: 第 3 行.
        row: by English column names; or why it is none.
    """

    share: float
    place: str
    row: Row | RefusedRow


EXAMPLE = {column.name: column.example for column in COLUMNS}
"""The template's example row."""

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class RowRefused(Exception):
    """A row is no entry; the message says why, in Chinese."""


def is_example(row: Row) -> bool:
    """Whether a row is the template's example.

    The example is left out as long as nobody touched it.

    Raises:
        RowRefused: the example was filled in, but not its id; it must not be left out in silence.
    """
    if column_id(row) != EXAMPLE["id"]:
        return False
    if all(_same(EXAMPLE.get(name, ""), value) for name, value in row.items()):
        return True
    raise RowRefused(f"编号还是示例的“{EXAMPLE['id']}”，请换成自己的编号")


def column_id(row: Row) -> str:
    """The id a row gives itself; empty if none."""
    value = row.get("id")
    return "" if value is None else str(value).strip()


def read_row(row: Row) -> Entry:
    """The entry of a row whose keys are English column names.

    Raises:
        RowRefused: it is none.
    """
    try:
        return Entry.model_validate(_fields(row))
    except ValidationError as error:
        raise RowRefused(_complaint(error)) from error


def named_row(row: Mapping[Any, Any]) -> Row:
    """A mapping with its keys, Chinese or English, as English column names.

    Raises:
        RowRefused: two keys name the same column.
    """
    named: Row = {}
    for key, value in row.items():
        name = column_name(key)
        if name in named:
            raise RowRefused(f"{shown_name(name)}写了两次")
        named[name] = value
    return named


def flat_row(entry: Entry) -> Row:
    """An entry as one flat object, every column a key; lists are lists."""
    dumped = entry.model_dump(mode="json", exclude=set(NOT_IMPORTED))
    dumped["id"] = dumped.pop("slug")
    dumped |= dumped.pop("facets")
    return {column.name: dumped[column.name] for column in COLUMNS}


def text_row(entry: Entry) -> dict[str, str]:
    """An entry as a spreadsheet holds it: every column a text."""
    row = flat_row(entry)
    row["legal_basis"] = [cite(basis.document, basis.article) for basis in entry.legal_basis]
    row["attachments"] = [attachment.written for attachment in entry.attachments]
    return {name: join_cell(value) if isinstance(value, list) else value or "" for name, value in row.items()}


def _same(example: str, value: Any) -> bool:
    if isinstance(value, list):
        value = join_cell(str(part) for part in value)
    return value is None or str(value).strip() in ("", example)


def _fields(row: Row) -> Row:
    fields = {key: value for key, value in row.items() if value is not None and key not in NOT_IMPORTED}
    _refuse_invisible(fields)
    if "id" in fields:
        slug = fields.pop("id")
        if isinstance(slug, bool) or not isinstance(slug, str | int):
            raise RowRefused(f"{shown_name('id')}应是文字")
        fields["slug"] = str(slug)
    for key in LISTS:
        value = fields.get(key)
        if isinstance(value, str):
            fields[key] = split_cell(value)
        elif isinstance(value, list):
            fields[key] = [part for part in value if not isinstance(part, str) or part.strip()]
    nested = fields.pop("facets", {})
    if not isinstance(nested, dict):
        raise RowRefused('facets 应是一组分项，例如 {"fee": "不收费"}')
    facets = {key: fields.pop(key) for key in FACETS if key in fields}
    if facets or nested:
        fields["facets"] = named_row(nested) | facets
    for key, read in (("legal_basis", _basis), ("attachments", _attachment)):
        value = split_cell(fields[key]) if isinstance(fields.get(key), str) else fields.get(key)
        if isinstance(value, list):
            fields[key] = [read(part) if isinstance(part, str) else part for part in value]
    for key in DATES:
        if isinstance(fields.get(key), str) and not fields[key].strip():
            fields[key] = None
    if fields.get("visibility") == "":
        del fields["visibility"]
    return fields


def _basis(text: str) -> Row:
    document, article = parse_citation(text)
    return {"document": document, "article": article}


def _attachment(text: str) -> Row:
    title, _, url = text.strip().rpartition(" ")  # an address has no blanks
    return {"title": title, "url": url}


def _refuse_invisible(fields: Row) -> None:
    for key, value in fields.items():
        found = _INVISIBLE.search(value if isinstance(value, str) else "".join(_texts(value)))
        if found:
            raise RowRefused(f"{shown_name(key)}里有看不见的控制字符（\\x{ord(found[0]):02x}），请删掉或重新输入")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [part for part in parts if isinstance(part, str)]


_COMPLAINTS = {
    "missing": "缺少",
    "string_too_short": "是空的",
    "extra_forbidden": "不是认识的列名",
    "string_type": "应是文字",
    "string_unicode": "里有残缺的字符",
    "tuple_type": "应是一组文字",
    "literal_error": "只能是 public 或 staff",
}


def _complaint(error: ValidationError) -> str:
    told = []
    for item in error.errors():
        name = _place(item["loc"])
        kind = item["type"]
        if kind == "value_error":
            told.append(name + str(item["ctx"]["error"]))
        elif kind.startswith("date"):
            told.append(f"{name}应写成 2026-01-31 这样")
        elif kind == "string_too_long":
            limit, written = item["ctx"]["max_length"], item["input"]
            told.append(f"{name}有 {len(written)} 字，最多 {limit} 字，请缩短或分成几个条目")
        else:
            told.append(f"{name}{_COMPLAINTS.get(kind, '不对')}")
    return "；".join(told)


def _place(location: tuple[int | str, ...]) -> str:
    """The field as staff know it, with the number of the value in a list."""
    words = []
    for part in location:
        if part == "facets" and len(location) > 1:
            continue
        words.append(f"第 {part + 1} 个" if isinstance(part, int) else shown_name("id" if part == "slug" else part))
    return "".join(words)


LONGEST_CELL = TEXT_LIMIT * 50
"""Characters that a cell may hold at most: a list holds many texts."""
