"""Delivery of notices: what the outbox holds goes out by the channel it is meant for, at least once."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from service.clock import Clock
from service.outbox import Waiting, due, failed_within, sent_within
from service.storage import Database

_AT_ONCE = 100

Settle = Callable[[Connection], bool]
"""A unit of work that marks a notice as delivered; False when another process was first."""


class DeliveryFailed(Exception):
    """It could not be delivered now; the message says why, for staff. It is tried again."""


class ChannelDelivery(Protocol):
    """How notices leave by one channel."""

    async def deliver(self, waiting: Waiting, reply: dict[str, Any], settle: Settle) -> None:
        """Deliver a notice and run `settle`.

        A channel that keeps its messages in the database settles in the same transaction, so that nobody sees a
        notice twice. One that sends them out into the world settles afterwards.

        Raises:
            DeliveryFailed: not now.
        """


class Wording(Protocol):
    """Puts a notice into words."""

    def reply(self, waiting: Waiting) -> dict[str, Any]:
        """What to say.

        Raises:
            DeliveryFailed: there is nothing true to say at the moment.
        """


async def deliver_due(
    database: Database, channels: Mapping[str, ChannelDelivery], wording: Wording, clock: Clock
) -> int:
    """Deliver what is due on these channels; how many notices went out. Several processes may run at once."""
    delivered = 0
    for waiting in await database.read(due(channels.keys(), clock(), _AT_ONCE)):
        try:
            reply = wording.reply(waiting)
            await channels[waiting.notice.channel].deliver(waiting, reply, _settling(waiting, clock))
        except DeliveryFailed as failure:
            await database.write(_failing(waiting, str(failure), clock))
        else:
            delivered += 1
    return delivered


def _settling(waiting: Waiting, clock: Clock) -> Settle:
    return lambda connection: sent_within(connection, waiting, clock())


def _failing(waiting: Waiting, failure: str, clock: Clock) -> Callable[[Connection], None]:
    return lambda connection: failed_within(connection, waiting, failure, clock())
