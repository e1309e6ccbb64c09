"""How single entries are used: how often they were told, and what people said of them."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select

from knowledge_base.feedback import Reason
from knowledge_base.tables import JUDGED, answers, entries

_FEW = 3  # answers people judged, below which they say nothing about an entry
_UNHELPFUL = 0.2  # share of them that did not help from which an entry needs a look


@dataclass(frozen=True, slots=True)
class EntryUse:
    """Figures of one entry since some moment.

    Attributes:
        told: how often it was the answer, asked or clicked.
        reasons: why it did not help, as far as people said.
    """

    told: int = 0
    helped: int = 0
    not_helped: int = 0
    reasons: tuple[tuple[Reason, int], ...] = ()

    @property
    def needs_a_look(self) -> bool:
        """Whether so many were not helped that the text should be looked at."""
        judged = self.helped + self.not_helped
        return judged >= _FEW and self.not_helped >= _UNHELPFUL * judged


UNUSED = EntryUse()


def use_since(since: datetime, slugs: Collection[str]) -> Callable[[Connection], dict[str, EntryUse]]:
    """A unit of work: the figures of some entries; who is missing was not used at all."""
    a = answers.c
    counted = (a.at >= since) & a.entry.in_(slugs) & a.verb.in_(("answer", "helped", "not_helped", "reason"))
    statement = select(a.entry, a.verb, a.reason, func.count()).where(counted).group_by(a.entry, a.verb, a.reason)

    def read(connection: Connection) -> dict[str, EntryUse]:
        figures: dict[str, Counter[str]] = {}
        reasons: dict[str, Counter[Reason]] = {}
        for slug, verb, reason, count in connection.execute(statement):
            figures.setdefault(slug, Counter())[verb] += count
            if reason:
                reasons.setdefault(slug, Counter())[Reason(reason)] += count
        return {
            slug: EntryUse(
                found["answer"],
                found["helped"],
                found["not_helped"],
                tuple(reasons.get(slug, Counter()).most_common()),
            )
            for slug, found in figures.items()
        }

    return read


def unused_since(since: datetime) -> Callable[[Connection], set[str]]:
    """A unit of work: the published entries that were not told once; each takes one look into an index."""
    told = (answers.c.entry == entries.c.slug) & (answers.c.at >= since) & (answers.c.verb == "answer")
    one = select(answers.c.entry).where(told).limit(1).scalar_subquery()
    statement = select(entries.c.slug, one.label("told")).where(entries.c.removed.is_(False))
    return lambda connection: {row.slug for row in connection.execute(statement) if row.told is None}


def unhelpful_since(since: datetime) -> Callable[[Connection], set[str]]:
    """A unit of work: the entries of which so many said that they did not help that they need a look."""
    judged = answers.c.verb.in_(bindparam("judged", JUDGED, expanding=True, literal_execute=True))
    helped, not_helped = (func.count(case((answers.c.verb == verb, 1))) for verb in JUDGED)
    statement = (
        select(answers.c.entry, helped, not_helped)
        .where(judged, answers.c.at >= since, answers.c.entry.is_not(None))
        .group_by(answers.c.entry)
        .having(not_helped >= 1)
    )

    def read(connection: Connection) -> set[str]:
        found = connection.execute(statement)
        return {slug for slug, good, bad in found if EntryUse(helped=good, not_helped=bad).needs_a_look}

    return read
