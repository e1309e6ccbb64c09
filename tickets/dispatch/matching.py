"""Which rule of the dispatch list a request falls under."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from service.text import normalise
from tickets.dispatch.request import Request
from tickets.dispatch.rules import Rule


@dataclass(frozen=True, slots=True)
class Match:
    """The most specific rules that hold; several when they ask for as much and name different units."""

    rules: tuple[Rule, ...]

    @property
    def decided(self) -> Rule | None:
        """The one rule to follow, if they agree."""
        return self.rules[0] if len({(rule.lead, rule.assisting) for rule in self.rules}) == 1 else None


class DispatchList:
    """The rules, ready to be asked; never changed, only replaced.

    Rules with a matter or a category are found by it; only those of mere words are read through.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_matter: defaultdict[str, list[Rule]] = defaultdict(list)
        self._by_category: defaultdict[str, list[Rule]] = defaultdict(list)
        self._by_words: list[Rule] = []
        for rule in self.rules:
            if rule.matter:
                self._by_matter[_plain(rule.matter)].append(rule)
            elif rule.category:
                self._by_category[rule.category].append(rule)
            else:
                self._by_words.append(rule)

    def match(self, request: Request, day: date) -> Match | None:
        """The most specific rules in force; of those that ask for as much, the newest ruling wins."""
        holding = self.holding(request, day)
        if not holding:
            return None
        most = holding[0].specificity
        best = [rule for rule in holding if rule.specificity == most]
        if rulings := [rule.decided_on for rule in best if rule.decided_on]:
            best = [rule for rule in best if rule.decided_on == max(rulings)]
        return Match(tuple(sorted(best, key=lambda rule: rule.key)))

    def holding(self, request: Request, day: date) -> list[Rule]:
        """Every rule in force whose conditions all hold, the most specific first."""
        found = [rule for rule in self._candidates(request) if rule.in_force(day) and _holds(rule, request)]
        return sorted(found, key=lambda rule: rule.specificity, reverse=True)

    def _candidates(self, request: Request) -> Iterable[Rule]:
        if request.matter:
            yield from self._by_matter.get(_plain(request.matter), ())
        levels = request.category.split("/")
        for depth in range(1, len(levels) + 1):
            yield from self._by_category.get("/".join(levels[:depth]), ())
        yield from self._by_words


def _holds(rule: Rule, request: Request) -> bool:
    if rule.category and not f"{request.category}/".startswith(f"{rule.category}/"):
        return False
    text = _plain(f"{request.text} {request.place}")
    if rule.place and _plain(rule.place) not in text:
        return False
    return all(any(_plain(word) in text for word in keyword.split("|")) for keyword in rule.keywords)


def _plain(text: str) -> str:
    return normalise(text).replace(" ", "")
