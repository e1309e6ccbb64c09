"""Followers of the account: who they are, which conversation is theirs, how many messages WeChat lets us send them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, delete, insert, select, update

from bot.assistant import new_id
from channels.wechat.remembered import Remembered
from channels.wechat.tables import followers
from service.clock import Clock, now
from service.encryption import Cipher, Keyring
from service.storage import Database, hold

# Customer messages (客服消息) by what the citizen did, since 2023-06.
_TALK, _TALK_MESSAGES = timedelta(hours=48), 5
_BRIEF, _BRIEF_MESSAGES = timedelta(minutes=1), 3
_KNOWN = 20_000
_KNOWN_SECONDS = 600  # less than any time after which somebody is forgotten


_WROTE = (  # built once: it is carried out with every message
    update(followers)
    .where(followers.c.conversation == bindparam("this"))
    .values(
        last_message_at=bindparam("wrote"),
        talk_until=bindparam("until"),
        talk_left=_TALK_MESSAGES,
        followed=case((followers.c.changed_at <= bindparam("sent"), True), else_=followers.c.followed),
    )
)


@dataclass(frozen=True, slots=True)
class Follower:
    """A person as WeChat knows them.

    Attributes:
        conversation: theirs for as long as we remember them; named in tickets and transcripts in place of the openid.
        last_message_at: when they last wrote; None where they only followed, scanned or tapped the menu.
        messages_left: customer messages WeChat still takes for them at this moment.
    """

    conversation: str
    openid: str
    followed: bool
    last_message_at: datetime | None
    messages_left: int


@dataclass(frozen=True, slots=True)
class Followers:
    """All followers, and those who left and are not forgotten yet."""

    database: Database
    cipher: Cipher
    clock: Clock = now
    _conversations: Remembered[str] = field(default_factory=lambda: Remembered(_KNOWN, _KNOWN_SECONDS))

    @classmethod
    def open(cls, database: Database, keyring: Keyring, clock: Clock = now) -> "Followers":
        """The followers of an installation, with the account's own key."""
        return cls(database, keyring.cipher("wechat"), clock)

    async def of_conversation(self, conversation: str) -> Follower | None:
        """Whose conversation it is; None where it is not one of this channel, or the person was forgotten."""
        return await self._one(followers.c.conversation == conversation)

    async def of_openid(self, openid: str) -> Follower | None:
        """The follower with this openid, if they were ever here."""
        return await self._one(self._is(openid))

    async def conversation_of(self, openid: str) -> str:
        """The conversation of whoever writes; a new one for a new person."""
        at = self.clock().timestamp()
        conversation = self._conversations.get(openid, at)
        if conversation is None:
            known = await self.of_openid(openid)
            conversation = known.conversation if known else await self.database.write(self._adding(openid))
            self._conversations.put(openid, conversation, at)
        return conversation

    async def take_message(self, conversation: str) -> bool:
        """Take one of the customer messages the windows still allow; False when there is none.

        The window that ends first is used first.
        """
        return await self.database.write(lambda connection: self.take_message_within(connection, conversation))

    def take_message_within(self, connection: Connection, conversation: str) -> bool:
        """`take_message`, as part of a transaction."""
        at = self.clock()
        this = followers.c.conversation == conversation
        for until, left in (("brief_until", "brief_left"), ("talk_until", "talk_left")):
            open_ = and_(this, followers.c.followed, followers.c[until] > at, followers.c[left] > 0)
            if connection.execute(update(followers).where(open_).values({left: followers.c[left] - 1})).rowcount:
                return True
        return False

    def wrote_within(self, connection: Connection, conversation: str, sent: datetime) -> None:
        """They wrote: five messages within 48 hours. Only followers can write, so they follow unless they left since.

        Args:
            sent: when they wrote, by WeChat's clock.
        """
        at = self.clock()
        connection.execute(_WROTE, {"this": conversation, "wrote": at, "until": at + _TALK, "sent": sent})

    def tapped_within(self, connection: Connection, conversation: str) -> None:
        """They tapped the menu, scanned a code or followed: three messages within a minute."""
        values = {"brief_until": self.clock() + _BRIEF, "brief_left": _BRIEF_MESSAGES}
        connection.execute(update(followers).where(followers.c.conversation == conversation).values(values))

    async def followed(self, openid: str, at: datetime) -> str:
        """They follow the account; their conversation.

        Args:
            at: by WeChat's clock, so that an event that comes late does not undo a newer one.
        """
        conversation = await self.conversation_of(openid)
        await self._change(openid, at, followed=True)
        return conversation

    async def left(self, openid: str, at: datetime) -> None:
        """They no longer follow: nothing can be sent to them, and the time until they are forgotten begins."""
        await self._change(openid, at, followed=False)

    async def forget(self, before: datetime) -> int:
        """Delete those who left earlier; how many. Whoever comes back later is a new person."""
        gone = and_(~followers.c.followed, followers.c.changed_at < before)
        return await self.database.write(lambda c: c.execute(delete(followers).where(gone)).rowcount)

    async def _change(self, openid: str, at: datetime, **values: Any) -> None:
        this = and_(self._is(openid), followers.c.changed_at <= at)
        statement = update(followers).where(this).values(changed_at=at, **values)
        await self.database.write(lambda connection: connection.execute(statement))

    def _adding(self, openid: str) -> Callable[[Connection], str]:
        return lambda connection: self._add_within(connection, openid)

    def _add_within(self, connection: Connection, openid: str) -> str:
        hashed = self.cipher.keyed_hash(openid)
        hold(connection, f"wechat follower {hashed}")
        found = connection.scalar(select(followers.c.conversation).where(self._is(openid)))
        if found is not None:
            return str(found)
        conversation = new_id()
        values = {
            "conversation": conversation,
            "openid": self.cipher.encrypt_text(openid),
            "openid_hash": hashed,
            "followed": True,
            "changed_at": datetime.fromtimestamp(0, self.clock().tzinfo),  # any event is newer
            "talk_left": 0,
            "brief_left": 0,
        }
        connection.execute(insert(followers).values(values))
        return conversation

    def _is(self, openid: str) -> Any:
        return followers.c.openid_hash.in_(self.cipher.keyed_hashes(openid))

    async def _one(self, condition: Any) -> Follower | None:
        at = self.clock()
        left = [
            case((and_(followers.c[until] > at, followers.c.followed), followers.c[left]), else_=0)
            for until, left in (("brief_until", "brief_left"), ("talk_until", "talk_left"))
        ]
        statement = select(followers, (left[0] + left[1]).label("messages_left")).where(condition)
        row = await self.database.read(lambda connection: connection.execute(statement).first())
        return None if row is None else self._follower(row)

    def _follower(self, row: Row[Any]) -> Follower:
        openid = self.cipher.decrypt_text(row.openid) or ""
        return Follower(row.conversation, openid, row.followed, row.last_message_at, row.messages_left)
