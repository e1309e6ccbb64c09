"""PDF: lines of text put together to paragraphs; what stands on every page is left out."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pypdfium2

from knowledge_base.documents.blocks import Contents, DocumentRefused, Share
from knowledge_base.documents.headings import numbering
from knowledge_base.documents.wrapped_lines import rejoin, widest

_EDGE = 2  # lines at the top and at the bottom of a page that may be its header or footer
_PAGE_NUMBER = re.compile(r"[-—–·\s]*([0-9]{1,4}|第\s*[0-9]+\s*页.*|[0-9]+\s*/\s*[0-9]+)[-—–·\s]*")
_PASSWORD = "Incorrect password"  # noqa: S105 - words of an error
_SHOWN = 10
# Some fonts give Chinese radicals for the characters that look like them: ⼀ for 一.
_RADICALS = re.compile("[\u2e80-\u2fdf]")
_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd\ufffe\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_pdf(path: Path, progress: Share) -> Contents:
    """The paragraphs of a PDF, page after page.

    Raises:
        DocumentRefused: broken, locked, or pictures of pages without text.
    """
    pages = _pages(path, progress)
    empty = [number for number, lines in enumerate(pages, 1) if not lines]
    if len(empty) == len(pages):
        raise DocumentRefused("这个 PDF 里没有文字，像是扫描件。请先做文字识别（OCR），或换成 Word 文件。")
    everywhere = _on_every_page(pages)
    lines = [(line, number) for number, page in enumerate(pages, 1) for line in _body(page, everywhere)]
    notes: tuple[str, ...] = ()
    if empty:
        shown = "、".join(map(str, empty[:_SHOWN])) + (" 等" if len(empty) > _SHOWN else "")
        notes = (f"第 {shown} 页没有文字，可能是扫描的图片，没有取到内容。",)
    return Contents(rejoin(lines, widest(line for line, _ in lines)), notes=notes)


def _pages(path: Path, progress: Share) -> list[list[str]]:
    """The lines of each page."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if _PASSWORD in str(error):
            raise DocumentRefused("这个 PDF 加了密码，请取消密码后再试。") from error
        raise DocumentRefused("打不开这个 PDF 文件，它可能已损坏或不完整，请重新导出后再试。") from error
    pages = []
    try:
        for number in range(len(document)):
            page = document[number]
            textpage = page.get_textpage()
            pages.append(_lines(textpage.get_text_range()))
            textpage.close()
            page.close()
            progress((number + 1) / len(document))
    except pypdfium2.PdfiumError as error:
        raise DocumentRefused(f"第 {len(pages) + 1} 页读不出来，文件可能已损坏，请重新导出后再试。") from error
    finally:
        document.close()
    if not pages:
        raise DocumentRefused("这个 PDF 里没有页面。")
    return pages


def _lines(text: str) -> list[str]:
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return [line.rstrip() for line in _UNREADABLE.sub("", text).splitlines() if line.strip()]


def _on_every_page(pages: list[list[str]]) -> set[str]:
    """Lines at the edges of at least half of the pages, their numbers aside; a numbered heading is none of them."""
    edges = ({_without_numbers(line) for line in _edges(page) if numbering(line.strip()) is None} for page in pages)
    seen = Counter(line for page in edges for line in page)
    return {line for line, count in seen.items() if count >= max(2, len(pages) / 2)}


def _edges(page: list[str]) -> list[str]:
    return page[:_EDGE] + page[-_EDGE:]


def _without_numbers(line: str) -> str:
    return re.sub(r"[0-9]+", "#", line.strip())


def _body(page: list[str], everywhere: set[str]) -> list[str]:
    def is_body(place: int, line: str) -> bool:
        if _EDGE <= place < len(page) - _EDGE:
            return True
        text = line.strip()
        repeated = numbering(text) is None and _without_numbers(text) in everywhere
        return not repeated and not _PAGE_NUMBER.fullmatch(text)

    return [line for place, line in enumerate(page) if is_body(place, line)]
