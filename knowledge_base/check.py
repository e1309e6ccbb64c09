"""What is wrong with a knowledge base, before a citizen finds out."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge_base.entry import Entry, Facet
from knowledge_base.forbidden import forbidden
from knowledge_base.knowledge import Knowledge
from knowledge_base.search.wordings import wordings_of
from service.clock import china_date, china_moment, shown_when
from service.text import exact_key

_SAME = 0.8  # share of character pairs two questions have in common from which they ask the same
_LOOKED_AT = 5  # candidates a question is compared with
_NUMBERS = {
    Facet.FEE: re.compile(r"\d+(?:\.\d+)?\s*(?:元|万元)|免费|不收费"),
    Facet.TIME_LIMIT: re.compile(r"\d+\s*个?(?:工作日|自然日|日|天|个月|分钟|小时)"),
    Facet.PHONE: re.compile(r"\d{3,4}-\d{7,8}|1\d{10}|\b(?:12\d{3}|96\d{3,4})\b"),
}


class Problem(StrEnum):
    """Kinds of findings."""

    EXPIRED = "expired"
    REVIEW_OVERDUE = "review_overdue"
    UNSOURCED = "unsourced"
    SAME_WORDING = "same_wording"
    NEAR_DUPLICATE = "near_duplicate"
    CONTRADICTION = "contradiction"
    STEALING = "stealing"
    FORBIDDEN_PHRASE = "forbidden_phrase"
    UNREACHABLE = "unreachable"

    @property
    def label(self) -> str:
        """The kind as staff read it."""
        return _LABELS[self]


_LABELS = {
    Problem.EXPIRED: "已过期",
    Problem.REVIEW_OVERDUE: "过了复核日期",
    Problem.UNSOURCED: "没有依据",
    Problem.SAME_WORDING: "问法重复",
    Problem.NEAR_DUPLICATE: "内容相近",
    Problem.CONTRADICTION: "说法不一",
    Problem.STEALING: "问法找不到自己",
    Problem.FORBIDDEN_PHRASE: "不该用的话",
    Problem.UNREACHABLE: "打不开的链接",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right.

    Attributes:
        other: the second entry concerned, if there is one.
        message: what it is and what to do, in Chinese.
    """

    problem: Problem
    slug: str
    message: str
    other: str | None = None


async def check(
    entries: Sequence[Entry],
    knowledge: Knowledge,
    moment: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[Finding]:
    """Everything that is wrong with these entries.

    Args:
        knowledge: has taken over the entries.
        progress: told how many entries have been looked at.
    """
    findings = [*_same_wordings(entries)]
    pairs: set[tuple[str, str]] = set()
    for done, entry in enumerate(entries, 1):
        findings += _of_one(entry, moment)
        async for finding in _among_others(entry, knowledge, pairs):
            findings.append(finding)
        progress(done)
    order = list(Problem)
    return sorted(findings, key=lambda finding: (order.index(finding.problem), finding.slug, finding.message))


def _of_one(entry: Entry, moment: datetime) -> Iterator[Finding]:
    if entry.expires_on and china_moment(entry.expires_on) <= moment:
        told = f"{shown_when(entry.expires_on)} 已失效，市民问不到了。更新内容和日期，或者归档。"
        yield Finding(Problem.EXPIRED, entry.slug, told)
    elif entry.review_by and entry.review_by < china_date(moment):
        told = f"应在 {entry.review_by} 前复核，还没有。核对一遍，再填下次复核日期。"
        yield Finding(Problem.REVIEW_OVERDUE, entry.slug, told)
    if not entry.legal_basis:
        yield Finding(Problem.UNSOURCED, entry.slug, "没有写依据的文件和条款，请补上。")
    for text in (entry.answer, entry.short_answer, *entry.facets.model_dump().values()):
        for phrase, advice in forbidden.now.items():
            if phrase in text:
                yield Finding(Problem.FORBIDDEN_PHRASE, entry.slug, f"“{phrase}”：{advice}。")


def _same_wordings(entries: Sequence[Entry]) -> Iterator[Finding]:
    owners: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for wording in wordings_of(entry):
            owners[exact_key(wording)][entry.slug] = wording
    for same in owners.values():
        (first, wording), *others = same.items()
        for other, _ in others:
            told = f"“{wording}”在 {other} 里也有，问到时两个都不会直接回答。留一个。"
            yield Finding(Problem.SAME_WORDING, first, told, other)


async def _among_others(entry: Entry, knowledge: Knowledge, pairs: set[tuple[str, str]]) -> AsyncIterator[Finding]:
    for wording in wordings_of(entry):
        candidates = await knowledge.candidates(wording, _LOOKED_AT)
        others = [found.entry for found in candidates if found.entry.slug != entry.slug]
        if candidates and candidates[0].entry.slug != entry.slug and knowledge.entry(entry.slug):
            thief = others[0]
            told = f"“{wording}”先找到的是 {thief.slug}（{thief.matter or thief.question}）。改问法，或者理清两个条目。"
            yield Finding(Problem.STEALING, entry.slug, told, thief.slug)
        if wording != entry.question:
            continue
        for other in others:
            pair = (min(entry.slug, other.slug), max(entry.slug, other.slug))
            if pair in pairs or not _ask_the_same(entry, other):
                continue
            pairs.add(pair)
            told = f"与 {other.slug} 问的差不多（“{other.question}”）。合成一条，或者写清区别。"
            yield Finding(Problem.NEAR_DUPLICATE, entry.slug, told, other.slug)
            for finding in _contradictions(entry, other):
                yield finding


def _ask_the_same(entry: Entry, other: Entry) -> bool:
    if entry.matter and entry.matter == other.matter and entry.region == other.region:
        return True
    ours, theirs = _pairs(entry.question), _pairs(other.question)
    return len(ours & theirs) >= _SAME * max(1, len(ours | theirs))


def _pairs(text: str) -> set[str]:
    key = exact_key(text)
    return {key[place : place + 2] for place in range(len(key) - 1)}


def _contradictions(entry: Entry, other: Entry) -> Iterator[Finding]:
    for facet, numbers in _NUMBERS.items():
        ours = set(numbers.findall(entry.facet_text(facet)))
        theirs = set(numbers.findall(other.facet_text(facet)))
        if ours and theirs and not ours & theirs:
            here, there = ("、".join(sorted(found)) for found in (ours, theirs))
            told = f"{facet.label}与 {other.slug} 不同：{here}；{there}。核对哪个对。"
            yield Finding(Problem.CONTRADICTION, entry.slug, told, other.slug)
