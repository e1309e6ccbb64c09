"""Reading and writing entries as files: CSV, XLSX, JSONL, YAML, a folder of YAML.

A file is taken whole or not at all; what is wrong is told by its row, in words staff can act on. Files of every kind
are read as a stream, row by row; what `write_entries` writes, `read_entries` gives back without losing a character.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TextIO

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import CHINESE
from knowledge_base.formats.csv_file import write_csv
from knowledge_base.formats.jsonl_file import read_jsonl, write_jsonl
from knowledge_base.formats.rows import LONGEST_CELL, Found, Row, RowRefused, is_example, read_row
from knowledge_base.formats.table import below_header
from knowledge_base.formats.template import write_template
from knowledge_base.formats.xlsx_writing import write_xlsx
from knowledge_base.formats.yaml_file import (
    read_yaml,
    read_yaml_folder,
    write_yaml,
    write_yaml_folder,
)
from service.sheets.csv_reading import csv_rows
from service.sheets.refusal import ImportRefused, RefusedRow
from service.sheets.xlsx_reading import xlsx_rows
from service.text_encoding import EncodingRefused

__all__ = [
    "ROW_LIMIT",
    "SIZE_LIMIT",
    "ImportRefused",
    "Reading",
    "RefusedRow",
    "read_entries",
    "read_entry",
    "read_file",
    "refusal",
    "write_entries",
    "write_template",
]

SIZE_LIMIT = 256 * 1024 * 1024  # bytes
ROW_LIMIT = 100_000
_SHOWN = 20  # wrong rows told of at once
_TOLD_EVERY = 500  # rows

Share = Callable[[float], object]
"""Is told how much of the work is done, from 0 to 1."""


def _read_csv(path: Path) -> Iterator[Found]:
    return below_header(csv_rows(path, LONGEST_CELL))


def _read_xlsx(path: Path) -> Iterator[Found]:
    return below_header(xlsx_rows(path))


_READERS = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,  # "Unicode text" of Excel
    ".jsonl": read_jsonl,
    ".xlsx": _read_xlsx,
    ".yml": read_yaml,
    ".yaml": read_yaml,
}
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds.

    Attributes:
        entries: in the order of the file.
        refused: rows that are no entries. As long as there is one, nothing of the file may be imported.
        silent: the columns that a table does not have, of which it therefore says nothing.
    """

    entries: Sequence[Entry]
    refused: Sequence[RefusedRow]
    silent: frozenset[str] = frozenset()


def read_entries(path: Path) -> list[Entry]:
    """The entries of a CSV, JSONL, XLSX or YAML file or a folder of YAML.

    CSV and XLSX have the columns `id, question, answer`, by these names or the Chinese ones, and may have any other
    field of `Entry`; several similar questions, keywords or audiences are joined by `|` (see `cells`).

    Raises:
        ImportRefused: something is wrong; nothing was taken.
    """
    reading = read_file(path)
    if reading.refused:
        raise ImportRefused(refusal(reading.refused))
    return list(reading.entries)


def read_entry(path: Path, slug: str) -> Entry:
    """The one entry of a YAML file that somebody edits; its slug need not be written.

    Raises:
        ImportRefused: there is none, more than one, or something is wrong with it.
    """
    try:
        found = [row for _, _, row in read_yaml(path)]
    except EncodingRefused as error:
        raise ImportRefused(str(error)) from error
    if len(found) != 1:
        raise ImportRefused(f"应正好写一个条目，这里有 {len(found)} 个。")
    (row,) = found
    if isinstance(row, RefusedRow):
        raise ImportRefused(f"{row.reason}。")
    try:
        return read_row({"id": slug} | row)
    except RowRefused as refused:
        raise ImportRefused(f"{refused}。") from refused


def refusal(refused: Sequence[RefusedRow]) -> str:
    """Why a file with these rows is not taken."""
    shown = "\n".join(map(str, refused[:_SHOWN]))
    more = f"\n还有 {len(refused) - _SHOWN} 处。" if len(refused) > _SHOWN else ""
    return f"{shown}{more}\n请改正后重新导入；本次未导入任何条目。"


def read_file(path: Path, progress: Share = lambda share: None) -> Reading:
    """All entries of a file and all rows that are none.

    Raises:
        ImportRefused: it cannot be read, or there is nothing in it.
    """
    entries: dict[str, Entry] = {}
    places: dict[str, str] = {}
    refused: list[RefusedRow] = []
    columns: set[str] = set()
    try:
        for number, (share, place, row) in enumerate(_rows(path), 1):
            if number > ROW_LIMIT:
                raise ImportRefused(f"超过 {ROW_LIMIT} 行，请分成几个文件导入。")
            if number % _TOLD_EVERY == 0:
                progress(share)
            if not isinstance(row, RefusedRow):
                columns |= row.keys()
            found = _entry(place, row, places)
            if isinstance(found, Entry):
                entries[found.slug] = found
                places[found.slug] = place
            elif found is not None:
                refused.append(found)
    except EncodingRefused as error:
        raise ImportRefused(f"{error}；本次未导入任何条目。") from error
    except ImportRefused as error:
        raise ImportRefused(f"{str(error).rstrip('。')}；本次未导入任何条目。") from error
    if not entries and not refused:
        raise ImportRefused("文件里没有条目；本次未导入任何条目。")
    progress(1.0)
    silent = CHINESE.keys() - columns if path.suffix.lower() in _TABLES else ()
    return Reading(list(entries.values()), refused, frozenset(silent))


def write_entries(entries: Iterable[Entry], path: Path) -> None:
    """Write entries so that `read_entries` gives them back: a file by its suffix, a folder of YAML without one.

    The file is there whole or not at all. Version numbers are not written: the base counts them itself.

    Raises:
        ImportRefused: another kind of file was asked for, or it cannot hold an entry.
    """
    suffix = path.suffix.lower()
    part = path.with_name(path.name + ".part")
    if path.is_dir() or not suffix:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ImportRefused(f"{path} 不是空文件夹，请换一个新的文件夹名。")
        _write_folder(entries, path, part)
        return
    writers: dict[str, Callable[[Iterable[Entry], TextIO], None]] = {
        ".csv": write_csv,
        ".jsonl": write_jsonl,
        ".yml": write_yaml,
        ".yaml": write_yaml,
    }
    if suffix not in {*writers, ".xlsx"}:
        raise ImportRefused("可以导出为 .csv、.xlsx、.jsonl、.yml，或不带扩展名的文件夹（一个条目一个 YAML 文件）。")
    try:
        if suffix == ".xlsx":
            write_xlsx(entries, part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                writers[suffix](entries, file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_folder(entries: Iterable[Entry], path: Path, part: Path) -> None:
    part.mkdir()
    try:
        write_yaml_folder(entries, part)
        part.replace(path)
    finally:
        rmtree(part, ignore_errors=True)


def _rows(path: Path) -> Iterator[Found]:
    if path.is_dir():
        return read_yaml_folder(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kinds = "CSV、XLSX、JSONL、YAML"
        raise ImportRefused(f"不认识 {path.suffix or '没有扩展名的'} 文件，请用 {kinds}。")
    if path.stat().st_size > SIZE_LIMIT:
        raise ImportRefused(f"文件超过 {SIZE_LIMIT // 1024 // 1024} MB，请分成几个文件导入。")
    return reader(path)


def _entry(place: str, row: Row | RefusedRow, places: dict[str, str]) -> Entry | RefusedRow | None:
    """The entry of a row, or why it is none; None for the template's example."""
    if isinstance(row, RefusedRow):
        return row
    try:
        if is_example(row):
            return None
        entry = read_row(row)
    except RowRefused as refused:
        return RefusedRow(place, str(refused))
    if entry.slug in places:
        return RefusedRow(place, f"编号 {entry.slug} 重复，{places[entry.slug]}已经用过；请换一个编号或删掉一行")
    return entry
