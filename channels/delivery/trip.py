"""One notice on its way, from the rung it has come to up to the first that works."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from channels.delivery import staff
from channels.delivery.attempts import ARRIVED, Attempt, AttemptState
from channels.delivery.breaker import Breaker, BreakerState
from channels.delivery.claims import end_within, put_off_within
from channels.delivery.climb import Climb
from channels.delivery.ladder import Ladder, Step
from channels.delivery.letter import NothingToSay
from channels.delivery.recipient import Recipient
from channels.delivery.remedies import pause
from channels.delivery.rungs.rung import Parcel, Rung, parcel_id
from service.outbox import Kept, NoticeState

if TYPE_CHECKING:
    from channels.delivery.courier import Courier

_Result = TypeVar("_Result")
_KEPT = timedelta(days=7)  # so long something true to say is waited for
_CALLS = 16  # at a time, of one batch


@dataclass(frozen=True, slots=True)
class Batch:
    """What the trips of one claim share.

    Attributes:
        shut: the ways whose breaker has to be asked.
        failing: the ways whose last call has failed.
        calls: limits outgoing calls.
        turns: by a way that is shut; there one goes after the other, in order.
    """

    shut: set[str]
    failing: set[str]
    calls: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CALLS))
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    @classmethod
    def of(cls, breakers: Mapping[str, Breaker]) -> "Batch":
        """What is known of the ways at the beginning."""
        shut = {rung for rung, breaker in breakers.items() if breaker.state is not BreakerState.CLOSED}
        return cls(shut, set(breakers))

    def turn(self, rung: str) -> AbstractAsyncContextManager[None]:
        """Waits for those before, where a way is shut."""
        return self.turns[rung] if rung in self.shut else nullcontext()


class Trip:
    """One notice, carried by one worker.

    Attributes:
        tried: the attempts of this round, the oldest first.
        last: how the last attempt stands.
        failure: why it has not arrived, for staff.
    """

    def __init__(self, courier: "Courier", holder: str, notice: Kept, tried: Sequence[Attempt], batch: Batch) -> None:
        self.courier = courier
        self.holder = holder
        self.notice = notice
        self.tried = [attempt for attempt in tried if attempt.round == notice.round]
        self.batch = batch
        self.last: AttemptState | None = self.tried[-1].state if self.tried else None
        self.failure = notice.failure

    async def run(self) -> None:
        """Carry it as far as it gets now.

        Raises:
            ClaimLost: it is another worker's by now, or closed.
        """
        told = self.notice.notice
        try:
            letter = self.courier.wording.letter(told)
        except NothingToSay as nothing:
            await self.wait(str(nothing), NoticeState.CANCELLED)
            return
        recipient = await self.courier.recipients.of(told)
        ladders = self.courier.ladders
        ladder = ladders.of(told.kind, letter.verb, told.channel) if told.phone is None else ladders.to_number()
        parcel = Parcel(parcel_id(self.notice.id, self.notice.round), told, letter, recipient)
        ways = self._ways(ladder, recipient)
        names = [step.rung for step, _ in ways]
        start = names.index(self.notice.rung) if self.notice.rung in names else 0
        for step, rung in ways[start:]:
            async with self.batch.turn(step.rung):
                if await Climb(self, step, rung, parcel, is_last=step is ways[-1][0]).ended():
                    return
        await self._exhausted(ladder, recipient)

    def _ways(self, ladder: Ladder, recipient: Recipient) -> list[tuple[Step, Rung]]:
        """The steps that are set up and lead to this person."""
        unwanted = "sms" if ladder.opt_out and recipient.opted_out else None
        found = ((step, self.courier.rungs.get(step.rung)) for step in ladder.steps if step.rung != unwanted)
        return [(step, rung) for step, rung in found if rung is not None and rung.reaches(recipient)]

    async def wait(self, reason: str, ends_as: NoticeState) -> None:
        """Nothing can be done with it now: look at it again, ever more rarely, and in the end no more.

        Raises:
            ClaimLost: it is another worker's by now, or closed.
        """
        at, tries = self.now(), self.notice.attempts + 1
        if at - self.notice.created_at > _KEPT:
            await self._end(ends_as, reason, tell_staff=True)
            return
        until = at + pause(tries)
        await self.write(lambda c: put_off_within(c, self.notice.id, self.holder, until, reason, attempts=tries))

    async def _exhausted(self, ladder: Ladder, recipient: Recipient) -> None:
        """There is no further way."""
        if self.last in ARRIVED:
            await self.write(self.sent_within)
        elif not ladder.steps:
            await self._end(NoticeState.CANCELLED, "按设置不通知这一步")
        elif self.last is not None:
            await self._end(NoticeState.UNDELIVERED, self.failure, tell_staff=ladder.staff)
        elif ladder.opt_out and recipient.opted_out:
            await self._end(NoticeState.CANCELLED, "诉求人退订了短信")
        else:
            await self._end(NoticeState.UNREACHABLE, "没有联系方式，或者能用的方式没有开通")

    async def _end(self, state: NoticeState, failure: str | None, *, tell_staff: bool = False) -> None:
        def work(connection: Connection) -> None:
            end_within(connection, self.notice.id, self.holder, state, failure, self.now())
            if tell_staff and state is NoticeState.UNDELIVERED:
                staff.undelivered_within(connection, self.notice, self.now())

        await self.write(work)

    def sent_within(self, connection: Connection) -> None:
        """Close the notice as told."""
        end_within(connection, self.notice.id, self.holder, NoticeState.SENT, None, self.now())
        staff.reached_within(connection, self.notice, self.now())

    def now(self) -> datetime:
        """The present moment."""
        return self.courier.clock()

    async def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """Run a unit of work."""
        return await self.courier.database.write(work)
