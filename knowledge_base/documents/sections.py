"""A document cut at its headings."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.documents.blocks import Block
from knowledge_base.documents.headings import Kind, Numbering, is_contents_line, numbering

_LONGEST_HEADING = 40  # characters; what is longer is a sentence
_SENTENCE_ENDS = "。；，;,：:"
_MARKED_LEVELS = 10  # headings marked by the file stand above all that are only numbered
_OUTERMOST = -1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text below it, up to the next heading.

    Attributes:
        path: the headings above it and its own, as they are written; empty for what stands before the first.
        heading: its own without its number; empty where it only has a number.
        article: 第三条, if it is one.
        body: its paragraphs.
        first: the number of its first block in the document, from 1.
    """

    path: tuple[str, ...]
    heading: str
    article: str
    body: tuple[str, ...]
    first: int
    page: int | None


@dataclass(frozen=True, slots=True)
class _Heading:
    rank: int
    written: str
    heading: str
    article: str = ""
    body: str = ""


def sections(blocks: Sequence[Block]) -> list[Section]:
    """The sections that have text of their own; lines of a table of contents are passed over."""
    found: list[Section] = []
    above: list[_Heading] = []
    body: list[str] = []
    first, page = 1, None

    def finish() -> None:
        if body:
            own = above[-1] if above else _Heading(_OUTERMOST, "", "")
            path = tuple(heading.written for heading in above)
            found.append(Section(path, own.heading, own.article, tuple(body), first, page))
        body.clear()

    kept = [block for block in blocks if not is_contents_line(block.text)]
    for number, block in enumerate(kept):
        following = kept[number + 1] if number + 1 < len(kept) else None
        heading = _heading(block, following, in_article=bool(above and above[-1].article))
        if heading is None:
            if not body and not above:
                first, page = number + 1, block.page
            body.append(block.text)
            continue
        finish()
        while above and above[-1].rank >= heading.rank:
            above.pop()
        above.append(heading)
        first, page = number + 1, block.page
        if heading.body:
            body.append(heading.body)
    finish()
    return found


def _heading(block: Block, following: Block | None, *, in_article: bool) -> _Heading | None:
    found = numbering(block.text)
    if block.level is not None:
        heading = found.rest if found else block.text
        article = found.number if found and found.kind is Kind.ARTICLE else ""
        return _Heading(block.level, block.text, heading, article)
    if found is None:
        return None
    rank = _MARKED_LEVELS + found.kind
    if found.kind is Kind.ARTICLE:
        return _article(found, rank)
    if found.kind < Kind.ARTICLE:
        return _Heading(rank, block.text, found.rest) if _is_short(found.rest) else None
    if in_article or not found.rest:
        return None
    if _is_short(found.rest):
        has_body = following is not None and _has_body(found.kind, following)
        return _Heading(rank, block.text, found.rest) if has_body or found.kind is Kind.POINT else None
    if found.kind is Kind.POINT:  # 一、申请条件。年满十八岁的……
        sentence = found.rest.partition("。")[0]
        if len(sentence) <= _LONGEST_HEADING and sentence != found.rest.rstrip("。"):
            return _Heading(rank, f"{found.number}、{sentence}", sentence, body=found.rest)
    return None


def _article(found: Numbering, rank: int) -> _Heading:
    """An article; what stands in 【】 or （） at its beginning is its heading."""
    opened, closed = found.rest[:1], {"【": "】", "（": "）"}.get(found.rest[:1])
    if closed and closed in found.rest[: _LONGEST_HEADING + 2]:
        heading = found.rest[len(opened) : found.rest.index(closed)]
        return _Heading(rank, f"{found.number} {heading}", heading, found.number, found.rest)
    return _Heading(rank, found.number, "", found.number, found.rest)


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and text[-1:] not in tuple(_SENTENCE_ENDS)


def _has_body(kind: Kind, following: Block) -> bool:
    """Whether what follows a numbered line belongs to it: a line in a list is followed by the next of its kind."""
    if following.level is not None:
        return False
    after = numbering(following.text)
    return after is None or after.kind > kind
