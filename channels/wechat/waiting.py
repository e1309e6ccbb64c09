"""Texts that go out by themselves: in order, one at a time, as long as WeChat allows; the rest with the next answer."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, or_, select, update

from channels.outcomes import Remedy, SendRefused
from channels.wechat.bubbles import join
from channels.wechat.followers import Followers
from channels.wechat.rendering import Menu
from channels.wechat.tables import waiting
from service.clock import Clock, now
from service.encryption import Cipher
from service.storage import Database, hold

_CRASHED_AFTER = timedelta(minutes=1)  # no call of WeChat's takes longer
_AGAIN_AFTER = timedelta(seconds=30)
_LEAD = "刚才没来得及发给您的："
_DOUBTFUL_LEAD = "这条您可能已经收到了："
_LATER_REMEDIES = frozenset({Remedy.RETRY, Remedy.REFRESH, Remedy.DELAY})


class Waits(StrEnum):
    """How a text stands that goes out by itself."""

    READY = "ready"
    SENDING = "sending"
    KEPT = "kept"  # it cannot go out; the citizen gets it with the next answer
    DOUBTFUL = "doubtful"  # nobody knows whether it arrived; again with the next answer, saying so


# Built once: with every message it would cost more than the database takes to carry it out.
_KEPT = (
    select(waiting)
    .where(
        waiting.c.conversation == bindparam("this"),
        or_(waiting.c.state != Waits.SENDING.value, waiting.c.at < bindparam("crashed")),
    )
    .order_by(waiting.c.id)
)


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """The texts that wait, and those that are being sent.

    Attributes:
        can_send: whether texts can go out by themselves; else they wait until the citizen writes.
    """

    database: Database
    cipher: Cipher
    followers: Followers
    can_send: bool
    clock: Clock = now

    async def ready(self) -> list[str]:
        """Conversations in which something can go out."""
        due = and_(waiting.c.state == Waits.READY.value, waiting.c.at <= self.clock())
        statement = select(waiting.c.conversation).where(due).distinct()
        return await self.database.read(lambda connection: list(connection.scalars(statement)))

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
                self._set(connection, ready, Waits.KEPT)
                return None
            at = self.clock()
            self._set(connection, waiting.c.id == row.id, Waits.SENDING, at)
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
        await self.database.write(lambda c: self._set(c, _this(piece), Waits.READY))

    async def doubted(self, piece: Piece) -> None:
        """Nobody knows whether it arrived."""
        await self.database.write(lambda c: self._set(c, _this(piece), Waits.DOUBTFUL))

    async def has_kept(self, conversation: str) -> bool:
        """Whether something waits for the citizen's next message."""
        return await self.database.read(lambda c: c.execute(_KEPT, self._kept(conversation)).first() is not None)

    def put_within(
        self, connection: Connection, conversation: str, texts: Sequence[str], menu: Menu | None = None
    ) -> None:
        """Have texts go out, as part of the transaction that makes them true."""
        state = Waits.READY if self.can_send else Waits.KEPT
        same = {"conversation": conversation, "state": state.value, "at": self.clock(), "menu": self._sealed(menu)}
        for text in texts:
            connection.execute(insert(waiting).values(same | {"text": self.cipher.encrypt_text(text)}))

    def take_along_within(self, connection: Connection, conversation: str, texts: Sequence[str]) -> "Along":
        """An answer, and what is still to be told: before it where both fit in one bubble, else after it."""
        rows = connection.execute(_KEPT, self._kept(conversation)).all()
        if not rows:
            return Along(join(texts), [])
        kept = [self._led(row) for row in rows]
        if texts:
            kept[0] = kept[0] if kept[0].startswith(_DOUBTFUL_LEAD) else f"{_LEAD}\n{kept[0]}"
        together = join([*kept, *texts])
        bubbles = together if len(together) == 1 or not texts else join([*texts, *kept])
        return Along(bubbles, [row.id for row in rows])

    def told_within(self, connection: Connection, along: "Along") -> None:
        """What was taken along is told, and waits no longer."""
        if along.ids:
            connection.execute(delete(waiting).where(waiting.c.id.in_(along.ids)))

    def forget_within(self, connection: Connection, before: datetime) -> int:
        """Delete texts that waited since before a moment; how many."""
        return connection.execute(delete(waiting).where(waiting.c.at < before)).rowcount

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

    def _kept(self, conversation: str) -> dict[str, Any]:
        return {"this": conversation, "crashed": self.clock() - _CRASHED_AFTER}

    def _set(self, connection: Connection, which: Any, state: Waits, at: datetime | None = None) -> None:
        values = {"state": state.value, "at": at or self.clock()}
        connection.execute(update(waiting).where(which).values(values))


@dataclass(frozen=True, slots=True)
class Along:
    """An answer with what waited for it.

    Attributes:
        bubbles: what is to be said, one text a bubble.
        ids: the texts that waited and are in it.
    """

    bubbles: list[str] = field(repr=False)
    ids: list[int]


def _this(piece: Piece) -> Any:
    """The text as it was taken to be sent; no longer there once somebody else found out what became of it."""
    return and_(waiting.c.id == piece.id, waiting.c.at == piece.since)
