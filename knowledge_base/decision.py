"""Answer, offer choices, or admit that there is no answer: by the probability that the first entry is right."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from knowledge_base.applicability import applicable
from knowledge_base.entry import Entry
from knowledge_base.places import asks_elsewhere
from knowledge_base.search.ranking import Candidate, weights_for
from service.text import exact_key

Kind = Literal["answer", "choices", "no_answer"]
Probability = Annotated[float, Field(ge=0, le=1)]

_MEANING = re.compile(r"[\u4e00-\u9fffa-z]")
_CHOICE_SHARE = 0.02  # a choice's chance, as a share of the first's, from which it is worth showing
_ODDS_LIMIT = 30.0  # log odds beyond which a probability cannot be told from 0 or 1
_FAR_OUT = 2.5  # standard deviations
_LEAD_LIMIT = 6.0  # odds of 400 to 1 are as good as any more


class AnswerSettings(BaseModel):
    """When the assistant answers alone, offers choices, or admits it does not know."""

    answer_at: Probability = 0.90  # chance that the first entry is right
    offer_at: Probability = 0.12  # below this nothing is offered
    choices: Annotated[int, Field(ge=2, le=3)] = 3


@dataclass(frozen=True, slots=True)
class Correction:
    """How a base's own questions correct the learned probability: its log odds are stretched and shifted."""

    stretch: float = 1.0
    shift: float = 0.0

    def apply(self, probability: float) -> float:
        """The corrected probability."""
        if probability in (0.0, 1.0):
            return probability
        odds = math.log(probability / (1 - probability))
        return 1 / (1 + math.exp(-max(-_ODDS_LIMIT, min(_ODDS_LIMIT, self.stretch * odds + self.shift))))


UNCORRECTED = Correction()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a question.

    Attributes:
        probability: that the first entry is right.
        entry: what to answer with, when `kind` is "answer".
        choices: what to offer, when `kind` is "choices".
        reason: why, for staff.
    """

    kind: Kind
    probability: float
    entry: Entry | None = None
    choices: tuple[Entry, ...] = ()
    reason: str = ""
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)

    @classmethod
    def chosen(cls, entry: Entry) -> Self:
        """The citizen, not the search, said which entry is meant."""
        return cls("answer", 1.0, entry, reason="市民自己选的")

    @classmethod
    def still_open(cls, choices: Sequence[Entry]) -> Self:
        """The citizen was offered these and asks on without having chosen."""
        return cls("choices", 0.0, choices=tuple(choices), reason="上一次给的选项还没有选")

    @classmethod
    def exact(cls, entry: Entry) -> Self:
        """The question is one of the entry's own wordings."""
        return cls("answer", 1.0, entry, reason="与条目的问法相同")


def decide(
    question: str,
    candidates: Sequence[Candidate],
    settings: AnswerSettings,
    home: Sequence[str] = (),
    correction: Correction = UNCORRECTED,
) -> Decision:
    """Decide on the ranked candidates.

    Args:
        home: names of this place; a question about another place's rules is not answered.
        correction: of the probability, as this base's own questions ask for.
    """
    found = tuple(candidates)
    if len(_MEANING.findall(exact_key(question))) < 2 or not found:
        return Decision("no_answer", 0.0, reason="没有可以检索的内容", candidates=found)
    first = found[0].entry
    told = " ".join((first.matter, first.question, *first.similar_questions, *first.keywords))
    elsewhere = asks_elsewhere(question, home, told)
    if elsewhere:
        return Decision("no_answer", 0.0, reason=f"问的是{elsewhere}的规定", candidates=found)
    fitting = applicable(question, found, home)
    found = fitting.candidates
    probability = correction.apply(sureness(found))
    if fitting.open and probability >= settings.offer_at:
        open_ones = fitting.open[: settings.choices]
        return Decision("choices", probability, None, open_ones, "各地区或各类对象的规定不同，请市民选", found)
    if probability >= settings.answer_at:
        return Decision("answer", probability, found[0].entry, reason="把握足够", candidates=found)
    if probability >= settings.offer_at:
        near = [c.entry for c in found if c.chance >= _CHOICE_SHARE * found[0].chance][: settings.choices]
        return Decision("choices", probability, None, tuple(near), "把握不够，请市民选", found)
    return Decision("no_answer", probability, reason="没有够得上的条目", candidates=found)


def sureness(candidates: Sequence[Candidate]) -> float:
    """The calibrated probability that the first candidate is right: a quadratic logistic model."""
    weights = weights_for(len(candidates[0].signals))
    terms = (*sureness_terms(sureness_signals(candidates), weights.mean, weights.spread), 1.0)
    total = sum(term * weight for term, weight in zip(terms, weights.sureness, strict=True))
    return 1 / (1 + math.exp(-max(-_ODDS_LIMIT, min(_ODDS_LIMIT, total))))


def sureness_signals(candidates: Sequence[Candidate]) -> list[float]:
    """What the probability looks at: how high the first stands by each signal, and how far before its rivals."""
    first, rivals = candidates[0], candidates[1:]
    lead = min(_LEAD_LIMIT, first.score - rivals[0].score) if rivals else _LEAD_LIMIT
    signals = [first.chance, lead]
    for place, value in enumerate(first.signals):
        signals += [value, value - max((rival.signals[place] for rival in rivals), default=0.0)]
    return signals


def sureness_terms(signals: Sequence[float], mean: Sequence[float], spread: Sequence[float]) -> list[float]:
    """The signals on one scale, then the product of each two of them.

    What lies far out is taken as less far: a product of two such numbers would decide alone, on no experience.
    """
    scaled = [
        max(-_FAR_OUT, min(_FAR_OUT, (signal - middle) / width))
        for signal, middle, width in zip(signals, mean, spread, strict=True)
    ]
    return [*scaled, *(a * b for place, a in enumerate(scaled) for b in scaled[place:])]
