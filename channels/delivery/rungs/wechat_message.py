"""By a customer message (客服消息) of the public account: as in a chat, while WeChat allows it.

WeChat allows five within 48 hours of what the citizen wrote. One notice takes one of them, so it is one text, shortened
where it is long. WeChat knows no id of ours for these: the account's own record of messages (`was_sent`) says what
became of a call that was cut off. Where an account keeps none, the next way is used as well: two messages by two ways
are less bad than a promise nobody heard of.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Follower, Recipient
from channels.delivery.rungs.rung import Parcel
from channels.delivery.rungs.widget import Telling
from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.rendering import Menu

_LONGEST = 400  # characters
_MORE = "……（全文请点“看看进度”）"


class CustomerMessages(Protocol):
    """The part of WeChat's API that talks to one who wrote lately."""

    async def send_text(self, openid: str, text: str) -> None:
        """Send a text."""

    async def send_menu(self, openid: str, menu: Menu, text: str) -> None:
        """Send a text with choices to tap, or the text in its place where the account may not."""

    async def was_sent(self, openid: str, text: str, since: datetime) -> bool | None:
        """Whether a text went out since a moment; None where that cannot be known."""


@dataclass(frozen=True, slots=True)
class WechatMessageRung:
    """A message in the chat with the public account.

    Attributes:
        take: takes one of the messages WeChat allows in a conversation; False when there is none.
        render: a reply as WeChat texts.
        menu: a reply with choices to tap; None where there are none.
    """

    messages: CustomerMessages
    take: Callable[[str], Awaitable[bool]]
    render: Callable[[dict[str, Any]], Sequence[str]]
    telling: Telling
    menu: Callable[[dict[str, Any]], Menu | None]

    def reaches(self, recipient: Recipient) -> bool:
        """See `Rung.reaches`."""
        return recipient.follower is not None and recipient.follower.followed

    async def send(self, parcel: Parcel) -> Handed:
        """See `Rung.send`."""
        follower, shown = self._addressed(parcel)
        if not await self.take(follower.conversation):
            raise SendRefused("wechat", "quota", "诉求人最近没有来信，或者能发的条数用完了", Remedy.ANOTHER_WAY)
        text, menu = self._text(shown), self._menu(shown)
        if menu is None:
            await self.messages.send_text(follower.openid, text)
        else:
            await self.messages.send_menu(follower.openid, menu, text)
        return await self._said(shown, follower)

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`."""
        follower, shown = self._addressed(parcel)
        sent = await self.messages.was_sent(follower.openid, self._text(shown), since)
        if sent is None or (not sent and self._menu(shown)):  # of a menu the record tells nothing
            raise SendRefused("wechat", "unknown", "不知道客服消息发出没有，也查不到，换一种方式", Remedy.ANOTHER_WAY)
        return await self._said(shown, follower) if sent else None

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`: there are none for these."""
        return None

    def _addressed(self, parcel: Parcel) -> tuple[Follower, Parcel]:
        """Whom it goes to, and what of it is shown."""
        follower, reply = parcel.recipient.follower, dict(parcel.letter.reply)
        if follower is None:
            raise SendRefused("wechat", "nobody", "诉求人没有关注公众号", Remedy.ANOTHER_WAY)
        if len(reply["text"]) > _LONGEST and not parcel.letter.is_kept:
            reply["text"] = reply["text"][:_LONGEST] + _MORE
        return follower, replace(parcel, letter=replace(parcel.letter, reply=reply))

    def _text(self, parcel: Parcel) -> str:
        return self.render(dict(parcel.letter.reply))[0]

    def _menu(self, parcel: Parcel) -> Menu | None:
        return self.menu(dict(parcel.letter.reply))

    async def _said(self, parcel: Parcel, follower: Follower) -> Handed:
        """Keep it in the conversation as well: its choices can be answered with a number.

        Raises:
            SendUnknown: it went out and could not be kept now. As a refusal it would be sent once more.
        """
        if not parcel.letter.is_kept:
            try:
                await self.telling.say(follower.conversation, parcel)
            except SendRefused as busy:
                raise SendUnknown("wechat", f"发出去了，还没记进对话：{busy.reason}") from busy
        return Handed()
