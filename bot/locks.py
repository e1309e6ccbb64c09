"""One turn at a time in one conversation, within a process or across several."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import LockError

_WAIT_SECONDS = 30.0
_HOLD_SECONDS = 60.0


class ConversationBusy(Exception):
    """Another turn of this conversation has not ended in time."""


class ConversationLocks(Protocol):
    """Hands out the right to run a turn."""

    def hold(self, conversation: str) -> AbstractAsyncContextManager[None]:
        """Wait for the turn before, then keep others out.

        Raises:
            ConversationBusy: it took too long.
        """


class LocalLocks:
    """Locks within this process."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, conversation: str) -> AsyncIterator[None]:
        """See `ConversationLocks.hold`."""
        lock, waiting = self._locks.get(conversation, (asyncio.Lock(), 0))
        self._locks[conversation] = (lock, waiting + 1)
        try:
            try:
                await asyncio.wait_for(lock.acquire(), _WAIT_SECONDS)
            except TimeoutError as error:
                raise ConversationBusy from error
            try:
                yield
            finally:
                lock.release()
        finally:
            lock, waiting = self._locks[conversation]
            if waiting == 1:
                del self._locks[conversation]
            else:
                self._locks[conversation] = (lock, waiting - 1)


class RedisLocks:
    """Locks shared by every process on one Redis; a crashed holder's lock ends by itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._local = LocalLocks()  # spares Redis the polling among turns of this process

    @asynccontextmanager
    async def hold(self, conversation: str) -> AsyncIterator[None]:
        """See `ConversationLocks.hold`."""
        async with self._local.hold(conversation):
            lock = self._redis.lock(
                f"ltb:turn:{conversation}", timeout=_HOLD_SECONDS, blocking_timeout=_WAIT_SECONDS, sleep=0.02
            )
            if not await lock.acquire():
                raise ConversationBusy
            try:
                yield
            finally:
                with suppress(LockError):  # it ran out: the turn took longer than a crash is given
                    await lock.release()
