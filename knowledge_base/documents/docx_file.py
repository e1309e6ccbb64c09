"""Word documents (DOCX): paragraphs and tables in their order; headers and footers are parts of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge_base.documents.blocks import Block, Contents, DocumentRefused, Share
from service.office_archive import ArchiveRefused, check_archive

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOT_READ = {
    _WORD + "txbxContent",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # says again what Choice says
}
_UNPACKED_LIMIT = 128 * 1024 * 1024  # bytes; the document is held in memory as a whole
_TITLE_STYLES = ("title", "标题")


def read_docx(path: Path, progress: Share) -> Contents:
    """The paragraphs of a Word document; rows of tables with bars between their cells.

    Raises:
        DocumentRefused: broken, locked or a trap.
    """
    try:
        check_archive(path, "DOCX", _UNPACKED_LIMIT)
        document = docx.Document(str(path))
        body = list(document.iter_inner_content())
    except ArchiveRefused as refused:
        raise DocumentRefused(f"{refused}。") from refused
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        AttributeError,
        SyntaxError,
    ) as error:  # lxml's is a SyntaxError
        raise DocumentRefused("打不开这个 DOCX 文件，它可能已损坏或不完整，请重新另存后再试。") from error
    blocks: list[Block] = []
    title = ""
    for number, item in enumerate(body, 1):
        if isinstance(item, Table):
            blocks += [Block(row) for row in _rows(item)]
        else:
            text = _text(item._p).strip()  # its own `text` leaves out what was inserted under review
            if text and not title and not blocks and _style(item) in _TITLE_STYLES:
                title = " ".join(text.split())
            elif text:
                blocks.append(Block(text, _level(item)))
        progress(number / len(body))
    return Contents(blocks, title)


def _style(paragraph: Paragraph) -> str:
    style = paragraph.style
    return str(style.name).lower() if style is not None and style.name else ""


def _level(paragraph: Paragraph) -> int | None:
    """The level of a heading style: Heading 2, 标题 2; also of one derived from it."""
    style: Any = paragraph.style
    for _ in range(10):  # a style may name itself as its base
        if style is None or not style.name:
            return None
        words = str(style.name).lower().replace("标题", "heading ").split()
        if len(words) == 2 and words[0] == "heading" and words[1].isdecimal() and 1 <= int(words[1]) <= 9:
            return int(words[1])
        style = style.base_style
    return None


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[Any] = []
        for cell in row.cells:
            if not cells or cell._tc is not cells[-1]:  # a merged cell is given once for each column it covers
                cells.append(cell._tc)
        texts = [" ".join(_text(cell).split()) for cell in cells]
        if any(texts):
            yield " | ".join(texts)


def _text(element: Any) -> str:
    """All text within, deletions under review left out, insertions taken."""
    text = ""
    for part in element:
        if part.tag == _WORD + "t":
            text += part.text or ""
        elif part.tag == _WORD + "tab":
            text += " "
        elif part.tag in (_WORD + "br", _WORD + "cr"):
            text += "\n"
        elif part.tag == _WORD + "p":
            text += _text(part) + "\n"
        elif part.tag not in _NOT_READ:
            text += _text(part)
    return text
