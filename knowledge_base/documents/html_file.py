"""Web pages: what stands in headings, paragraphs, lists and tables, without menus and scripts."""

from itertools import islice
from pathlib import Path

from bs4 import BeautifulSoup, CData, Tag
from bs4.element import NavigableString

from knowledge_base.documents.blocks import Block, Contents, DocumentRefused, Share
from service.text_encoding import EncodingRefused, open_text

_NOT_READ = ("script", "style", "nav", "header", "footer", "aside", "form", "button", "noscript", "template", "svg")
_BLOCKS = frozenset(
    (
        *("address", "article", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "figure"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th"),
        *("tr", "ul"),
    )
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 200  # tags within tags; real pages have a few dozen


def read_html(path: Path, progress: Share) -> Contents:
    """The paragraphs of a web page; rows of tables with bars between their cells.

    Raises:
        DocumentRefused: no text.
    """
    try:
        with open_text(path, newline="") as (file, _):
            soup = BeautifulSoup(file.read(), "html.parser")
    except EncodingRefused as refused:
        raise DocumentRefused(f"{refused}。") from refused
    for tag in soup(_NOT_READ):
        tag.decompose()
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    first = soup.find("h1")
    if isinstance(first, Tag) and first.get_text().strip():
        title = " ".join(first.get_text().split())
        first.decompose()
    blocks = _blocks(soup.body or soup)
    progress(1.0)
    return Contents(blocks, title)


def _blocks(body: Tag) -> list[Block]:
    """One block for all text that shares its nearest tag of a block, and one for a row of a table."""
    blocks: list[Block] = []
    texts: list[str] = []
    current: Tag | None = None

    def finish() -> None:
        text = " ".join("".join(texts).split()) if texts else ""
        if text.strip(" |") and current is not None:
            blocks.append(Block(text.strip(" |"), _HEADINGS.get(current.name)))
        texts.clear()

    cell: Tag | None = None
    for node in body.descendants:
        if isinstance(node, Tag):
            if node.name == "br":
                finish()
            continue
        if not isinstance(node, NavigableString) or (type(node) is not NavigableString and not isinstance(node, CData)):
            continue  # comments, declarations
        if not node.strip():
            texts += [" "] if texts else []
            continue
        block, in_cell = _nearest(node)
        if block is not current:
            finish()
            current = block
        if in_cell is not cell:
            texts += [" | "] if texts else []
            cell = in_cell
        texts.append(str(node))
    finish()
    return blocks


def _nearest(node: NavigableString) -> tuple[Tag | None, Tag | None]:
    """The block a text belongs to, the row for what is in a table, and its cell."""
    block: Tag | None = None
    cell: Tag | None = None
    for parent in islice(node.parents, _DEEPEST):
        if parent.name in ("td", "th") and cell is None:
            cell = parent
        elif parent.name == "tr" and cell is not None:
            return parent, cell
        elif parent.name in _BLOCKS and block is None:
            block = parent
    return block or cell, None
