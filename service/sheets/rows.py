"""What CSV and XLSX have in common once they are read."""

from collections.abc import Sequence
from typing import NamedTuple

from service.sheets.refusal import RefusedRow


class SheetRow(NamedTuple):
    """A row of a sheet that is not empty.

    Attributes:
        share: how much of the file was read, from 0 to 1.
        place: where it stands, as staff find it: 第 3 行.
        cells: its texts, None or empty where there is nothing; or why it cannot be read.
    """

    share: float
    place: str
    cells: Sequence[str | None] | RefusedRow
