"""How Chinese documents number their parts: 第一章, 第一条, 一、, （一）, 1., （1）."""

import re
from dataclasses import dataclass
from enum import IntEnum

_NUMBER = "[一二三四五六七八九十百千零〇两0-9０-９]+"


class Kind(IntEnum):
    """Kinds of numbering, the highest first."""

    BOOK = 0
    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    POINT = 4
    SUBPOINT = 5
    ITEM = 6
    SUBITEM = 7


@dataclass(frozen=True, slots=True)
class Numbering:
    """A numbered beginning.

    Attributes:
        number: as it is written: 第三条, （一）.
        rest: what follows it in the same paragraph.
    """

    kind: Kind
    number: str
    rest: str


_FORMS = (
    (Kind.BOOK, f"第{_NUMBER}编"),
    (Kind.CHAPTER, f"第{_NUMBER}章"),
    (Kind.SECTION, f"第{_NUMBER}节"),
    # Not where a sentence goes on about another article: 第三条规定的材料.
    (
        Kind.ARTICLE,
        rf"第{_NUMBER}条(?:之{_NUMBER})?(?![规第款项、和与至或的所中，,]|[（(][一二三四五六七八九十0-9]|以上|以下)",
    ),
    (Kind.POINT, "[一二三四五六七八九十百]+[、．]"),
    (Kind.SUBPOINT, "[（(][一二三四五六七八九十百]+[）)]"),
    (Kind.ITEM, r"[0-9０-９]{1,2}(?:[、．]|\.(?![0-9]))"),
    (Kind.SUBITEM, "[（(][0-9０-９]{1,2}[）)]"),
)
_COMPILED = tuple((kind, re.compile(form)) for kind, form in _FORMS)
_CONTENTS_LINE = re.compile(r"[.…·．]{3,}\s*[0-9]+$")


def numbering(text: str) -> Numbering | None:
    """The number a paragraph begins with, if it does."""
    for kind, form in _COMPILED:
        if found := form.match(text):
            return Numbering(kind, found[0].rstrip("、．."), text[found.end() :].strip())
    return None


def is_contents_line(text: str) -> bool:
    """Whether it is a line of a table of contents: 第一章 总则……3."""
    return bool(_CONTENTS_LINE.search(text)) or re.sub(r"\s", "", text) == "目录"
