"""How the knowledge base is used: the figures of a bulletin."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from knowledge_base.feedback import Reason
from knowledge_base.tables import answers, entries
from service.clock import china_moment

_TOP = 10
_TICKET_WITHIN = timedelta(days=1)
_REOPENED_AFTER = timedelta(hours=1)  # sooner, asking again is still the same talk
_REOPENED_WITHIN = timedelta(days=7)
_FETCH = 10_000
_DECISIONS = frozenset({"answer", "choices", "no_answer"})


@dataclass(frozen=True, slots=True)
class Usage:
    """Figures of some days.

    Attributes:
        questions: asked in the citizen's own words; clicks are no questions.
        conversations: in which something was asked.
        tickets: conversations that came to a ticket within a day of a question.
        resolved: conversations whose last question was answered, with no complaint about the answer, no ticket within
            a day, and the same matter not asked again between an hour and seven days later.
        self_service_rate: resolved, as a share of conversations; None without conversations.
        top: the entries told most, with how often; a chip or a choice that was clicked counts as well.
        never_told: published entries that were not told once.
    """

    questions: int
    answered: int
    choices: int
    no_answer: int
    helped: int
    not_helped: int
    reasons: dict[str, int]
    conversations: int
    tickets: int
    resolved: int
    self_service_rate: float | None
    top: list[tuple[str, int]]
    never_told: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON carries them."""
        return asdict(self)


@dataclass(slots=True)
class _Talk:
    """What one conversation came to."""

    last: str = ""
    last_asked: datetime | None = None
    unhappy: bool = False
    ticket: bool = False
    reopened: bool = False
    answered: dict[str, datetime] = field(default_factory=dict)  # when each entry was first told


def usage(first: date, last: date) -> Callable[[Connection], Usage]:
    """A unit of work: the figures from one day to another, both included, in China's days.

    What followed in the days after is seen as well: a ticket, the same matter asked again.
    """
    begins, ends = china_moment(first), china_moment(last + timedelta(days=1))

    def read(connection: Connection) -> Usage:
        counts: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        talks: dict[str, _Talk] = {}
        for row in _rows(connection, begins, ends + _REOPENED_WITHIN):
            asks = row.verb in _DECISIONS and not row.clicked
            if row.at < ends:
                counts[f"asked {row.verb}" if asks else row.verb] += 1
                if row.reason:
                    reasons[row.reason] += 1
                if asks:
                    talks.setdefault(row.conversation, _Talk())
            if row.conversation in talks:
                _follow(talks[row.conversation], row, asks, row.at < ends)
        resolved = sum(
            talk.last == "answer" and not (talk.unhappy or talk.ticket or talk.reopened) for talk in talks.values()
        )
        return Usage(
            questions=sum(counts[f"asked {verb}"] for verb in _DECISIONS),
            answered=counts["asked answer"],
            choices=counts["asked choices"],
            no_answer=counts["asked no_answer"],
            helped=counts["helped"],
            not_helped=counts["not_helped"],
            reasons={reason.label: reasons[reason] for reason in Reason},
            conversations=len(talks),
            tickets=sum(talk.ticket for talk in talks.values()),
            resolved=resolved,
            self_service_rate=resolved / len(talks) if talks else None,
            top=hits(connection, begins, ends)[:_TOP],
            never_told=_never_told(connection, begins, ends),
        )

    return read


def hits(connection: Connection, begins: datetime, ends: datetime) -> list[tuple[str, int]]:
    """How often each entry was told, the most frequent first."""
    told = (answers.c.at >= begins) & (answers.c.at < ends) & (answers.c.verb == "answer")
    count = func.count().label("told")
    statement = select(answers.c.entry, count).where(told, answers.c.entry.is_not(None)).group_by(answers.c.entry)
    rows = connection.execute(statement.order_by(count.desc(), answers.c.entry))
    return [(row.entry, row.told) for row in rows]


def _rows(connection: Connection, begins: datetime, ends: datetime) -> Iterator[Row[Any]]:
    """What was logged, in order and in portions: a year of it would not fit into memory."""
    columns = [answers.c[name] for name in ("id", "at", "conversation", "verb", "entry", "clicked", "reason")]
    window = (answers.c.at >= begins) & (answers.c.at < ends)
    portion = select(*columns).where(window).order_by(answers.c.at, answers.c.id).limit(_FETCH)
    rows = connection.execute(portion).all()
    while rows:
        yield from rows
        last = rows[-1]
        further = (answers.c.at >= last.at) & (tuple_(answers.c.at, answers.c.id) > tuple_(last.at, last.id))
        rows = connection.execute(portion.where(further)).all() if len(rows) == _FETCH else []


def _never_told(connection: Connection, begins: datetime, ends: datetime) -> list[str]:
    told = {slug for slug, _ in hits(connection, begins, ends)}
    published = select(entries.c.slug).where(entries.c.removed.is_(False)).order_by(entries.c.slug)
    return [slug for slug in connection.scalars(published) if slug not in told]


def _follow(talk: _Talk, row: Row[Any], asks: bool, within: bool) -> None:
    at, verb, entry = row.at, row.verb, row.entry
    if asks and entry in talk.answered and _REOPENED_AFTER < at - talk.answered[entry] <= _REOPENED_WITHIN:
        talk.reopened = True
    if verb == "ticket" and talk.last_asked is not None and at - talk.last_asked <= _TICKET_WITHIN:
        talk.ticket = True
    if not within:
        return
    if asks:
        talk.last, talk.last_asked = verb, at
    if verb == "answer":
        talk.last = verb  # a choice that was clicked answers what was asked
        if entry is not None:
            talk.answered.setdefault(entry, at)
    elif verb == "not_helped":
        talk.unhappy = True
