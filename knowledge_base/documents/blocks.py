"""What every reader makes of a policy document: its paragraphs in order."""

from collections.abc import Callable
from dataclasses import dataclass

Share = Callable[[float], object]
"""Is told how much of the work is done, from 0 to 1."""


class DocumentRefused(Exception):
    """The document cannot be read; the message says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or one row of a table.

    Attributes:
        level: 1 to 9 if the file itself marks it as a heading, 1 the highest; numbering is not looked at.
        page: on which page it begins, where the file has pages.
    """

    text: str
    level: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document as it was read.

    Attributes:
        name: of the file.
        sha256: of its bytes, by which the same document is known again under any name.
        title: as the document calls itself, without 《》.
        notes: what the editor should know: 第 3 页没有文字.
    """

    name: str
    sha256: str
    title: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader finds in a file.

    Attributes:
        title: empty if the file does not mark one.
    """

    blocks: list[Block]
    title: str = ""
    notes: tuple[str, ...] = ()
