"""By a template message of the public account, which needs no message from the citizen before.

WeChat drops a second call with the same `client_msg_id` for ten minutes, so within these a call that was cut off is
simply made again. Later nobody can be asked: the next way is used as well. Two messages by two ways are less bad than
a promise nobody heard of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.delivery.rungs.wechat_notifying import Reports, addressed, receipt_of
from channels.outcomes import Remedy, SendRefused
from service.clock import Clock

_RECOGNISED = timedelta(minutes=9)  # a minute less than WeChat says, for the clocks' sake


class Templates(Protocol):
    """The part of WeChat's API that sends template messages."""

    async def send_template(
        self,
        openid: str,
        purpose: str,
        values: Mapping[str, str],
        url: str,
        id: str,  # noqa: A002  # as the API's client calls it
    ) -> str:
        """Send one; WeChat's id of it, which its receipt names."""


@dataclass(frozen=True, slots=True)
class WechatTemplateRung:
    """A template message.

    Attributes:
        reports: what WeChat reported of these messages.
    """

    templates: Templates
    reports: Reports
    public_url: str
    clock: Clock

    def reaches(self, recipient: Recipient) -> bool:
        """See `Rung.reaches`."""
        return recipient.follower is not None and recipient.follower.followed

    async def send(self, parcel: Parcel) -> Handed:
        """See `Rung.send`."""
        letter = parcel.letter
        openid, url = addressed(parcel, self.public_url)
        message = await self.templates.send_template(openid, letter.occasion, letter.values, url, parcel.id)
        return Handed(message or None, reports=bool(message))

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`."""
        if self.clock() - since < _RECOGNISED:
            return await self.send(parcel)
        raise SendRefused("wechat", "unknown", "不知道模板消息发出没有，也查不到了，换一种方式", Remedy.ANOTHER_WAY)

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`."""
        return await receipt_of(self.reports, provider_id)
