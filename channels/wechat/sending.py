"""What goes out by itself, as customer messages (客服消息), in order."""

import logging
from dataclasses import dataclass
from typing import Protocol

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.client import PartlySent
from channels.wechat.followers import Followers
from channels.wechat.telling import Telling

_log = logging.getLogger(__name__)


class Outgoing(Protocol):
    """What of WeChat's API the conversation needs."""

    async def send_text(self, openid: str, text: str) -> object:
        """Send a customer message.

        Raises:
            SendRefused: see there.
            SendUnknown: see there.
        """


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what waits."""

    outgoing: Outgoing
    followers: Followers
    telling: Telling

    async def send(self, conversation: str) -> int:
        """Send what can go out in a conversation; how many texts."""
        follower = await self.followers.of_conversation(conversation)
        sent = 0
        while follower and (piece := await self.telling.take(conversation)):
            try:
                await self.outgoing.send_text(follower.openid, piece.text)
            except PartlySent as partly:
                await self.telling.refused(piece, partly, "\n".join(partly.rest))
                return sent
            except SendRefused as refusal:
                level = logging.ERROR if refusal.remedy is Remedy.ALARM else logging.INFO
                _log.log(level, "WeChat refused a message: %s %s", refusal.code, refusal.reason)
                await self.telling.refused(piece, refusal)
                return sent
            except SendUnknown as unknown:
                _log.warning("nobody knows whether a message arrived: %s", unknown.reason)
                await self.telling.doubted(piece)
                return sent
            await self.telling.sent(piece)
            sent += 1
        return sent
