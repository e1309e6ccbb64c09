"""What each message was answered, and how: in the reply to WeChat's own request, or afterwards. Nothing twice.

WeChat waits five seconds for the reply to a message and asks again when none came, also while the first request still
runs, and perhaps another process. So it is the database that says which of them answers. Every decision about a
conversation is taken while it is held.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, select, update

from channels.wechat.arriving.arrival import Arrival
from channels.wechat.bubbles import join
from channels.wechat.followers import Followers
from channels.wechat.rendering import Menu
from channels.wechat.tables import arrivals
from channels.wechat.waiting import Waiting
from service.clock import Clock, now
from service.encryption import Cipher
from service.storage import INSERTS, Database, hold

_CRASHED_AFTER = timedelta(minutes=1)  # no turn takes longer
_ABANDONED_AT_ONCE = 200
_CONTINUED = "……回复“继续”接着看"


class State(StrEnum):
    """How an arrival stands."""

    ANSWERED = "answered"  # in the reply to a request, which every retry gets again
    OPEN = "open"  # WeChat was told that the answer comes later, and it is not there yet
    LATER = "later"  # the answer goes out, or went out, by itself


# Built once: with every message they would cost more than the database takes to carry them out.
_FIND = select(arrivals).where(arrivals.c.key == bindparam("this"))
_ADD = {
    name: add(arrivals).on_conflict_do_nothing(index_elements=["key"]).returning(arrivals.c.key)
    for name, add in INSERTS.items()
}
_CHANGE = (
    update(arrivals)
    .where(arrivals.c.key == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "content", "at")})
)


@dataclass(frozen=True, slots=True)
class Passive:
    """What WeChat's request is answered.

    Attributes:
        text: empty for nothing.
        more: whether something follows by itself.
    """

    text: str = field(repr=False)
    more: bool = False


_NOTHING = Passive("")


@dataclass(frozen=True, slots=True)
class Telling:
    """The record of what was told.

    Attributes:
        waiting: what does not fit into the reply, or comes after it.
    """

    database: Database
    cipher: Cipher
    followers: Followers
    waiting: Waiting
    clock: Clock = now

    async def told(self, arrival: Arrival) -> Passive | None:
        """What an arrival was answered; None where it is not answered yet."""
        row = await self.database.read(lambda connection: self._row(connection, arrival))
        return self._settled(row)

    async def answer(
        self, arrival: Arrival, conversation: str, texts: Sequence[str], since: datetime | None = None
    ) -> Passive:
        """Answer a request, now. Another process that answers the same arrival gives the same, or nothing.

        What could not be told earlier is told as well.

        Args:
            since: see `answer_within`.
        """
        return await self.database.write(lambda c: self.answer_within(c, arrival, conversation, texts, since))

    def answer_within(
        self,
        connection: Connection,
        arrival: Arrival,
        conversation: str,
        texts: Sequence[str],
        since: datetime | None = None,
    ) -> Passive:
        """`answer`, as part of a transaction.

        Args:
            since: when the request came. Where `success` was said to another delivery after that, WeChat listens to
                this one no longer, and the answer goes out by itself.
        """
        hold(connection, f"wechat {conversation}")
        along = self.waiting.take_along_within(connection, conversation, texts)
        first, *rest = along.bubbles or [""]
        if rest and not self.waiting.can_send:
            first += f"\n{_CONTINUED}"
        if not self._add(connection, arrival, conversation, State.ANSWERED, first):
            row = self._row(connection, arrival)
            if (before := self._settled(row)) is not None:
                return before
            if row is not None and since is not None and row.at >= since:
                return self.follow_within(connection, arrival, conversation, texts)
            self._change(connection, arrival, State.ANSWERED, first)
        self.waiting.told_within(connection, along)
        self.waiting.put_within(connection, conversation, rest)
        return Passive(first, more=bool(rest))

    async def postpone(self, arrival: Arrival, conversation: str) -> Passive:
        """Answer a request with nothing, for there is no answer yet: it will go out by itself."""

        def work(connection: Connection) -> Passive:
            hold(connection, f"wechat {conversation}")
            content = json.dumps(arrival.fields, ensure_ascii=False)
            return self._decide(connection, arrival, conversation, State.OPEN, content) or _NOTHING

        return await self.database.write(work)

    async def follow(
        self, arrival: Arrival, conversation: str, texts: Sequence[str], menu: Menu | None = None
    ) -> Passive:
        """Have the answer go out by itself, as no request waits for it; what a retry was told where one came before.

        Args:
            menu: the same with choices to tap.
        """
        return await self.database.write(lambda c: self.follow_within(c, arrival, conversation, texts, menu))

    def follow_within(
        self,
        connection: Connection,
        arrival: Arrival,
        conversation: str,
        texts: Sequence[str],
        menu: Menu | None = None,
    ) -> Passive:
        """`follow`, as part of a transaction."""
        hold(connection, f"wechat {conversation}")
        if (before := self._decide(connection, arrival, conversation, State.LATER, None)) is not None:
            return before
        bubbles = join(texts)
        self.waiting.put_within(connection, conversation, bubbles, menu if len(bubbles) == 1 else None)
        return Passive("", more=True)

    async def abandoned(self) -> list[Arrival]:
        """What a process postponed and never answered; another look at it is due in a minute only."""

        def work(connection: Connection) -> list[Arrival]:
            at = self.clock()
            old = and_(arrivals.c.state == State.OPEN.value, arrivals.c.at < at - _CRASHED_AFTER)
            oldest = select(arrivals.c.key).where(old).order_by(arrivals.c.at).limit(_ABANDONED_AT_ONCE)
            taken = update(arrivals).where(arrivals.c.key.in_(oldest)).values(at=at).returning(arrivals.c.content)
            return [self._arrival(content) for content in connection.execute(taken).scalars().all()]

        return await self.database.write(work)

    def forget_within(self, connection: Connection, answered: datetime, kept: datetime) -> int:
        """Delete answers given before one moment, and texts that waited since before another; how many."""
        gone = connection.execute(delete(arrivals).where(arrivals.c.at < answered)).rowcount
        return gone + self.waiting.forget_within(connection, kept)

    def _settled(self, row: Row[Any] | None) -> Passive | None:
        """What an arrival was answered already; None where it is not answered yet."""
        if row is None or row.state == State.OPEN.value:
            return None
        return Passive(self.cipher.decrypt_text(row.content) or "") if row.state == State.ANSWERED.value else _NOTHING

    def _decide(
        self, connection: Connection, arrival: Arrival, conversation: str, state: State, content: str | None
    ) -> Passive | None:
        """Write how an arrival stands; where it is settled already, what it was answered, and nothing is written."""
        if self._add(connection, arrival, conversation, state, content):
            return None
        before = self._settled(self._row(connection, arrival))
        if before is None:
            self._change(connection, arrival, state, content)
        return before

    def _add(
        self, connection: Connection, arrival: Arrival, conversation: str, state: State, content: str | None
    ) -> bool:
        """Write how an arrival stands of which nothing is known yet; False where something is."""
        row = self._values(state, content) | {"key": arrival.key}
        if connection.execute(_ADD[connection.dialect.name], row).first() is None:
            return False
        # The first delivery: what the citizen did lets us write to them.
        if arrival.is_event:
            self.followers.tapped_within(connection, conversation)
        else:
            self.followers.wrote_within(connection, conversation, arrival.sent)
        return True

    def _change(self, connection: Connection, arrival: Arrival, state: State, content: str | None) -> None:
        values = {f"new_{name}": value for name, value in self._values(state, content).items()}
        connection.execute(_CHANGE, values | {"this": arrival.key})

    def _values(self, state: State, content: str | None) -> dict[str, Any]:
        return {"state": state.value, "content": self.cipher.encrypt_text(content), "at": self.clock()}

    def _arrival(self, content: bytes) -> Arrival:
        fields: dict[str, Any] = json.loads(self.cipher.decrypt(content))
        return Arrival.from_fields(fields)

    @staticmethod
    def _row(connection: Connection, arrival: Arrival) -> Row[Any] | None:
        return connection.execute(_FIND, {"this": arrival.key}).first()
