"""By a subscription message (订阅通知), for which the citizen has said yes to a template before.

A yes may count for a single message, and WeChat knows no id of ours for these, so a call that was cut off is never made
again: its report tells, if one comes, and the next way is used as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.delivery.attempts import Handed, Receipt
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.delivery.rungs.wechat_notifying import Reports, addressed, receipt_of
from channels.outcomes import Remedy, SendRefused


class Subscriptions(Protocol):
    """The part of WeChat's API that sends subscription messages."""

    async def send_subscription(self, openid: str, purpose: str, values: Mapping[str, str], url: str) -> str:
        """Send one; WeChat's id of it, if it tells one."""


@dataclass(frozen=True, slots=True)
class WechatSubscriptionRung:
    """A subscription message.

    Attributes:
        reports: what WeChat reported of these messages.
    """

    subscriptions: Subscriptions
    reports: Reports
    public_url: str

    def reaches(self, recipient: Recipient) -> bool:
        """See `Rung.reaches`: a yes counts also for those who do not follow."""
        return recipient.follower is not None

    async def send(self, parcel: Parcel) -> Handed:
        """See `Rung.send`."""
        letter = parcel.letter
        openid, url = addressed(parcel, self.public_url)
        message = await self.subscriptions.send_subscription(openid, letter.occasion, letter.values, url)
        return Handed(message or None, reports=bool(message))

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        """See `Rung.settle`."""
        raise SendRefused("wechat", "unknown", "不知道订阅通知发出没有，也查不到，换一种方式", Remedy.ANOTHER_WAY)

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        """See `Rung.receipt`."""
        return await receipt_of(self.reports, provider_id)
