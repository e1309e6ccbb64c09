"""Sections of a document as proposals for entries. The answer is the section's own words; nothing is made up."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

from knowledge_base.documents.blocks import PolicyDocument
from knowledge_base.documents.sections import Section, sections
from knowledge_base.documents.wording import question_of
from knowledge_base.entry import TEXT_LIMIT, Entry, LegalBasis
from knowledge_base.versions import Source

_LONGEST_MATTER = 60  # characters
_SLUG_LETTERS = 24
_SLUG_DIGITS = 10  # of a hash: two sections out of a hundred million would meet


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed entry and where it comes from."""

    entry: Entry
    source: Source


def candidates(document: PolicyDocument) -> list[Candidate]:
    """One proposal for each section; a very long section makes several."""
    found: list[Candidate] = []
    seen: Counter[str] = Counter()
    for section in sections(document.blocks):
        for number, text in enumerate(_parts(section.body), 1):
            place = _place(section) + (f"，第 {number} 部分" if number > 1 else "")
            seen[place] += 1
            if seen[place] > 1:
                place += f"（第 {seen[place]} 处）"
            found.append(_candidate(document, section, text, place))
    return found


def _candidate(document: PolicyDocument, section: Section, text: str, place: str) -> Candidate:
    title = document.title
    heading = section.heading or (f"{title} {section.article}".strip() if section.article or not section.path else "")
    heading = (heading or section.path[-1]).replace("\n", " ")
    entry = Entry(
        slug=_slug(heading, document.sha256, place),
        matter=heading[:_LONGEST_MATTER],
        question=question_of(title, section),
        answer=text,
        legal_basis=(LegalBasis(document=title, article=section.article),),
    )
    told = "\n".join([*section.path[-1:], text]) if not text.startswith(section.path[-1:]) else text
    return Candidate(entry, Source(document=document.name, sha256=document.sha256, place=place, text=told))


def _place(section: Section) -> str:
    where = f"第 {section.page} 页" if section.page else f"第 {section.first} 段"
    return f"{' › '.join(section.path) or '开头'}（{where}）"


def _slug(heading: str, sha256: str, place: str) -> str:
    """Initials that people recognise, and a hash that the same place of the same document always gives."""
    initials = "".join(lazy_pinyin(heading, style=Style.FIRST_LETTER, errors="ignore")).lower()
    readable = re.sub("[^a-z0-9]", "", initials)[:_SLUG_LETTERS] or "doc"
    return f"{readable}-{hashlib.sha256(f'{sha256} {place}'.encode()).hexdigest()[:_SLUG_DIGITS]}"


def _parts(paragraphs: tuple[str, ...]) -> Iterator[str]:
    """The text in pieces that an answer can hold, cut between paragraphs where possible."""
    text = ""
    for paragraph in paragraphs:
        for start in range(0, len(paragraph), TEXT_LIMIT):
            piece = paragraph[start : start + TEXT_LIMIT]
            if text and len(text) + 1 + len(piece) > TEXT_LIMIT:
                yield text
                text = ""
            text = f"{text}\n{piece}" if text else piece
    if text.strip():
        yield text
