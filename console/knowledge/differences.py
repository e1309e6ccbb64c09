"""Where two texts differ, word by word; what went and what came is marked, and not by colour alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from knowledge_base.entry import Entry
from knowledge_base.formats.columns import CHINESE
from knowledge_base.versions import compare

# A run of letters or digits, or a single character of any other kind.
_PIECES = re.compile(r"[A-Za-z0-9]+|\n|.", re.DOTALL)
_LONGEST = 3_000  # pieces of both together; more are compared line by line, as it costs their product


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of one side: the same on both (`kind` is empty), or only here ("del" before, "ins" after)."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs, with both sides cut at what differs."""

    field: str
    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def differences(older: Entry, newer: Entry) -> list[Difference]:
    """The fields in which two contents differ."""
    return [
        Difference(change.field, CHINESE.get(change.field, change.field), *marked(change.before, change.after))
        for change in compare(older, newer)
    ]


def marked(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces."""
    left, right = _PIECES.findall(before), _PIECES.findall(after)
    if len(left) + len(right) > _LONGEST:
        left, right = before.splitlines(keepends=True), after.splitlines(keepends=True)
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return tuple(_side(left, steps, 1, "del")), tuple(_side(right, steps, 3, "ins"))


def _side(
    pieces: Sequence[str], steps: Sequence[tuple[str, int, int, int, int]], at: int, kind: str
) -> Iterator[Piece]:
    for step in steps:
        begin, end = int(step[at]), int(step[at + 1])
        if begin < end:
            yield Piece("".join(pieces[begin:end]), "" if step[0] == "equal" else kind)
