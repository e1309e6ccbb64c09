"""Which questions were left open: no answer, nothing chosen, an answer that did not help, or a ticket after all."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from knowledge_base.answer_log import SETTLES_AFTER
from knowledge_base.facet_words import is_bare_follow_up
from knowledge_base.tables import answers
from service.encryption import Cipher
from service.text import exact_key

_MEANING = re.compile(r"[\u4e00-\u9fffa-z]")
_SHORTEST = 4  # characters; less names no matter
_DECISIONS = frozenset({"answer", "choices", "no_answer"})


class Cause(StrEnum):
    """Why a question counts as open."""

    NO_ANSWER = "no_answer"
    NOT_CHOSEN = "not_chosen"
    NOT_HELPED = "not_helped"
    TICKET = "ticket"

    @property
    def label(self) -> str:
        """The cause as staff read it."""
        return _LABELS[self]


_LABELS = {
    Cause.NO_ANSWER: "没有答案",
    Cause.NOT_CHOSEN: "选项都没选",
    Cause.NOT_HELPED: "说没帮助",
    Cause.TICKET: "后来登记了工单",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A question it is time to look at.

    Attributes:
        wording: masked; empty where nothing is left of it or it names no matter.
        cause: why it counts as open; None when it was settled.
        waits: whether the citizen wants to hear of the answer; what they asked is logged by itself, too.
        sealed: the wording as it is stored.
    """

    id: int
    at: datetime
    conversation: str
    channel: str
    wording: str
    cause: Cause | None
    waits: bool
    sealed: bytes | None


def look(connection: Connection, cipher: Cipher, at: datetime, limit: int) -> list[Looked]:
    """A unit of work: the questions it is time to look at, the longest waiting first."""
    due = select(answers).where(answers.c.settles_at <= at).order_by(answers.c.settles_at, answers.c.id).limit(limit)
    rows = connection.execute(due).all()
    after = _after(connection, rows)
    return [_looked(row, after[row.conversation], cipher) for row in rows]


def _after(connection: Connection, rows: Sequence[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    """All that was logged in these conversations since, by conversation and in order."""
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    if not rows:
        return found
    columns = [answers.c[name] for name in ("id", "at", "conversation", "verb", "clicked", "entry")]
    these = answers.c.conversation.in_({row.conversation for row in rows})
    since = answers.c.id > min(row.id for row in rows)
    for row in connection.execute(select(*columns).where(these, since).order_by(answers.c.id)):
        found[row.conversation].append(row)
    return found


def _looked(row: Row[Any], conversation: Sequence[Row[Any]], cipher: Cipher) -> Looked:
    after = [later for later in conversation if later.id > row.id and later.at <= row.at + SETTLES_AFTER]
    wording = (cipher.decrypt_text(row.question) or "").strip()
    waits = row.verb == "tell_me"
    cause = Cause.NO_ANSWER if waits else cause_of(row, after)
    if not _names_a_matter(wording):
        cause = None
    return Looked(row.id, row.at, row.conversation, row.channel, wording, cause, waits, row.question)


def cause_of(row: Row[Any], after: Sequence[Row[Any]]) -> Cause | None:
    """Why a question was left open, seen from what happened in its conversation within the hour after it."""
    if row.verb == "no_answer":
        return Cause.NO_ANSWER
    answered_by = row.entry
    for later in after:
        if later.verb == "answer" and later.clicked and answered_by is None and later.entry in (row.offered or ()):
            answered_by = later.entry
        elif later.verb in ("not_helped", "reason") and answered_by is not None and later.entry == answered_by:
            return Cause.NOT_HELPED
        elif later.verb == "ticket":
            return Cause.TICKET
        elif later.verb in _DECISIONS and not later.clicked and later.entry != answered_by:
            break  # on to something else
    return None if answered_by is not None else Cause.NOT_CHOSEN


def _names_a_matter(wording: str) -> bool:
    return len(_MEANING.findall(exact_key(wording))) >= _SHORTEST and not is_bare_follow_up(wording)
