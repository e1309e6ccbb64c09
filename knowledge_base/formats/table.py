"""What CSV and XLSX have in common: a row of headings, and rows of cells below it."""

from collections.abc import Iterable, Iterator, Sequence

from knowledge_base.formats.cells import first_duplicate
from knowledge_base.formats.columns import CHINESE, NOT_IMPORTED, REQUIRED, column_name, shown_name
from knowledge_base.formats.rows import Found, Row
from service.sheets.refusal import ImportRefused, RefusedRow
from service.sheets.rows import SheetRow


def below_header(rows: Iterable[SheetRow]) -> Iterator[Found]:
    """The rows below the headings, by their columns' names.

    Raises:
        ImportRefused: the headings are wrong, or missing.
    """
    header: list[str] | None = None
    for share, place, cells in rows:
        if header is None:
            if isinstance(cells, RefusedRow):
                raise ImportRefused(f"{place}（列名）：{cells.reason}。")
            header = check_header(cells)
        else:
            yield Found(share, place, cells if isinstance(cells, RefusedRow) else table_row(place, header, cells))
    if header is None:
        check_header([])


def check_header(cells: Sequence[str | None]) -> list[str]:
    """The English names of the columns; empty where the heading is.

    Raises:
        ImportRefused: one is missing, unknown or there twice.
    """
    names = [column_name(cell) if cell else "" for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        told = "、".join(shown_name(name) for name in missing)
        raise ImportRefused(f"缺少列：{told}。第一行应是列名，至少有 编号（id）、问题（question）、答案（answer）。")
    unknown = [name for name in names if name and name not in CHINESE and name not in NOT_IMPORTED]
    if unknown:
        raise ImportRefused(f"“{'、'.join(unknown)}”不是认识的列名。认识的有：{'、'.join(CHINESE.values())}。")
    twice = first_duplicate([name for name in names if name])
    if twice:
        raise ImportRefused(f"{shown_name(twice)}这一列出现了两次，请只留一列。")
    return names


def table_row(place: str, header: Sequence[str], cells: Sequence[str | None]) -> Row | RefusedRow:
    """A row by its columns' names; what has no heading is refused, what is missing at the end is empty."""
    named: Row = dict.fromkeys(name for name in header if name)
    for number, cell in enumerate(cells):
        name = header[number] if number < len(header) else ""
        if name:
            named[name] = cell
        elif cell and cell.strip():
            return RefusedRow(place, "比表头多出几格，请检查是否漏了引号，或者给多出的那一列写上列名")
    return named
