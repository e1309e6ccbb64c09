"""Lines of a page put together to the paragraphs they were broken from."""

import unicodedata
from collections.abc import Iterable, Sequence

from knowledge_base.documents.blocks import Block
from knowledge_base.documents.headings import numbering

_ENDS = "。！？；：.!?;:”》】"
_FULL = 0.85  # of the widest line: what is shorter ended because its paragraph did
_INDENT = ("  ", "\u3000")


def width(text: str) -> int:
    """How wide a line is, a Chinese character counting two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def widest(lines: Iterable[str]) -> int:
    """The width of a full line: nine of ten are not wider, which leaves out tables that stick out."""
    widths = sorted(width(line.strip()) for line in lines)
    return widths[int(len(widths) * 0.9)] if widths else 0


def rejoin(lines: Sequence[tuple[str, int | None]], full_width: int) -> list[Block]:
    """Paragraphs of lines, each given with its page; a paragraph may go on over the page."""
    blocks: list[Block] = []
    last = ""
    for line, page in lines:
        text = line.strip()
        if not text:
            last = ""
            continue
        broken = width(last) >= full_width * _FULL and last[-1:] not in _ENDS
        if blocks and broken and not line.startswith(_INDENT) and numbering(text) is None:
            before = blocks[-1]
            blocks[-1] = Block(_joined(before.text, text), page=before.page)
        else:
            blocks.append(Block(text, page=page))
        last = text
    return blocks


def _joined(before: str, after: str) -> str:
    """Words in Latin letters need a space between them, Chinese none."""
    between = " " if before[-1].isascii() and after[0].isascii() and before[-1] != "-" else ""
    return before + between + after
