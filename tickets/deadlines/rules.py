"""Which time a ticket is given: rules as data, of which the most specific says what counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tickets.deadlines.span import Span
from tickets.deadlines.terms import Given, Term, Terms
from tickets.urgency import Urgency

HOLIDAY = "法定节假日"
"""The season of all public holidays."""

REASSIGNS = 2
"""How often a ticket may be reassigned where no rule says."""


@dataclass(frozen=True, slots=True)
class Season:
    """From one day to another, both included; the same every year, or the days of one year only.

    A range of every year may go over new year.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    year: int | None = None

    def __contains__(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.year is not None and day.year != self.year:
            return False
        if self.first <= self.last:
            return self.first <= here <= self.last
        return not self.last < here < self.first


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a request when its time is set.

    Attributes:
        kind: value of `tickets.ticket.Kind`.
        category: path in the category tree, parts joined by "/": 旅游/景区服务.
        day: on which it was registered, in China.
        is_holiday: whether that is a public holiday.
    """

    kind: str
    channel: str
    urgency: Urgency
    category: str
    day: date
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule speaks; a condition that is empty holds for everything."""

    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()
    categories: tuple[str, ...] = ()
    seasons: tuple[Season, ...] = ()
    holidays: bool = False

    def hold(self, request: Request) -> bool:
        """Whether all of them hold."""
        return (
            _any_or(self.kinds, request.kind)
            and _any_or(self.channels, request.channel)
            and _any_or(self.urgencies, request.urgency)
            and (not self.categories or self._depth(request.category) > 0)
            and (not self._seasonal or self._in_season(request))
        )

    def specificity(self, category: str) -> tuple[int, int]:
        """How many conditions there are, and how deep into the category tree they look."""
        given = (self.kinds, self.channels, self.urgencies, self.categories, self._seasonal)
        return sum(map(bool, given)), self._depth(category)

    @property
    def _seasonal(self) -> bool:
        return self.holidays or bool(self.seasons)

    def _in_season(self, request: Request) -> bool:
        return (self.holidays and request.is_holiday) or any(request.day in season for season in self.seasons)

    def _depth(self, category: str) -> int:
        """Parts of the longest named category that this one is, or lies in."""
        within = (each for each in self.categories if category == each or category.startswith(f"{each}/"))
        return max((each.count("/") + 1 for each in within), default=0)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule says about time.

    Attributes:
        priority: a rule of higher priority goes before all lower ones, however specific those are.
        calendar: by which the working time it gives counts.
    """

    name: str
    conditions: Conditions
    spans: Mapping[Term, Span]
    calendar: str
    priority: int = 0
    extensions: int | None = None
    extend_by: Span | None = None
    suspend_for: Span | None = None
    reassigns: int | None = None


class TimeRules:
    """The rules of an installation, in the order staff wrote them; the one without conditions says everything."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    def terms(self, request: Request) -> Terms:
        """What a request is given: for each clock and limit, what the most specific rule that speaks of it says.

        Of equally specific rules the one written first counts.
        """
        fitting = [rule for rule in self.rules if rule.conditions.hold(request)]
        # Sorting keeps the order of equals.
        fitting.sort(key=lambda rule: (rule.priority, *rule.conditions.specificity(request.category)), reverse=True)
        given: dict[Term, Given] = {}
        for rule in fitting:
            for term, span in rule.spans.items():
                given.setdefault(term, Given(span, rule.calendar, rule.name))
        return Terms(
            given=given,
            extensions=next(rule.extensions for rule in fitting if rule.extensions is not None),
            extend_by=_first(fitting, [rule.extend_by for rule in fitting]),
            suspend_for=_first(fitting, [rule.suspend_for for rule in fitting]),
            reassigns=next((rule.reassigns for rule in fitting if rule.reassigns is not None), REASSIGNS),
        )


def _first(rules: Iterable[Rule], spans: Iterable[Span | None]) -> Given:
    return next(Given(span, rule.calendar, rule.name) for rule, span in zip(rules, spans, strict=True) if span)


def _any_or(allowed: frozenset[Any], value: str) -> bool:
    return not allowed or value in allowed
