"""The publish gate: a change is tried on real questions before citizens meet it.

The bank is what staff expect (their test questions), what people asked lately, and the similar questions of the entries
near the one that changes. Each is decided twice, by the base as it is and as it would be.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from knowledge_base.decision import Decision
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.search.wordings import wordings_of
from knowledge_base.text import exact_key
from knowledge_base.versions import NotAllowed

_NEAR = 60  # entries whose similar questions are tried
_WORDINGS = 40  # of the changed entry, by which the near ones are found
_NAMED = 5  # questions in the history
_LOOKED_AROUND = 30  # entries of a lot of which the near ones are found
_OF_A_LOT = 1_000  # questions that are near some of a lot, and as many of the others' own

_T = TypeVar("_T")


class Origin(StrEnum):
    """Where a question of the bank comes from."""

    TEST = "test"
    ASKED = "asked"
    SIMILAR = "similar"

    @property
    def label(self) -> str:
        """As staff read it."""
        return {"test": "测试问题", "asked": "市民问过", "similar": "相似问法"}[self.value]


class Verdict(StrEnum):
    """What a change does to a question."""

    WORSE = "worse"
    STOLEN = "stolen"
    LOST = "lost"
    CHANGED = "changed"
    BETTER = "better"

    @property
    def label(self) -> str:
        """As staff read it."""
        return _LABELS[self]

    @property
    def is_drop(self) -> bool:
        """Whether it takes a written reason to publish all the same."""
        return self in (Verdict.WORSE, Verdict.STOLEN, Verdict.LOST)


_LABELS = {
    Verdict.WORSE: "变差",
    Verdict.STOLEN: "被这条抢走",
    Verdict.LOST: "找不到答案了",
    Verdict.CHANGED: "答案变了",
    Verdict.BETTER: "变好",
}


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question to try.

    Attributes:
        expected: slugs of the entries that would be right; None where nobody knows; empty if nothing may answer.
    """

    text: str
    origin: Origin
    expected: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one question."""

    question: str
    origin: Origin
    verdict: Verdict
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found out about one content of one entry.

    Attributes:
        digest: of the content that was tried.
        tried: how many questions were asked.
    """

    digest: str
    tried: int
    effects: tuple[Effect, ...]

    @property
    def drops(self) -> tuple[Effect, ...]:
        """The effects for the worse."""
        return tuple(effect for effect in self.effects if effect.verdict.is_drop)


def digest_of(*entries: Entry) -> str:
    """By which the content of one or more entries is known again, whatever their versions and order."""
    whole = hashlib.sha256()
    for entry in sorted(entries, key=lambda each: each.slug):
        whole.update(entry.model_copy(update={"version": 1, "published_at": None}).model_dump_json().encode())
    return whole.hexdigest()[:16]


def check_trial(trial: Trial, entries: Sequence[Entry], reason: str) -> None:
    """See that it was these contents that were tried, and that a reason is given for what becomes worse.

    Raises:
        NotAllowed: it was not, or there is none.
    """
    if trial.digest != digest_of(*entries):
        raise NotAllowed("试过之后内容又改了，请重新试一遍再发布。")
    if trial.drops and not reason.strip():
        raise NotAllowed(f"有 {len(trial.drops)} 个问题会答得更差。改好问法再发布，或者写明为什么仍要发布。")


def summary_of(trial: Trial) -> str:
    """What is kept of a trial in the history."""
    told = f"发布前试了 {trial.tried} 个问题，{len(trial.effects)} 个有变化，{len(trial.drops)} 个变差"
    shown = "、".join(f"“{effect.question}”" for effect in trial.drops[:_NAMED])
    return f"{told}：{shown}" if shown else told


async def near_questions(knowledge: Knowledge, entry: Entry) -> list[BankQuestion]:
    """The wordings of an entry, as it would be, and of those that are near it."""
    near: dict[str, Entry] = {}
    if (told := knowledge.entry(entry.slug)) is not None:
        near[entry.slug] = told  # as it is asked for today: what it no longer says must be seen
    for wording in wordings_of(entry)[:_WORDINGS]:
        for found in await knowledge.candidates(wording, _NEAR):
            near.setdefault(found.entry.slug, found.entry)
        if len(near) > _NEAR:
            break
    # First those of the others: a wording that is theirs today is not the entry's own, though it may say so now.
    others = [other for other in near.values() if other.slug != entry.slug][:_NEAR]
    own = [near[entry.slug], entry] if entry.slug in near else [entry]
    return [
        BankQuestion(text, Origin.SIMILAR, frozenset({asked.slug}))
        for asked in (*others, *own)
        for text in wordings_of(asked)
    ]


async def lot_questions(knowledge: Knowledge, lot: Sequence[Entry]) -> list[BankQuestion]:
    """As `near_questions`, of many entries at once: of some of them those near by, of the others their own wordings."""
    looked_at = _evenly(lot, _LOOKED_AROUND)
    found = [question for entry in looked_at for question in await near_questions(knowledge, entry)]
    known = {entry.slug for entry in looked_at}
    own = [
        BankQuestion(text, Origin.SIMILAR, frozenset({entry.slug}))
        for entry in lot
        if entry.slug not in known
        for text in wordings_of(entry)
    ]
    return [*_evenly(found, _OF_A_LOT), *_evenly(own, _OF_A_LOT)]


def _evenly(every: Sequence[_T], most: int) -> Sequence[_T]:
    """All of them, or so many from all over."""
    return every if len(every) <= most else [every[place * len(every) // most] for place in range(most)]


async def try_change(
    knowledge: Knowledge,
    changed: Sequence[Entry],
    bank: Iterable[BankQuestion],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Trial:
    """Decide every question of the bank with and without the change.

    Args:
        changed: the entries as they would be published, all at once.
        progress: told how many questions of how many have been asked.
    """
    questions = _each_once(bank)
    after_it = await knowledge.with_change(*changed)
    slugs = frozenset(entry.slug for entry in changed)
    effects = []
    for done, question in enumerate(questions, 1):
        before, after = await knowledge.decide_on(question.text), await after_it.decide_on(question.text)
        if effect := _effect(slugs, question, before, after):
            effects.append(effect)
        progress(done, len(questions))
        await asyncio.sleep(0)
    order = list(Verdict)
    effects.sort(key=lambda effect: (order.index(effect.verdict), effect.question))
    return Trial(digest_of(*changed), len(questions), tuple(effects))


def _each_once(bank: Iterable[BankQuestion]) -> list[BankQuestion]:
    """Asked in the same words twice, the one that expects something counts."""
    kept: dict[str, BankQuestion] = {}
    for question in bank:
        key = exact_key(question.text)
        if key not in kept or (kept[key].expected is None and question.expected is not None):
            kept[key] = question
    return list(kept.values())


def _effect(changed: frozenset[str], question: BankQuestion, before: Decision, after: Decision) -> Effect | None:
    was, becomes = _told(before), _told(after)
    verdict: Verdict | None = None
    if question.expected is None:
        if was != becomes:
            verdict = Verdict.LOST if not becomes else Verdict.CHANGED if was else Verdict.BETTER
    else:
        had, has = _worth(before, question.expected), _worth(after, question.expected)
        own = bool(question.expected) and question.expected <= changed
        if own and before.kind == "answer" and had < 0 and has > had:
            verdict = Verdict.STOLEN  # another entry answered it until now
        elif has > had:
            verdict = Verdict.BETTER
        elif has < had or (own and not has):
            stolen = bool(question.expected and becomes) and not own and becomes[0] in changed
            verdict = Verdict.STOLEN if stolen else Verdict.LOST if not becomes else Verdict.WORSE
        elif was != becomes:
            verdict = Verdict.CHANGED
    if verdict is None:
        return None
    return Effect(question.text, question.origin, verdict, _shown(before), _shown(after))


def _told(decision: Decision) -> tuple[str, ...]:
    entries: Sequence[Entry] = (decision.entry,) if decision.entry else decision.choices
    return tuple(entry.slug for entry in entries)


def _worth(decision: Decision, expected: frozenset[str]) -> int:
    """How right a decision is: 2 answered, 1 offered, 0 neither; -1 for an answer that is wrong."""
    told = _told(decision)
    if decision.kind == "answer":
        return 2 if told[0] in expected else -1
    if not expected:
        return 2 if decision.kind == "no_answer" else 1
    return int(any(slug in expected for slug in told))


def _shown(decision: Decision) -> str:
    """A decision as staff read it."""
    told = "、".join(_told(decision))
    return {"answer": f"直接回答 {told}", "choices": f"给出选项 {told}", "no_answer": "没有答案"}[decision.kind]
