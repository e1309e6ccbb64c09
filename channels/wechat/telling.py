"""What each message was answered, and how: in the reply to WeChat's own request, or afterwards. Nothing twice.

WeChat waits five seconds for the reply to a message and asks again when none came, also while the first request still
runs, and perhaps another process. So it is the database that says which of them answers. Every decision about a
conversation is taken while it is held.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, or_, select, update

from channels.outcomes import Remedy, SendRefused
from channels.wechat.arriving.arrival import Arrival
from channels.wechat.bubbles import join
from channels.wechat.followers import Followers
from channels.wechat.rendering import Menu
from channels.wechat.tables import arrivals, waiting
from service.clock import Clock, now
from service.encryption import Cipher
from service.storage import INSERTS, Database, hold

_CRASHED_AFTER = timedelta(minutes=1)  # no turn takes longer, and no call of WeChat's
_ABANDONED_AT_ONCE = 200
_AGAIN_AFTER = timedelta(seconds=30)
_CONTINUED = "……回复“继续”接着看"
_LEAD = "刚才没来得及发给您的："
_DOUBTFUL_LEAD = "这条您可能已经收到了："
_LATER_REMEDIES = frozenset({Remedy.RETRY, Remedy.REFRESH, Remedy.DELAY})


class State(StrEnum):
    """How an arrival stands."""

    ANSWERED = "answered"  # in the reply to a request, which every retry gets again
    OPEN = "open"  # WeChat was told that the answer comes later, and it is not there yet
    LATER = "later"  # the answer goes out, or went out, by itself


class Waits(StrEnum):
    """How a text stands that goes out by itself."""

    READY = "ready"
    SENDING = "sending"
    KEPT = "kept"  # it cannot go out; the citizen gets it with the next answer
    DOUBTFUL = "doubtful"  # nobody knows whether it arrived; again with the next answer, saying so


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
_KEPT = (
    select(waiting)
    .where(
        waiting.c.conversation == bindparam("this"),
        or_(waiting.c.state != Waits.SENDING.value, waiting.c.at < bindparam("crashed")),
    )
    .order_by(waiting.c.id)
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


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that goes out by itself.

    Attributes:
        since: when it began to be sent.
        menu: the same with choices to tap.
    """

    id: int
    conversation: str
    text: str = field(repr=False)
    since: datetime
    menu: Menu | None = field(default=None, repr=False)


_NOTHING = Passive("")


@dataclass(frozen=True, slots=True)
class Telling:
    """The record of what was told.

    Attributes:
        can_send: whether texts can go out by themselves; else what is too long waits until it is asked for.
    """

    database: Database
    cipher: Cipher
    followers: Followers
    can_send: bool
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
        kept = connection.execute(_KEPT, self._kept(conversation)).all()
        first, *rest = self._with_kept(kept, texts) or [""]
        if rest and not self.can_send:
            first += f"\n{_CONTINUED}"
        if not self._add(connection, arrival, conversation, State.ANSWERED, first):
            row = self._row(connection, arrival)
            if (before := self._settled(row)) is not None:
                return before
            if row is not None and since is not None and row.at >= since:
                return self.follow_within(connection, arrival, conversation, texts)
            self._change(connection, arrival, State.ANSWERED, first)
        if kept:
            connection.execute(delete(waiting).where(waiting.c.id.in_([row.id for row in kept])))
        self._put(connection, conversation, rest)
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
        self._put(connection, conversation, bubbles, menu if len(bubbles) == 1 else None)
        return Passive("", more=True)

    async def has_kept(self, conversation: str) -> bool:
        """Whether something waits for the citizen's next message."""
        return await self.database.read(lambda c: c.execute(_KEPT, self._kept(conversation)).first() is not None)

    async def take(self, conversation: str) -> Piece | None:
        """The next text to send now; None where there is none, it is sent already, or WeChat allows no more."""

        def work(connection: Connection) -> Piece | None:
            hold(connection, f"wechat {conversation}")
            of_it = waiting.c.conversation == conversation
            sending = and_(of_it, waiting.c.state == Waits.SENDING.value)
            if connection.scalar(select(waiting.c.id).where(sending).limit(1)) is not None:
                return None  # in order: the one before is not there yet
            ready = and_(of_it, waiting.c.state == Waits.READY.value, waiting.c.at <= self.clock())
            row = connection.execute(select(waiting).where(ready).order_by(waiting.c.id).limit(1)).first()
            if row is None:
                return None
            if not self.followers.take_message_within(connection, conversation):
                self._wait(connection, ready, Waits.KEPT)
                return None
            at = self.clock()
            self._wait(connection, waiting.c.id == row.id, Waits.SENDING, at)
            return self._piece(row, at)

        return await self.database.write(work)

    async def sent(self, piece: Piece) -> None:
        """It has arrived."""
        statement = delete(waiting).where(_this(piece))
        await self.database.write(lambda connection: connection.execute(statement))

    async def refused(self, piece: Piece, refusal: SendRefused, rest: str = "") -> None:
        """WeChat did not take it: again later where that helps, else with the citizen's next message.

        Args:
            rest: what it did not take, where it took the beginning.
        """
        again = refusal.remedy in _LATER_REMEDIES
        values = {
            "text": self.cipher.encrypt_text(rest or piece.text),
            "menu": None if rest else self._sealed(piece.menu),
            "state": (Waits.READY if again else Waits.KEPT).value,
            "at": self.clock() + (refusal.after or _AGAIN_AFTER) if again else self.clock(),
        }
        statement = update(waiting).where(_this(piece)).values(values)
        await self.database.write(lambda connection: connection.execute(statement))

    async def stuck(self) -> list[Piece]:
        """Texts that have been on their way for longer than anything takes."""
        old = and_(waiting.c.state == Waits.SENDING.value, waiting.c.at < self.clock() - _CRASHED_AFTER)
        statement = select(waiting).where(old).order_by(waiting.c.id)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [self._piece(row, row.at) for row in rows]

    async def again(self, piece: Piece) -> None:
        """It has not arrived."""
        await self.database.write(lambda c: self._wait(c, _this(piece), Waits.READY))

    async def doubted(self, piece: Piece) -> None:
        """Nobody knows whether it arrived."""
        await self.database.write(lambda c: self._wait(c, _this(piece), Waits.DOUBTFUL))

    async def abandoned(self) -> list[Arrival]:
        """What a process postponed and never answered; another look at it is due in a minute only."""

        def work(connection: Connection) -> list[Arrival]:
            at = self.clock()
            old = and_(arrivals.c.state == State.OPEN.value, arrivals.c.at < at - _CRASHED_AFTER)
            oldest = select(arrivals.c.key).where(old).order_by(arrivals.c.at).limit(_ABANDONED_AT_ONCE)
            taken = update(arrivals).where(arrivals.c.key.in_(oldest)).values(at=at).returning(arrivals.c.content)
            return [self._arrival(content) for content in connection.execute(taken).scalars().all()]

        return await self.database.write(work)

    async def ready(self) -> list[str]:
        """Conversations in which something can go out."""
        due = and_(waiting.c.state == Waits.READY.value, waiting.c.at <= self.clock())
        statement = select(waiting.c.conversation).where(due).distinct()
        return await self.database.read(lambda connection: list(connection.scalars(statement)))

    def forget_within(self, connection: Connection, answered: datetime, kept: datetime) -> int:
        """Delete answers given before one moment, and texts that waited since before another; how many."""
        gone = connection.execute(delete(arrivals).where(arrivals.c.at < answered)).rowcount
        return gone + connection.execute(delete(waiting).where(waiting.c.at < kept)).rowcount

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

    def _with_kept(self, rows: Sequence[Row[Any]], texts: Sequence[str]) -> list[str]:
        """The answer, and what is still to be told: before it where both fit in one bubble, else after it."""
        if not rows:
            return join(texts)
        kept = [self._led(row) for row in rows]
        if texts:
            kept[0] = kept[0] if kept[0].startswith(_DOUBTFUL_LEAD) else f"{_LEAD}\n{kept[0]}"
        together = join([*kept, *texts])
        return together if len(together) == 1 or not texts else join([*texts, *kept])

    def _led(self, row: Row[Any]) -> str:
        text = self.cipher.decrypt_text(row.text) or ""
        certain = row.state in (Waits.KEPT.value, Waits.READY.value)
        return text if certain or text.startswith(_DOUBTFUL_LEAD) else f"{_DOUBTFUL_LEAD}\n{text}"

    def _piece(self, row: Row[Any], since: datetime) -> Piece:
        menu = None
        if row.menu is not None:
            told = json.loads(self.cipher.decrypt(row.menu))
            menu = Menu(told["head"], tuple((id_, title) for id_, title in told["choices"]))
        return Piece(row.id, row.conversation, self.cipher.decrypt_text(row.text) or "", since, menu)

    def _sealed(self, menu: Menu | None) -> bytes | None:
        return None if menu is None else self.cipher.encrypt_text(json.dumps(asdict(menu), ensure_ascii=False))

    def _put(self, connection: Connection, conversation: str, texts: Sequence[str], menu: Menu | None = None) -> None:
        state = Waits.READY if self.can_send else Waits.KEPT
        same = {"conversation": conversation, "state": state.value, "at": self.clock(), "menu": self._sealed(menu)}
        for text in texts:
            connection.execute(insert(waiting).values(same | {"text": self.cipher.encrypt_text(text)}))

    def _kept(self, conversation: str) -> dict[str, Any]:
        return {"this": conversation, "crashed": self.clock() - _CRASHED_AFTER}

    def _wait(self, connection: Connection, which: Any, state: Waits, at: datetime | None = None) -> None:
        values = {"state": state.value, "at": at or self.clock()}
        connection.execute(update(waiting).where(which).values(values))

    def _arrival(self, content: bytes) -> Arrival:
        fields: dict[str, Any] = json.loads(self.cipher.decrypt(content))
        return Arrival.from_fields(fields)

    @staticmethod
    def _row(connection: Connection, arrival: Arrival) -> Row[Any] | None:
        return connection.execute(_FIND, {"this": arrival.key}).first()


def _this(piece: Piece) -> Any:
    """The text as it was taken to be sent; no longer there once somebody else found out what became of it."""
    return and_(waiting.c.id == piece.id, waiting.c.at == piece.since)
