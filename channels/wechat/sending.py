"""What goes out by itself, as customer messages (客服消息), in order."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.followers import Followers
from channels.wechat.platform.client import PartlySent
from channels.wechat.rendering import Menu
from channels.wechat.waiting import Piece, Waiting

_log = logging.getLogger(__name__)

_AT_ONCE = 16


class Outgoing(Protocol):
    """What of WeChat's API the conversation needs."""

    async def send_text(self, openid: str, text: str) -> object:
        """Send a customer message.

        Raises:
            SendRefused: see there.
            SendUnknown: see there.
        """

    async def send_menu(self, openid: str, menu: Menu, text: str) -> object:
        """Send a customer message whose choices can be tapped, or the text in its place; raises as `send_text`."""

    async def was_sent(self, openid: str, text: str, since: datetime) -> bool | None:
        """Whether a text went out since a moment, by WeChat's own record; None where there is none.

        Raises:
            SendRefused: see there.
            SendUnknown: see there.
        """


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what waits, to so many people at once."""

    outgoing: Outgoing
    followers: Followers
    waiting: Waiting
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def send(self, conversation: str) -> int:
        """Send what can go out in a conversation; how many texts."""
        async with self._at_once:
            return await self._sent(conversation)

    async def _sent(self, conversation: str) -> int:
        follower = await self.followers.of_conversation(conversation)
        sent = 0
        while follower and (piece := await self.waiting.take(conversation)):
            try:
                await self._say(follower.openid, piece)
            except PartlySent as partly:
                await self.waiting.refused(piece, partly, "\n".join(partly.rest))
                return sent
            except SendRefused as refusal:
                level = logging.ERROR if refusal.remedy is Remedy.ALARM else logging.INFO
                _log.log(level, "WeChat refused a message: %s %s", refusal.code, refusal.reason)
                await self.waiting.refused(piece, refusal)
                return sent
            except SendUnknown as unknown:  # it stays as being sent, and `settle` finds out
                _log.warning("nobody knows whether a message arrived: %s", unknown.reason)
                return sent
            await self.waiting.sent(piece)
            sent += 1
        return sent

    async def _say(self, openid: str, piece: Piece) -> None:
        if piece.menu is None:
            await self.outgoing.send_text(openid, piece.text)
        else:
            await self.outgoing.send_menu(openid, piece.menu, piece.text)

    async def settle(self) -> None:
        """Find out what became of texts whose sending was cut off, by a lost answer or the end of a process."""
        for piece in await self.waiting.stuck():
            arrived = await self._arrived(piece)
            if arrived is None:
                await self.waiting.doubted(piece)
            elif arrived:
                await self.waiting.sent(piece)
            else:
                await self.waiting.again(piece)

    async def _arrived(self, piece: Piece) -> bool | None:
        follower = await self.followers.of_conversation(piece.conversation)
        if follower is None:
            return None
        try:
            arrived = await self.outgoing.was_sent(follower.openid, piece.text, piece.since)
            return None if piece.menu and not arrived else arrived  # of a menu the record tells nothing
        except (SendRefused, SendUnknown):
            return None
