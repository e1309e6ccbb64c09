"""What template and subscription messages have in common: whom they go to, and what WeChat reports of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from channels.delivery.attempts import Receipt
from channels.delivery.rungs.rung import Parcel
from channels.outcomes import Remedy, SendRefused


class Report(Protocol):
    """What WeChat reported of one message."""

    @property
    def delivered(self) -> bool:
        """Whether it arrived."""

    @property
    def reason(self) -> str:
        """WeChat's own words where it did not."""


Reports = Callable[[Sequence[str]], Awaitable[Mapping[str, Report]]]
"""What WeChat reported of messages, as far as it did, by its ids."""


async def receipt_of(reports: Reports, message: str | None) -> Receipt | None:
    """The receipt of one message; None while there is none."""
    report = (await reports([message])).get(message) if message else None
    if report is None:
        return None
    return Receipt(report.delivered, code=report.reason, reason=f"微信说没有送到：{report.reason}")


def addressed(parcel: Parcel, public_url: str) -> tuple[str, str]:
    """Whom a message goes to, and the page it opens (none where nobody knows our own address).

    Raises:
        SendRefused: WeChat does not know them.
    """
    follower = parcel.recipient.follower
    if follower is None:
        raise SendRefused("wechat", "nobody", "诉求人没有关注公众号", Remedy.ANOTHER_WAY)
    return follower.openid, public_url + parcel.letter.path if public_url else ""
