"""What was said, encrypted, kept for the citizen to see again and forgotten after a set time."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select

from bot.tables import messages
from service.encryption import Cipher
from service.storage import Database

_HISTORY = 100
_REPLIES = 10  # of one turn, at most
_APPEND = insert(messages).returning(messages.c.id, sort_by_parameter_order=True)

HAS_RUN = exists().where(messages.c.conversation == bindparam("conversation"), messages.c.turn == bindparam("turn"))
"""Whether a turn has run, as a part of a statement."""


class Sender(StrEnum):
    """Who spoke."""

    CITIZEN = "citizen"
    ASSISTANT = "assistant"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said.

    Attributes:
        id: grows with time; a channel asks for what came after the last it has seen.
        body: `{"text": …}` of a citizen, with `clicked` when a button said it; a reply of the assistant; of a person,
            with `agent`: who it is.
    """

    id: int
    turn: str
    sender: Sender
    at: datetime
    body: dict[str, Any]


class Transcript:
    """The messages of all conversations."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def append(
        self,
        connection: Connection,
        conversation: str,
        turn: str,
        at: datetime,
        said: Sequence[tuple[Sender, dict[str, Any]]],
    ) -> list[Message]:
        """Keep what was said in one turn, within the transaction that ends it."""
        rows = [
            {
                "conversation": conversation,
                "turn": turn,
                "sender": sender.value,
                "at": at,
                "body": self._cipher.encrypt(json.dumps(body, ensure_ascii=False).encode()),
            }
            for sender, body in said
        ]
        ids = connection.execute(_APPEND, rows).scalars().all()
        return [Message(id_, turn, sender, at, body) for id_, (sender, body) in zip(ids, said, strict=True)]

    async def of_turn(self, conversation: str, turn: str) -> list[Message]:
        """What was said in a turn that has already run; empty when it has not."""
        return await self._database.read(lambda connection: self.of_turn_within(connection, conversation, turn))

    def of_turn_within(self, connection: Connection, conversation: str, turn: str) -> list[Message]:
        """See `of_turn`; in a unit of work that reads more than this."""
        return self._select(connection, conversation, messages.c.turn == turn)

    def after_within(self, connection: Connection, conversation: str, last_id: int) -> list[Message]:
        """What was said after a message, oldest first."""
        return self._select(connection, conversation, messages.c.id > last_id)

    async def history(self, conversation: str) -> list[Message]:
        """The last hundred messages, oldest first."""
        return await self._database.read(lambda connection: self.history_within(connection, conversation))

    def history_within(self, connection: Connection, conversation: str) -> list[Message]:
        """See `history`; in a unit of work that reads more than this."""
        return self._select(connection, conversation)

    def last_words_within(self, connection: Connection, conversations: Collection[str]) -> dict[str, Message]:
        """What each citizen said last, by conversation."""
        newest = (
            select(func.max(messages.c.id))
            .where(messages.c.conversation.in_(conversations), messages.c.sender == Sender.CITIZEN.value)
            .group_by(messages.c.conversation)
        )
        rows = connection.execute(select(messages).where(messages.c.id.in_(newest))).all()
        return {row.conversation: self._message(row) for row in rows}

    async def last_replies(self, conversation: str) -> list[Message]:
        """The assistant's replies of the last turn in which it said something, oldest first."""
        mine = messages.c.sender == Sender.ASSISTANT.value
        said = await self._database.read(
            lambda connection: self._select(connection, conversation, mine, limit=_REPLIES)
        )
        return [message for message in said if message.turn == said[-1].turn]

    @staticmethod
    def has_turn(connection: Connection, conversation: str, turn: str) -> bool:
        """Whether anything was said in a turn; within a transaction."""
        this = (messages.c.conversation == conversation) & (messages.c.turn == turn)
        return connection.scalar(select(messages.c.id).where(this).limit(1)) is not None

    async def forget(self, before: datetime) -> int:
        """Delete what is older; how many messages went."""
        statement = delete(messages).where(messages.c.at < before)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _select(
        self, connection: Connection, conversation: str, *conditions: Any, limit: int = _HISTORY
    ) -> list[Message]:
        statement = (
            select(messages)
            .where(messages.c.conversation == conversation, *conditions)
            .order_by(messages.c.id.desc())
            .limit(limit)
        )
        rows = connection.execute(statement).all()
        return [self._message(row) for row in reversed(rows)]

    def _message(self, row: Row[Any]) -> Message:
        return Message(row.id, row.turn, Sender(row.sender), row.at, json.loads(self._cipher.decrypt(row.body)))
