"""Texts as WeChat takes them: short enough, cut where a sentence ends, without characters it refuses."""

import re
from collections.abc import Iterable

TEXT_BYTES = 2000  # of one text; WeChat refuses from 2048 on (45002), measured by others, nowhere promised

_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # none of them is text in XML
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")
_SENTENCES = re.compile(r"[^。！？；!?;]*[。！？；!?;]+[”’」』）)]*|[^。！？；!?;]+")
_CLAUSES = re.compile(r"[^，、,\s]*[，、,\s]+|[^，、,\s]+")


def clean(text: str) -> str:
    """A text without what would break the XML it travels in."""
    # In CDATA these three end it; a full-width bracket reads the same.
    return _REFUSED.sub("", text).replace("]]>", "]]＞")


def split(text: str, limit: int = TEXT_BYTES) -> list[str]:
    """A text in pieces of at most so many bytes: cut between lines, else sentences, else clauses, else characters."""
    return [piece for piece in (piece.strip() for piece in _packed(_pieces(clean(text), limit), limit)) if piece]


def join(texts: Iterable[str], limit: int = TEXT_BYTES) -> list[str]:
    """Texts as few bubbles: what fits together goes together, an empty line between."""
    bubbles: list[str] = []
    for text in texts:
        merged = f"{bubbles[-1]}\n\n{text}" if bubbles else text
        if bubbles and _bytes(merged) <= limit:
            bubbles[-1] = merged
        else:
            bubbles.append(text)
    return bubbles


def _pieces(text: str, limit: int) -> list[str]:
    pieces = [text]
    for cut in (_LINES, _SENTENCES, _CLAUSES):
        pieces = [part for piece in pieces for part in (cut.findall(piece) if _bytes(piece) > limit else [piece])]
    most = limit // 4  # characters: none has more than four bytes
    return [
        piece[at : at + most] if _bytes(piece) > limit else piece for piece in pieces for at in _starts(piece, limit)
    ]


def _starts(piece: str, limit: int) -> range:
    return range(0, len(piece), limit // 4) if _bytes(piece) > limit else range(1)


def _packed(pieces: list[str], limit: int) -> list[str]:
    packed: list[str] = []
    for piece in pieces:
        if packed and _bytes(packed[-1] + piece) <= limit:
            packed[-1] += piece
        else:
            packed.append(piece)
    return packed


def _bytes(text: str) -> int:
    return len(text.encode())
