"""One notice and one way to tell it.

Nothing outside is waited for within a transaction. An attempt is written before the call, and what came of it
afterwards, together with where the notice stands now: whoever takes over from a killed worker goes on from there.
"""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels.delivery import staff
from channels.delivery.attempts import (
    UNSETTLED,
    Attempt,
    AttemptState,
    Handed,
    begin_within,
    handed_within,
    refused_within,
    unknown_within,
)
from channels.delivery.breaker import PASS, ask, failed_within, succeeded_within
from channels.delivery.claims import prolong_within, put_off_within
from channels.delivery.ladder import Step
from channels.delivery.remedies import ANOTHER, TROUBLE, again_at, asked_again_at
from channels.delivery.rungs.rung import Parcel, Rung
from channels.outcomes import Remedy, SendRefused, SendUnknown

if TYPE_CHECKING:
    from channels.delivery.trip import Trip

_log = logging.getLogger(__name__)

_NEVER_TAKEN = "上次中断了，对方没有收下，这次再发"


class Climb:
    """One rung of a notice's ladder.

    Args:
        is_last: there is no further way, so nothing is waited for in order to take it.
    """

    def __init__(self, trip: "Trip", step: Step, rung: Rung, parcel: Parcel, *, is_last: bool) -> None:
        notice = trip.notice
        here = notice.rung == step.rung
        self._trip = trip
        self._step = step
        self._rung = rung
        self._parcel = parcel
        self._receipt = None if is_last else step.receipt
        self._since = notice.rung_since if here and notice.rung_since else trip.now()
        self._tries = notice.attempts if here else 0
        self._slot_at = notice.slot_at if here else None

    async def ended(self) -> bool:
        """Try this way; False where the next one is to be tried, True where nothing more is to be done now.

        Raises:
            ClaimLost: the notice is another worker's by now, or closed.
        """
        before = next((each for each in reversed(self._trip.tried) if each.rung == self._step.rung), None)
        if before is not None:
            if before.state in (AttemptState.SENT, AttemptState.DELIVERED):
                return await self._handed_before(before)
            if before.state is AttemptState.FAILED and before.remedy in ANOTHER:
                return False
        gate = PASS
        if self._step.rung in self._trip.batch.shut:
            asked = ask(self._step.rung, self._slot_at, self._step.per_second, self._trip.now())
            gate = await self._trip.write(asked)
        if gate.until is not None:
            return await self._wait(gate.until, gate.reason, slot_at=gate.until if gate.slot else None)
        async with self._trip.batch.calls:  # first, so that the claim is prolonged just before the call
            if before is not None and before.state in UNSETTLED:
                await self._trip.write(self._hold_within)
                settled = await self._call(before.id, self._rung.settle(self._parcel, before.started_at))
                if settled is not None:
                    return settled
                self._tries -= 1  # that it was asked about is no further try
            attempt = await self._trip.write(self._begin_within)
            return bool(await self._call(attempt, self._rung.send(self._parcel)))

    def _hold_within(self, connection: Connection) -> None:
        trip = self._trip
        self._tries += 1
        until = trip.now() + trip.courier.lease
        here = {"rung": self._step.rung, "rung_since": self._since, "attempts": self._tries, "slot_at": None}
        prolong_within(connection, trip.notice.id, trip.holder, until, **here)

    def _begin_within(self, connection: Connection) -> int:
        self._hold_within(connection)
        return begin_within(connection, self._trip.notice, self._step.rung, self._trip.now())

    async def _call(self, attempt: int, call: Awaitable[Handed | None]) -> bool | None:
        """Make a call and keep what came of it; None where an earlier one turned out never to have been taken."""
        try:
            async with asyncio.timeout(self._trip.courier.call.total_seconds()):
                handed = await call
        except SendRefused as refused:
            return await self._refused(attempt, refused)
        except SendUnknown as unknown:
            return await self._unknown(attempt, unknown.reason)
        except TimeoutError:
            return await self._unknown(attempt, "对方没有在限定时间里应答")
        except Exception as error:  # noqa: BLE001  # whatever it was, it may have been sent
            _log.exception("%s failed for notice %s", self._step.rung, self._trip.notice.id)
            return await self._unknown(attempt, f"程序出错：{type(error).__name__}")
        if handed is None:
            never = SendRefused(self._step.rung, "never_taken", _NEVER_TAKEN, Remedy.RETRY)
            await self._trip.write(lambda connection: refused_within(connection, attempt, never, self._trip.now()))
            return None
        return await self._handed(attempt, handed)

    async def _handed(self, attempt: int, handed: Handed) -> bool:
        at = self._trip.now()
        waits = self._receipt is not None and not handed.delivered

        def work(connection: Connection) -> None:
            handed_within(connection, attempt, handed, at)
            if waits and self._receipt is not None:
                self._put_off_within(connection, at + self._receipt, None)
            else:
                self._trip.sent_within(connection)
            self._well_within(connection, at)

        await self._trip.write(work)
        return True

    async def _handed_before(self, before: Attempt) -> bool:
        """The service has it; whether its receipt is still waited for."""
        since = before.ended_at or before.started_at
        if before.state is AttemptState.DELIVERED or self._receipt is None:
            await self._trip.write(self._trip.sent_within)
            return True
        until = since + self._receipt
        return self._trip.now() < until and await self._wait(until, None)

    async def _refused(self, attempt: int, refused: SendRefused) -> bool:
        at = self._trip.now()
        until = again_at(refused, self._tries, at, self._since + self._step.patience)
        trouble = refused.remedy in TROUBLE

        def work(connection: Connection) -> None:
            refused_within(connection, attempt, refused, at)
            if until is not None:
                self._put_off_within(connection, until, refused.reason)
            if trouble:
                self._trouble_within(connection, refused.reason, at, alarm=refused.remedy is Remedy.ALARM)
            else:
                self._well_within(connection, at)

        await self._trip.write(work)
        self._trip.last, self._trip.failure = AttemptState.FAILED, refused.reason
        return until is not None

    async def _unknown(self, attempt: int, reason: str) -> bool:
        at = self._trip.now()
        until = asked_again_at(self._tries, at, self._since + self._step.patience)

        def work(connection: Connection) -> None:
            unknown_within(connection, attempt, reason)
            if until is not None:
                self._put_off_within(connection, until, reason)
            self._trouble_within(connection, reason, at, alarm=False)

        await self._trip.write(work)
        self._trip.last, self._trip.failure = AttemptState.UNKNOWN, reason
        return until is not None

    async def _wait(self, until: datetime, reason: str | None, slot_at: datetime | None = None) -> bool:
        """Give the notice back until a moment; False where that is too long."""
        if reason is not None:
            self._trip.failure = reason
            if until > self._since + self._step.patience:
                self._trip.last = AttemptState.FAILED
                return False
        await self._trip.write(lambda connection: self._put_off_within(connection, until, reason, slot_at))
        return True

    def _put_off_within(
        self, connection: Connection, until: datetime, failure: str | None, slot_at: datetime | None = None
    ) -> None:
        here = {"rung": self._step.rung, "rung_since": self._since, "attempts": self._tries, "slot_at": slot_at}
        put_off_within(connection, self._trip.notice.id, self._trip.holder, until, failure, **here)

    def _trouble_within(self, connection: Connection, reason: str, at: datetime, *, alarm: bool) -> None:
        rung, batch = self._step.rung, self._trip.batch
        batch.failing.add(rung)
        shuts = failed_within(connection, rung, reason, at, alarm=alarm)
        if shuts:
            batch.shut.add(rung)
        if shuts and alarm:
            staff.way_down_within(connection, rung, at)

    def _well_within(self, connection: Connection, at: datetime) -> None:
        rung, batch = self._step.rung, self._trip.batch
        if rung in batch.shut or rung in batch.failing:
            batch.failing.discard(rung)
            succeeded_within(connection, rung, at)
