"""Which unit should get a ticket: what the list says, else what closed tickets teach."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tickets.dispatch.explanation import alike, words_for
from tickets.dispatch.kernel import by_characters
from tickets.dispatch.matching import DispatchList, Match
from tickets.dispatch.model import Model
from tickets.dispatch.request import Request
from tickets.dispatch.rules import Rule

OFFERED = 3


@dataclass(frozen=True, slots=True)
class UnitChance:
    """A unit and how probable it is, from 0 to 1, that it solves the ticket."""

    unit: str
    chance: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where a ticket should go.

    Attributes:
        units: at most three, the most probable first; none where nothing is known.
        automatic: no dispatcher is needed: send it to the first.
        reasons: why, for staff, in Chinese.
        assisting: the units a rule names beside the lead.
        rule: the number of the rule that decides.
    """

    units: tuple[UnitChance, ...]
    automatic: bool
    reasons: tuple[str, ...]
    assisting: tuple[str, ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What is said of words that are no ticket yet.

    Attributes:
        holding: the rules whose conditions hold, the most specific first.
        learned: what closed tickets alone would say.
    """

    suggestion: Suggestion
    holding: tuple[Rule, ...]
    learned: Suggestion


class Dispatcher:
    """Suggests units. Never changed, only replaced, when the list or the model is new."""

    def __init__(
        self, rules: Iterable[Rule] = (), model: Model | None = None, called: Mapping[str, str] | None = None
    ) -> None:
        """Take rules and model.

        Args:
            called: by names the model may have learned, those of today, where units were renamed or succeeded.
        """
        self.rules = DispatchList(rules)
        self.model = model
        self._called = called or {}

    def suggest(self, request: Request, day: date) -> Suggestion:
        """The units for a request, as the list stands on a day (in China)."""
        matched = self.rules.match(request, day)
        if matched is not None:
            return self._by_rule(request, matched)
        return self._learned(request)

    def trial(self, request: Request, day: date) -> Trial:
        """What list and model say of a request, and how the list came to it."""
        return Trial(self.suggest(request, day), tuple(self.rules.holding(request, day)), self._learned(request))

    def _by_rule(self, request: Request, matched: Match) -> Suggestion:
        learned = self._learned(request)
        rule = matched.decided
        if rule is None:
            leads = tuple(dict.fromkeys(rule.lead for rule in matched.rules))
            told = tuple(_told(rule) for rule in matched.rules)
            chances = {offered.unit: offered.chance for offered in learned.units}
            named = sorted(leads, key=lambda unit: -chances.get(unit, 0.0))
            units = tuple(UnitChance(unit, chances.get(unit, 1 / len(leads))) for unit in named)
            return Suggestion(units[:OFFERED], False, ("有几条规则都说得通，请选一个：", *told))
        others = tuple(offered for offered in learned.units if offered.unit != rule.lead)
        units = (UnitChance(rule.lead, 1.0), *(UnitChance(other.unit, 0.0) for other in others))
        return Suggestion(units[:OFFERED], True, (_told(rule),), rule.assisting, rule.key)

    def _learned(self, request: Request) -> Suggestion:
        model = self.model
        if model is None:
            return Suggestion((), False, ("还没有历史工单可以参考，派单目录里也没有相应的规则。",))
        text = request.told
        vectors = None if request.vector is None else request.vector[None, :]
        chances = model.chances([text], vectors)[0]
        names = [self._called.get(unit, unit) for unit in model.units]
        together: defaultdict[str, float] = defaultdict(float)
        for name, chance in zip(names, chances, strict=True):
            together[name] += float(chance)
        first = sorted(together, key=lambda name: -together[name])[:OFFERED]
        units = tuple(UnitChance(name, round(together[name], 4)) for name in first)
        best = max((place for place, name in enumerate(names) if name == first[0]), key=lambda place: chances[place])
        automatic = together[first[0]] >= model.automatic_from
        reasons = [f"根据历史工单，{units[0].unit}的把握约 {units[0].chance:.0%}。"]
        if words := words_for(model, text, best):
            reasons.append(f"内容里的“{'”“'.join(words)}”，过去多由{units[0].unit}办理。")
        likeness = by_characters(model.features.rows([text]), model.marks)[0]
        reasons += [
            f"相似工单 {found.number}，由{self._called.get(found.unit, found.unit)}办理。"
            for found in alike(model, likeness)
        ]
        return Suggestion(units, automatic, tuple(reasons))


def _told(rule: Rule) -> str:
    assisting = f"，{'、'.join(rule.assisting)}协办" if rule.assisting else ""
    ruled = f"（{rule.decided_by} {rule.decided_on} 裁定）" if rule.decided_by else ""
    return f"派单目录 {rule.key}：{rule.told}，由{rule.lead}主办{assisting}{ruled}。"
