"""Which of several entries on one matter applies: by the region and the audience that the question names.

A base may answer one question differently for one district and another, or for people and companies. Ranking cannot
tell such entries apart, as they are worded alike; this rule does, after the ranking.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge_base.entry import Entry
from knowledge_base.search.ranking import Candidate
from service.text import exact_key

_AUDIENCES = {
    "企业": re.compile(r"企业|公司|单位|工厂|厂家|个体户|个体工商户|店铺|开店|老板|法人"),
    "个人": re.compile(r"个人|本人|自己|市民|居民|职工|员工|老人|孩子"),
}
_REGION_PARTS = re.compile(r".+?(?:省|自治区|市|区|县|旗|镇|乡|街道|社区|村)(?=.|$)")
_KIND_OF_PLACE = re.compile(r"(?:自治区|街道|社区|[省市区县旗镇乡村])$")
_SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Applicable:
    """The ranking once the rule has looked at it.

    Attributes:
        candidates: the first stands for its matter, with the entry that applies; entries that do not are gone.
        open: the entries of the first matter between which only the citizen can choose; empty where one applies.
    """

    candidates: tuple[Candidate, ...]
    open: tuple[Entry, ...] = ()


def applicable(question: str, ranked: Sequence[Candidate], home: Sequence[str] = ()) -> Applicable:
    """Settle which entry of the first matter applies.

    The matter is found by whichever of its entries is worded most like the question; what is answered is the one
    whose region the question names, else the one of this place, and whose audience the question names.

    Args:
        ranked: the candidates, best first.
        home: names of this place, the nearest first.
    """
    first = ranked[0]
    variants = [found for found in ranked if found is first or are_variants(first.entry, found.entry)]
    if len(variants) == 1:
        return Applicable(tuple(ranked))
    fitting = _of_audience(question, _of_region(question, [found.entry for found in variants], home))
    slugs = {found.entry.slug for found in variants}
    others = [found for found in ranked if found.entry.slug not in slugs]
    settled = (replace(first, entry=fitting[0]), *others)
    return Applicable(settled, tuple(fitting) if len(fitting) > 1 else ())


def are_variants(one: Entry, other: Entry) -> bool:
    """Whether two entries tell of one matter for different regions or audiences."""
    return bool(_names(one) & _names(other)) and _scope(one) != _scope(other)


def titles(choices: Sequence[Entry]) -> list[str]:
    """The choices as buttons name them: with region and audience where these tell them apart."""
    told = []
    for entry in choices:
        variants = [other for other in choices if are_variants(entry, other)]
        scope = []
        if any(other.region != entry.region for other in variants):
            scope.append(entry.region or "其他地区")
        if any(set(other.audience) != set(entry.audience) for other in variants):
            scope.append("、".join(entry.audience) or "不限对象")
        title = entry.matter or entry.question
        told.append(f"{title}（{' · '.join(scope)}）" if scope else title)
    return told


def _of_region(question: str, entries: list[Entry], home: Sequence[str]) -> list[Entry]:
    named = [entry for entry in entries if entry.region and _is_named(entry.region, question)]
    if named:
        return named
    for place in home:
        here = [entry for entry in entries if entry.region == place]
        if here:
            return here
    return [entry for entry in entries if not entry.region] or entries


def _of_audience(question: str, entries: list[Entry]) -> list[Entry]:
    told = {audience for entry in entries for audience in entry.audience}
    named = {
        audience for audience in told if _AUDIENCES.get(audience, re.compile(re.escape(audience))).search(question)
    }
    return [entry for entry in entries if named & set(entry.audience)] or entries if named else entries


def _is_named(region: str, question: str) -> bool:
    """Whether a question names a region, by the nearest part of it: 示例区阳光街道 as 阳光街道 or 阳光."""
    nearest = (_REGION_PARTS.findall(region) or [region])[-1]
    short = _KIND_OF_PLACE.sub("", nearest)
    return nearest in question or (len(short) >= _SHORTEST_NAME and short in question)


def _names(entry: Entry) -> set[str]:
    return {exact_key(text) for text in (entry.matter, entry.question) if text}


def _scope(entry: Entry) -> tuple[str, frozenset[str]]:
    return entry.region, frozenset(entry.audience)
