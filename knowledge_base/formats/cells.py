r"""Several values in one cell, and the citation of a law, without losing a character.

One escape rule: a backslash takes the meaning from the character behind it. In a cell that holds several values, `|`
stands between two of them, `\|` is a bar that belongs to a value and `\\` a backslash. Before any other character a
backslash is itself, so that what people type by hand stays as they typed it.
"""

import re
from collections.abc import Iterable, Sequence

SEPARATOR = "|"
_UNESCAPED = re.compile(r"\\(.)", re.DOTALL)


def join_cell(values: Iterable[str]) -> str:
    """Several values as the text of one cell."""
    return SEPARATOR.join(_escape(value, r"\|") for value in values)


def split_cell(text: str) -> list[str]:
    """The values of a cell; blank ones between two bars are none."""
    parts, part = [], ""
    for piece in re.findall(r"\\[\\|]|\||[^\\|]+|\\", text):
        if piece == SEPARATOR:
            parts.append(part)
            part = ""
        else:
            part += piece[-1] if piece in (r"\\", r"\|") else piece
    return [value for value in [*parts, part] if value.strip()]


def cite(document: str, article: str) -> str:
    r"""A law as texts cite it: 《document》article.

    Titles within the title keep their brackets: 《关于印发《办法》的通知》. Only brackets without a partner are written
    `\《` and `\》`, and a backslash before a bracket or at the end is doubled.
    """
    document = document.replace("\\", r"\\")
    if _balance(document) is None:
        document = document.replace("《", r"\《").replace("》", r"\》")
    return f"《{document}》{article}"


def parse_citation(text: str) -> tuple[str, str]:
    """Document and article of a citation. Without brackets all of it is the document's name."""
    text = text.strip()
    end = _closing(text) if text.startswith("《") else None
    if end is None:
        return text, ""
    return _UNESCAPED.sub(_unescaped, text[1:end]), text[end + 1 :]


def _unescaped(found: "re.Match[str]") -> str:
    return found[1] if found[1] in "\\《》" else found[0]


def _escape(text: str, special: str) -> str:
    return "".join("\\" + character if character in special else character for character in text)


def _balance(text: str) -> int | None:
    """0 if every bracket has its partner, else None."""
    depth = 0
    for character in text:
        depth += {"《": 1, "》": -1}.get(character, 0)
        if depth < 0:
            return None
    return 0 if depth == 0 else None


def _closing(text: str) -> int | None:
    """Where the bracket that opens the text is closed."""
    depth, skip = 0, False
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif character == "\\":
            skip = text[place + 1 : place + 2] in ("\\", "《", "》")
        elif character in "《》":
            depth += 1 if character == "《" else -1
            if depth == 0:
                return place
    return None


def first_duplicate(names: Sequence[str]) -> str | None:
    """A name that occurs twice, if one does."""
    return next((name for place, name in enumerate(names) if name in names[:place]), None)
