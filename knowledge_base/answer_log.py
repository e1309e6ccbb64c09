"""The record of every answer: which entry, which version, how sure, where. It settles disputes and shows gaps.

An action notes what it answered; the turn that ran the action writes it in the transaction that also
keeps what was said, so that an answer is never given unrecorded.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from knowledge_base.decision import Decision
from knowledge_base.tables import answers
from service.encryption import Cipher
from service.privacy import mask_personal_data

_QUESTION_LIMIT = 300


class AnswerLog:
    """Gathers what a turn answered and writes it."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self._noted: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def record(self, conversation: str, channel: str, question: str, decision: Decision) -> None:
        """Note how a question was decided."""
        entry = decision.entry if decision.kind == "answer" else None
        self._note(
            conversation,
            channel,
            decision.kind,
            question=self._cipher.encrypt_text(mask_personal_data(question[:_QUESTION_LIMIT])) if question else None,
            entry=entry.slug if entry else None,
            version=entry.version if entry else None,
            probability=decision.probability,
        )

    def feedback(self, conversation: str, channel: str, slug: str | None, *, helped: bool) -> None:
        """Note what the citizen thought of an answer."""
        self._note(conversation, channel, "helped" if helped else "not_helped", entry=slug)

    def _note(self, conversation: str, channel: str, verb: str, **values: Any) -> None:
        row = dict.fromkeys(("question", "entry", "version", "probability"))
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
            connection.execute(insert(answers), [row | {"at": at} for row in rows])

    @staticmethod
    def forget_questions(connection: Connection, before: datetime) -> int:
        """Delete the wording of older questions, keeping what was answered; how many went."""
        old = (answers.c.at < before) & answers.c.question.is_not(None)
        return connection.execute(update(answers).where(old).values(question=None)).rowcount
