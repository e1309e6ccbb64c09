"""An answer as it was given: the entry's text at that time, how sure it was, and what decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from knowledge_base.entry import Entry
from knowledge_base.tables import answers, versions
from service.encryption import Cipher


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
