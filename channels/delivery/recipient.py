"""Who is to be reached, and how they can be."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, select

from service.encryption import Cipher
from service.outbox import Notice
from service.storage import Database
from tickets.announcing import TICKET_MOVED
from tickets.tables import tickets


class Follower(Protocol):
    """One who follows the public account, as far as delivery has to know."""

    @property
    def conversation(self) -> str:
        """Where they talk with us."""

    @property
    def openid(self) -> str:
        """How WeChat calls them."""

    @property
    def followed(self) -> bool:
        """Whether they still follow."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told.

    Attributes:
        conversation: of the widget; None where no page belongs to it.
        follower: whose conversation it is, or who has proved the phone; None where WeChat knows nobody.
        phone: in international form (+8613800138000).
        opted_out: wants no messages to this phone but those about their own tickets.
    """

    conversation: str | None = None
    follower: Follower | None = None
    phone: str | None = None
    opted_out: bool = False

    @property
    def is_anybody(self) -> bool:
        """Whether they left any way to reach them."""
        return self.conversation is not None or self.follower is not None or self.phone is not None


async def _nobody(_name: str) -> None:
    return None


async def _never(_phone: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Recipients:
    """Finds out who a notice is for.

    Attributes:
        follower_of: who talks in a conversation by WeChat.
        follower_with: who has proved a phone on WeChat, and follows.
        phone_of: the phone number that was proven in a conversation.
        opted_out: whether a phone wants no messages.
    """

    database: Database
    cipher: Cipher
    follower_of: Callable[[str], Awaitable[Follower | None]] = _nobody
    follower_with: Callable[[str], Awaitable[Follower | None]] = _nobody
    phone_of: Callable[[str], Awaitable[str | None]] = _nobody
    opted_out: Callable[[str], Awaitable[bool]] = _never

    async def of(self, notice: Notice) -> Recipient:
        """Who is to be told, by what is known now: the phone of the ticket, else of the one who asked.

        Where staff said another number, nothing but this number.
        """
        if notice.phone is not None:
            other = self.cipher.decrypt_text(notice.phone)
            return Recipient(phone=other, opted_out=other is not None and await self.opted_out(other))
        if notice.kind == TICKET_MOVED:
            phone = await self.database.read(self._of_ticket(notice.subject))
        else:
            phone = await self.phone_of(notice.conversation)
        if notice.channel == "wechat":
            follower = await self.follower_of(notice.conversation)
        else:
            follower = None if phone is None else await self.follower_with(phone)
        return Recipient(
            conversation=notice.conversation if notice.channel == "widget" else None,
            follower=follower,
            phone=phone,
            opted_out=phone is not None and await self.opted_out(phone),
        )

    def _of_ticket(self, number: str) -> Callable[[Connection], str | None]:
        statement = select(tickets.c.requester_phone).where(tickets.c.number == number)
        return lambda connection: self.cipher.decrypt_text(connection.scalar(statement))
