"""What WeChat reports of template and subscription messages, as a receipt."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from channels.delivery.attempts import Receipt


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
