"""The audit's last hashes, noted beside the database: who may change the database there may not be able to here.

One line an hour is added to `audit-notes.txt` in the data folder, as `liaotianban audit verify` prints it. A chain
whose end was cut off, or which was computed anew, has others; `verify` is given all of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.audit import Line

_NOTE = re.compile(r"(\d+):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class AuditNotes:
    """The notes of an installation; every process adds to the same."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path) -> "AuditNotes":
        """Those in a data folder."""
        return cls(data_dir / "audit-notes.txt")

    def read(self) -> Mapping[int, str]:
        """Hashes by the number of their line; what is no note, such as a line a crash cut short, does not count."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        found = (_NOTE.fullmatch(line) for line in text.splitlines())
        return {int(note[1]): note[2] for note in reversed(list(found)) if note}  # the first of a number counts

    def add(self, line: Line) -> None:
        """Note a line, unless its number is noted already."""
        if line.number not in self.read():
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line.number}:{line.hash}")


def sayable(hash_: str) -> str:
    """A hash in groups of eight: whole, its digits may look like somebody's number, and a log would mask them."""
    return ":".join(hash_[at : at + 8] for at in range(0, len(hash_), 8))


def whole(hash_: str) -> str:
    """A hash that was copied from a log, or from anywhere else."""
    return hash_.strip().lower().replace(":", "")
