"""What the facts of tickets amount to. Nothing here reads a database: facts come in, alarms go out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from scipy.special import gammainc

from tickets.alarms.alarm import Alarm, Grade, Kind
from tickets.alarms.rules import AlarmRules, alarm_rules

_CLAUSE = re.compile(r"[^，,。；;！!？?\n]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """Requests about one matter in one place.

    Attributes:
        key: what names matter and place, stably: the topic of `tickets.similar`, or category and community.
        now: the tickets of the window that ends now.
        before: how many there were in the weeks before the window that tell what is usual.
    """

    key: str
    now: Sequence[int]
    before: int


@dataclass(frozen=True, slots=True)
class Insisting:
    """One person's tickets about one matter, none of them solved, within the time of the rule.

    Attributes:
        person: the keyed hash of their phone.
        matter: what names the matter, stably.
    """

    person: str
    matter: str
    tickets: Sequence[int]


def judge_surge(topic: Topic, rules: AlarmRules | None = None) -> Alarm | None:
    """Whether as many requests as these can be chance, seeing how many are usual."""
    rules = rules or alarm_rules()
    rule, count = rules.surge, len(set(topic.now))
    usual = max(rule.usual_least, topic.before * rule.window_days / (7 * rule.usual_weeks))
    chance = chance_of(count, usual)
    grade = max(
        (grade for grade, limit in rule.grades.items() if count >= limit.least and chance < limit.chance), default=None
    )
    if grade is None:
        return None
    title = f"{rule.window_days} 天内同一件事有 {count} 件诉求，平时约 {usual:.0f} 件"
    if usual < 1:
        title = f"{rule.window_days} 天内同一件事有 {count} 件诉求，平时很少"
    return _alarm(rules, Kind.SURGE, grade, topic.key, title, topic.now, rule.again_after_days)


def chance_of(count: int, usual: float) -> float:
    """The probability of at least so many where on average so many are usual (Poisson)."""
    return 1.0 if count == 0 else float(gammainc(count, usual))


def judge_insisting(insisting: Insisting, rules: AlarmRules | None = None) -> Alarm | None:
    """Whether somebody had to ask too often for the same (屡办不成)."""
    rules = rules or alarm_rules()
    times = len(set(insisting.tickets))
    reached = [grade for grade, least in rules.unsolved_again.grades.items() if times >= least]
    if not reached:
        return None
    title = f"同一位市民为同一件事第 {times} 次反映，仍未解决"
    key = f"{insisting.person[:16]}:{insisting.matter}"
    again = rules.unsolved_again.again_after_days
    return _alarm(rules, Kind.UNSOLVED_AGAIN, max(reached), key, title, insisting.tickets, again)


def judge_words(ticket: int, text: str, rules: AlarmRules | None = None) -> Alarm | None:
    """Whether a request tells of danger or of a group event; the gravest it tells of."""
    rules = rules or alarm_rules()
    told = sorted(set(_told(text, rules)), reverse=True)
    if not told:
        return None
    title = "、".join(dict.fromkeys(f"{name}（“{word}”）" for _, name, word in told))
    return _alarm(rules, Kind.WORDS, told[0][0], str(ticket), title, (ticket,), None)


def _told(text: str, rules: AlarmRules) -> Iterator[tuple[Grade, str, str]]:
    for clause in _CLAUSE.findall(text):
        for rule in rules.words:
            if rule.unless and re.search(rule.unless, clause):
                continue
            for found in re.finditer(rule.pattern, clause):
                if not re.search(rules.denied, clause[: found.start()]):
                    yield rule.grade, rule.name, found.group()


def _alarm(
    rules: AlarmRules, kind: Kind, grade: Grade, about: str, title: str, tickets: Sequence[int], again: int | None
) -> Alarm:
    roles = rules.roles.get(grade, frozenset())
    after = None if again is None else timedelta(days=again)
    return Alarm(kind, grade, f"{kind}:{about}", title, roles, tuple(dict.fromkeys(tickets)), after)
