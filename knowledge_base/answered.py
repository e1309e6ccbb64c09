"""An answer as it was given: the entry's text at that time, how sure it was, and what decided."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from knowledge_base.entry import Entry
from knowledge_base.tables import answers, versions
from service.encryption import Cipher

# As `answer_log` keeps it: 1f0c9a3e vectors 0.9/0.1 1.05*-0.2
_DECIDED_BY = re.compile(
    r"(?P<weights>\S+) (?P<how>known|words|vectors) (?P<answer_at>[\d.]+)/(?P<offer_at>[\d.]+)"
    r" (?P<stretch>[^\s*]+)\*(?P<shift>\S+)"
)
_SEARCHED = {"words": "按字词检索", "vectors": "按字词和句意检索"}
_UNSEARCHED = {
    "answer": "与条目的问法相同，或者接着问同一件事",
    "choices": "上一次给的选项还没有选",
    "no_answer": "没有可以检索的内容",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One decision on a question.

    Attributes:
        question: masked; None once it is forgotten, or when a button asked.
        revision: of the base that answered.
        decided_by: weights, signals and thresholds.
        offered: the entries shown as choices.
        text: the entry's answer in the version that was told; None where nothing was answered.
    """

    at: datetime
    conversation: str
    channel: str
    decision: str
    question: str | None
    clicked: bool
    entry: str | None
    version: int | None
    probability: float | None
    revision: int | None
    decided_by: str | None
    offered: tuple[str, ...]
    text: str | None

    @property
    def decided_how(self) -> str:
        """What decided, as staff read it; what cannot be read is given as it is kept."""
        found = _DECIDED_BY.fullmatch(self.decided_by or "")
        if found is None:
            return self.decided_by or ""
        how = _SEARCHED.get(found["how"]) or ("市民自己选的" if self.clicked else _UNSEARCHED[self.decision])
        limits = f"把握 {float(found['answer_at']):.0%} 起直接回答、{float(found['offer_at']):.0%} 起给选项"
        plain = (float(found["stretch"]), float(found["shift"])) == (1, 0)
        return f"{how}；{limits}；把握{'没有校正' if plain else '按本库的问法校正过'}；权重 {found['weights']}"


def answered(
    cipher: Cipher,
    *,
    conversation: str | None = None,
    since: datetime | None = None,
    entry: str | None = None,
    limit: int = 100,
) -> Callable[[Connection], list[Answered]]:
    """A unit of work: what was answered, newest first."""
    told = (versions.c.slug == answers.c.entry) & (versions.c.number == answers.c.version)
    statement = (
        select(answers, versions.c.content)
        .select_from(answers.outerjoin(versions, told))
        .where(answers.c.verb.in_(("answer", "choices", "no_answer")))
        .order_by(answers.c.id.desc())
        .limit(limit)
    )
    if conversation is not None:
        statement = statement.where(answers.c.conversation == conversation)
    if since is not None:
        statement = statement.where(answers.c.at >= since)
    if entry is not None:
        statement = statement.where(answers.c.entry == entry)

    def read(connection: Connection) -> list[Answered]:
        return [
            Answered(
                at=row.at,
                conversation=row.conversation,
                channel=row.channel,
                decision=row.verb,
                question=cipher.decrypt_text(row.question),
                clicked=row.clicked,
                entry=row.entry,
                version=row.version,
                probability=row.probability,
                revision=row.revision,
                decided_by=row.decided_by,
                offered=tuple(row.offered or ()),
                text=Entry.model_validate_json(row.content).answer if row.content else None,
            )
            for row in connection.execute(statement)
        ]

    return read
