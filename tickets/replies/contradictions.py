"""Whether a reply says another thing than an earlier one about the same: amounts, dates, yes and no."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.replies.finding import Code, Finding, Severity

_CLAUSE = re.compile(r"[^。！!？?；;，,\n]+")
_VALUE = re.compile(
    r"(?P<date>(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{4}年)|(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>万元|亿元|元|％|%|平方米|公里|米|户|人|个工作日|天|个月|年|倍|吨|层|栋)"
)
_NOT = re.compile(
    r"不(?=属实|存在|予|能|可|符合|需|属于|得|是|会|违)|(?<![属并])未(?!来)|没有?|无(?=需|法|权|违)|并非|非(?=法)"
)
# What a reply says when it changes its word on purpose.
_OWNED = re.compile(
    r"更正|有误|此前(?:答复|回复)|上次(?:答复|回复)|原(?:答复|回复)|经再次核|重新核|调整为|变更为|改为|推迟|延期|提前"
)
_ALIKE = 0.6  # share of pairs of characters two clauses have in common from which they are about the same
_PAIRS_LEAST = 3
_FORMAL = re.compile(
    r"^(?:\s*[“\"]?(?:网友|市民|您|尊敬).*|.*(?:答复|回复|留言|来信|收悉).*|\s*\d{4}年\d{1,2}月\d{1,2}日\s*)$"
)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A clause: what it is about, and what it says of it."""

    about: frozenset[str]
    values: frozenset[tuple[str, str]]
    denied: bool
    span: tuple[int, int]
    text: str


def check_contradictions(reply: str, earlier: Sequence[str]) -> Iterator[Finding]:
    """Find where a reply differs from an earlier one about the same thing, and does not say so itself."""
    if _OWNED.search(reply):
        return
    before = [claim for text in earlier for claim in _claims(text)]
    for now in _claims(reply):
        differs = next((then for then in before if _contradict(now, then)), None)
        if differs is not None:
            told = f"上次答复说“{differs.text}”，这次说“{now.text}”。请核对；情况变了，就写明为什么变。"
            yield Finding(Code.CONTRADICTION, Severity.SOFT, now.span, told)


def _claims(text: str) -> Iterator[_Claim]:
    for clause in _CLAUSE.finditer(text):
        said = clause.group().strip()
        if _FORMAL.match(said):
            continue
        values = frozenset(_value(found) for found in _VALUE.finditer(said))
        plain = _NOT.sub("", _VALUE.sub("", said))
        about = frozenset(plain[place : place + 2] for place in range(len(plain) - 1))
        if len(about) >= _PAIRS_LEAST:
            yield _Claim(about, values, bool(_NOT.search(said)), clause.span(), said)


def _value(found: re.Match[str]) -> tuple[str, str]:
    """The kind of a value and the value: dates with dates, amounts with amounts of the same unit."""
    date = found["date"]
    if date:
        return ("日期", re.sub(r"^\d{4}年(?=\d)", "", date))
    return (found["unit"], f"{float(found['number']):g}")


def _contradict(now: _Claim, then: _Claim) -> bool:
    if len(now.about & then.about) < _ALIKE * len(now.about | then.about):
        return False
    if now.denied != then.denied and not now.values and not then.values:
        return True
    kinds = {kind for kind, _ in now.values} & {kind for kind, _ in then.values}
    return any(_of(kind, now).isdisjoint(_of(kind, then)) for kind in kinds)


def _of(kind: str, claim: _Claim) -> frozenset[str]:
    return frozenset(value for one, value in claim.values if one == kind)
