"""Carries the notices a worker has claimed, several at once."""

import asyncio
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from channels.delivery.attempts import of_notices
from channels.delivery.breaker import all_breakers
from channels.delivery.claims import ClaimLost, claim, claimed, held
from channels.delivery.ladder import Ladders
from channels.delivery.letter import Wording
from channels.delivery.recipient import Recipients
from channels.delivery.rungs.rung import Rung
from channels.delivery.trip import Batch, Trip
from service.clock import Clock
from service.outbox import NoticeState
from service.storage import Database

_log = logging.getLogger(__name__)

AT_ONCE = 50
"""Notices of one claim."""

HELD = 400
"""Notices that all workers together hold at most; the others wait where they stand, in order."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries notices to citizens.

    Attributes:
        rungs: the ways that are set up here.
        lease: how long a claim holds; afterwards another may take over what a killed worker had.
        call: how long an outgoing call may take; much less than the lease.
    """

    database: Database
    rungs: Mapping[str, Rung]
    ladders: Ladders
    wording: Wording
    recipients: Recipients
    clock: Clock
    lease: timedelta = timedelta(minutes=2)
    call: timedelta = timedelta(seconds=30)

    async def claim(self) -> tuple[str, list[int]]:
        """Take what is due; the claim and the notices' ids."""
        at, holder = self.clock(), uuid.uuid4().hex
        free = HELD - await self.database.read(held(at, self.lease))
        if free <= 0:
            return holder, []
        return holder, await self.database.write(claim(holder, at, self.lease, min(free, AT_ONCE)))

    async def carry(self, holder: str, ids: Sequence[int]) -> None:
        """Carry claimed notices as far as they get now. What was claimed anew by another meanwhile is left to it."""
        notices = await self.database.read(claimed(holder, ids, self.clock()))
        tried = await self.database.read(of_notices([notice.id for notice in notices]))
        batch = Batch.of(await self.database.read(all_breakers))

        await asyncio.gather(*(_go(Trip(self, holder, each, tried[each.id], batch)) for each in notices))


async def _go(trip: Trip) -> None:
    try:
        try:
            await trip.run()
        except (ClaimLost, SQLAlchemyError):
            raise
        except Exception as error:  # noqa: BLE001  # a mistake in one notice must not hold up the others
            _log.exception("notice %s could not be carried", trip.notice.id)
            await trip.wait(f"程序出错：{type(error).__name__}", NoticeState.UNDELIVERED)
    except ClaimLost:
        _log.info("notice %s is another worker's by now", trip.notice.id)
    except SQLAlchemyError:
        _log.exception("the database does not answer; the claim of notice %s ends by itself", trip.notice.id)
