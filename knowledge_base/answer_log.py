"""The record of every answer: which entry, which version, how sure, where. It settles disputes and shows gaps.

An action notes what it answered; the turn that ran the action writes it in the transaction that also
keeps what was said, so that an answer is never given unrecorded.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from knowledge_base.decision import UNCORRECTED, Correction, Decision
from knowledge_base.feedback import Reason
from knowledge_base.search.weights import FINGERPRINT, LEXICAL_ONLY
from knowledge_base.tables import answers
from service.encryption import Cipher
from service.privacy import mask_personal_data

SETTLES_AFTER = timedelta(hours=1)  # by then the citizen has chosen, complained about the answer or opened a ticket

_QUESTION_LIMIT = 300
_NEAREST = 3
_COLUMNS = tuple(column.name for column in answers.c if column.name not in ("id", "at", "settles_at", "gap", "cause"))


@dataclass(frozen=True, slots=True)
class Base:
    """What decided: which state of the base, under which thresholds."""

    revision: int
    answer_at: float
    offer_at: float
    correction: Correction = UNCORRECTED


class AnswerLog:
    """Gathers what a turn answered and writes it."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self._noted: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def record(self, conversation: str, channel: str, question: str, decision: Decision, base: Base) -> None:
        """Note how a question was decided; an empty one was asked by a button."""
        entry = decision.entry if decision.kind == "answer" else None
        self._note(
            conversation,
            channel,
            decision.kind,
            question=self._masked(question),
            clicked=not question,
            entry=entry.slug if entry else None,
            version=entry.version if entry else None,
            probability=decision.probability,
            revision=base.revision,
            decided_by=_decided_by(decision, base),
            offered=[choice.slug for choice in decision.choices] or None,
            nearest=[found.entry.slug for found in decision.candidates[:_NEAREST]] or None,
            settles_after=_settles_after(decision) if question else None,
        )

    def feedback(self, conversation: str, channel: str, slug: str | None, *, helped: bool) -> None:
        """Note what the citizen thought of an answer."""
        self._note(conversation, channel, "helped" if helped else "not_helped", entry=slug)

    def reason(self, conversation: str, channel: str, slug: str | None, reason: Reason) -> None:
        """Note why an answer did not help, after `feedback` said that it did not."""
        self._note(conversation, channel, "reason", entry=slug, reason=reason)

    def ticket(self, conversation: str, channel: str) -> None:
        """Note that the conversation came to a ticket."""
        self._note(conversation, channel, "ticket")

    def tell_me(self, conversation: str, channel: str, question: str) -> None:
        """Note that this conversation wants to hear when the question has an answer."""
        self._note(conversation, channel, "tell_me", question=self._masked(question), settles_after=timedelta())

    def _masked(self, question: str) -> bytes | None:
        return self._cipher.encrypt_text(mask_personal_data(question)[:_QUESTION_LIMIT]) if question else None

    def _note(self, conversation: str, channel: str, verb: str, **values: Any) -> None:
        row = dict.fromkeys((*_COLUMNS, "settles_after")) | {"clicked": False}
        self._noted[conversation].append(
            row | {"conversation": conversation, "channel": channel, "verb": verb} | values
        )

    def take(self, conversation: str) -> list[dict[str, Any]]:
        """What was noted in a conversation's turn; it is not noted any longer."""
        return self._noted.pop(conversation, [])

    @staticmethod
    def write(connection: Connection, rows: list[dict[str, Any]], at: datetime) -> None:
        """Keep what `take` gave."""
        if rows:
            connection.execute(insert(answers), [_stored(row, at) for row in rows])

    @staticmethod
    def forget_questions(connection: Connection, before: datetime) -> int:
        """Delete the wording of older questions, keeping what was answered; how many went."""
        old = (answers.c.at < before) & answers.c.question.is_not(None)
        return connection.execute(update(answers).where(old).values(question=None)).rowcount


def _settles_after(decision: Decision) -> timedelta:
    return timedelta() if decision.kind == "no_answer" else SETTLES_AFTER


def _stored(row: dict[str, Any], at: datetime) -> dict[str, Any]:
    kept = dict(row)
    after = kept.pop("settles_after")
    return kept | {"at": at, "settles_at": None if after is None else at + after}


def _decided_by(decision: Decision, base: Base) -> str:
    """The weights, whether vectors took part, thresholds and correction: `1f0c9a3e vectors 0.9/0.1 1.05*-0.2`."""
    signals = len(decision.candidates[0].signals) if decision.candidates else 0
    how = "vectors" if signals > len(LEXICAL_ONLY.fusion) else "words" if signals else "known"
    corrected = f"{base.correction.stretch:g}*{base.correction.shift:+g}"
    return f"{FINGERPRINT} {how} {base.answer_at:g}/{base.offer_at:g} {corrected}"
