"""How single entries are used: how often they were told, and what people said of them."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from knowledge_base.feedback import Reason
from knowledge_base.tables import answers

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


def use_since(since: datetime, slugs: Collection[str] | None = None) -> Callable[[Connection], dict[str, EntryUse]]:
    """A unit of work: the figures of entries; who is missing was not used at all.

    Args:
        slugs: only of these, which is found by an index; None: of all, which reads all that was logged since.
    """
    a = answers.c
    counted = (a.at >= since) & a.entry.is_not(None) & a.verb.in_(("answer", "helped", "not_helped", "reason"))
    if slugs is not None:
        counted &= a.entry.in_(slugs)
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
