"""The worker: claims what is due and has it carried, by tasks of taskiq.

A task names a claim and its notices, nothing else: the outbox is the truth. In one process taskiq runs it there; with
Redis it goes to a stream that the workers of all processes read. A task that is lost, doubled or late does no harm: a
claim ends by itself, and a notice that has another claim by then is left alone. So nothing is acknowledged twice over,
and no result is kept.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.exceptions import SendTaskError
from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from channels.delivery.courier import Courier
from channels.delivery.receipts import Receipts

_log = logging.getLogger(__name__)

_STREAM = "ltb:notices"
_KEPT = 10_000  # tasks in the stream; older ones were done, or their claims are over
_TASKS = 8  # at a time, of one process
_LOOK_SECONDS = 1.0
_RECEIPT_SECONDS = 10.0
_AFTER_FAILURE_SECONDS = 5.0
_DRAIN_SECONDS = 20.0

_Task = AsyncTaskiqDecoratedTask[[str, list[int]], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Worker:
    """Delivers notices until it is cancelled.

    Attributes:
        redis_url: where tasks are shared with other processes; empty: they stay in this one.
    """

    courier: Courier
    receipts: Receipts
    redis_url: str = ""

    async def run(self) -> None:
        """Deliver what is due, and go on."""
        async with self._open() as carry, asyncio.TaskGroup() as jobs:
            jobs.create_task(self._feed(carry))
            jobs.create_task(self._look())

    async def _feed(self, carry: _Task) -> None:
        """Claim what is due; as long as there is more, without pause."""
        while True:
            try:
                holder, ids = await self.courier.claim()
                if ids:
                    await self._hand_on(carry, holder, ids)
            except Exception:  # noqa: BLE001  # whatever it was, notices are looked for again
                _log.exception("notices could not be claimed; again in %s s", _AFTER_FAILURE_SECONDS)
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
            else:
                await asyncio.sleep(0 if ids else _LOOK_SECONDS)

    async def _hand_on(self, carry: _Task, holder: str, ids: list[int]) -> None:
        try:
            await carry.kiq(holder, ids)
        except SendTaskError:
            _log.warning("Redis does not answer: what this process has claimed it carries alone")
            await self.courier.carry(holder, ids)

    async def _look(self) -> None:
        while True:
            try:
                await self.receipts.look()
            except Exception:  # noqa: BLE001  # receipts stay where they are, and are looked for again
                _log.exception("receipts could not be looked for; again in %s s", _RECEIPT_SECONDS)
            await asyncio.sleep(_RECEIPT_SECONDS)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[_Task]:
        """A broker that is listened to here; the task to be kicked."""
        broker = _broker(self.redis_url)

        @broker.task("carry")
        async def carry(holder: str, ids: list[int]) -> None:
            await self.courier.carry(holder, ids)

        await broker.startup()
        listening = asyncio.create_task(_listen(broker)) if self.redis_url else None
        try:
            yield carry
        finally:
            if listening is not None:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
            if isinstance(broker, InMemoryBroker):
                with suppress(TimeoutError):
                    await asyncio.wait_for(broker.wait_all(), _DRAIN_SECONDS)
            await broker.shutdown()


async def _listen(broker: AsyncBroker) -> None:
    """Run the tasks that come. taskiq's own loop tries a Redis that is down again without a pause."""
    while True:
        receiver = Receiver(broker, max_async_tasks=_TASKS, ack_type=AcknowledgeType.WHEN_RECEIVED)
        try:
            await receiver.listen(asyncio.Event())
        except Exception:  # noqa: BLE001  # a lost connection comes as a group of whatever fails with it
            _log.warning("the stream of tasks cannot be read; again in %s s", _AFTER_FAILURE_SECONDS)
        await asyncio.sleep(_AFTER_FAILURE_SECONDS)


def _broker(redis_url: str) -> AsyncBroker:
    if not redis_url:
        return InMemoryBroker(max_async_tasks=_TASKS, max_stored_results=1)
    name = f"{socket.gethostname()}-{os.getpid()}"
    return RedisStreamBroker(
        redis_url, queue_name=_STREAM, consumer_group_name="workers", consumer_name=name, maxlen=_KEPT
    )
