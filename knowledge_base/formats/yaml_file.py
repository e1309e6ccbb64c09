"""YAML: a file with a list of entries, or a folder with one file an entry.

Everything written is text, as in a spreadsheet: `id: 007` keeps its zeros and `keywords: [on, no]` its words. Aliases
are refused, with which a few lines can stand for billions, and so are tags, which name types.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import yaml

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import LISTS, NOT_IMPORTED, shown_name
from knowledge_base.formats.rows import Found, Row, RowRefused, named_row
from service.sheets.refusal import ImportRefused, RefusedRow
from service.text_encoding import EncodingRefused, open_text

_DEEPEST = 12  # an entry needs three
_NOTHING = ("", "~", "null", "Null", "NULL")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_LONGEST_NAME = 150  # bytes of a file name, well below the 255 of file systems


def read_yaml(path: Path) -> Iterator[Found]:
    """The entries of one file."""
    with open_text(path, newline="\n") as (file, share):
        loader: Any = yaml.CSafeLoader(file)
        try:
            for line, value in _items(loader):
                place = f"第 {line} 行的条目"
                yield Found(share(), place, _row(place, value))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"第 {mark.line + 1} 行：" if mark else ""
            raise ImportRefused(f"{place}不是有效的 YAML，请检查缩进、冒号和引号，或看文件是否不完整。") from error
        finally:
            loader.dispose()


def read_yaml_folder(folder: Path) -> Iterator[Found]:
    """The entry, or the entries, of each file of a folder, in the order of the files' names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".yml", ".yaml") and path.is_file())
    for number, path in enumerate(paths, 1):
        share = number / len(paths)
        try:
            rows = list(read_yaml(path))
        except (ImportRefused, EncodingRefused) as refused:
            yield Found(share, path.name, RefusedRow(path.name, str(refused).rstrip("。")))
            continue
        for row in rows:
            place = path.name if len(rows) == 1 else f"{path.name} {row.place}"
            refused_row = RefusedRow(place, row.row.reason) if isinstance(row.row, RefusedRow) else None
            yield Found(share, place, refused_row or row.row)


def _row(place: str, value: Any) -> Row | RefusedRow:
    if not isinstance(value, dict):
        return RefusedRow(place, "应是一个条目，写成“名称: 内容”")
    try:
        row = named_row(value)
    except RowRefused as refused:
        return RefusedRow(place, str(refused))
    # In a table a cell holds a whole list; here a list is a list, and a lone text is more likely a slip.
    lone = [name for name in LISTS if isinstance(row.get(name), str) and row[name].strip()]
    if lone:
        return RefusedRow(place, f"{shown_name(lone[0])}应是一组：每个写一行，前面加“- ”，例如\n  - {row[lone[0]]}")
    return row


def _items(loader: Any) -> Iterator[tuple[int, Any]]:
    """The members of a list, or the documents if none is a list; each with its line."""
    while True:
        event = _next(loader)
        if isinstance(event, yaml.StreamEndEvent):
            return
        if isinstance(event, yaml.SequenceStartEvent):
            while not isinstance(event := _next(loader), yaml.SequenceEndEvent):
                yield _line(event), _value(loader, event, 1)
        elif isinstance(event, yaml.NodeEvent):
            value = _value(loader, event, 1)
            if value is not None:
                yield _line(event), value


def _next(loader: Any) -> Any:
    return loader.get_event()


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line


def _value(loader: Any, event: Any, depth: int) -> Any:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent):
        raise ImportRefused(f"第 {line} 行：不能用 * 引用别处的内容，请把内容写出来；以 * 开头的文字请加引号。")
    if getattr(event, "tag", None) not in _TEXT_TAGS:
        raise ImportRefused(f"第 {line} 行：不能用 ! 写类型；以 ! 开头的文字请加引号。")
    if depth > _DEEPEST:
        raise ImportRefused(f"第 {line} 行：层次套得太深，不像条目。")
    if isinstance(event, yaml.ScalarEvent):
        plain = event.implicit[0] and not event.style
        return None if plain and event.value in _NOTHING else event.value
    if isinstance(event, yaml.SequenceStartEvent):
        members = []
        while not isinstance(event := _next(loader), yaml.SequenceEndEvent):
            members.append(_value(loader, event, depth + 1))
        return members
    row: dict[Any, Any] = {}
    while not isinstance(event := _next(loader), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            raise ImportRefused(f"第 {_line(event)} 行：名称应是文字。")
        if event.value in row:
            raise ImportRefused(f"第 {_line(event)} 行：{event.value} 写了两次。")
        row[event.value] = _value(loader, _next(loader), depth + 1)
    return row


class _Dumper(yaml.CSafeDumper):
    """Writes texts of several lines as blocks, so that people can read and edit them."""


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def _dump(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _tree(entry: Entry) -> Row:
    """What an entry says, without what is empty."""
    dumped = entry.model_dump(mode="json", exclude=set(NOT_IMPORTED), exclude_defaults=True)
    return {key: value for key, value in dumped.items() if value not in ("", [], {}, None)}


def write_yaml(entries: Iterable[Entry], file: TextIO) -> None:
    """Write one file with a list of entries."""
    written = False
    for entry in entries:
        file.write(_dump([_tree(entry)]))
        written = True
    if not written:
        file.write("[]\n")


def write_yaml_folder(entries: Iterable[Entry], folder: Path) -> None:
    """Write one file an entry, named after its slug."""
    taken: set[str] = set()
    for entry in entries:
        name = _file_name(entry.slug)
        if name.casefold() in taken:  # some file systems do not tell A from a
            name += "-" + hashlib.sha256(entry.slug.encode()).hexdigest()[:12]
        taken.add(name.casefold())
        (folder / f"{name}.yml").write_text(_dump(_tree(entry)), "utf-8", newline="\n")


def _file_name(slug: str) -> str:
    """A slug as a file name on every system: Chinese stays, what could lead elsewhere is encoded."""
    name = "".join(
        character if character.isalnum() or character in "-_" else quote(character, "") for character in slug
    )
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(slug.encode()).hexdigest()[:12]
    return name.encode()[: _LONGEST_NAME - 13].decode("utf-8", "ignore") + "-" + digest
