"""Why a file, or one row of it, is not taken."""

from dataclasses import dataclass


class ImportRefused(Exception):
    """The file is not taken; the message says why and what to change, in Chinese."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is no entry.

    Attributes:
        place: where it stands in the file, as staff find it: 第 3 行.
        reason: what is wrong, and what to change where that is not plain.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}：{self.reason}"
