"""Wakes whoever waits for a conversation's next message: at once in this process, soon after from another."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress

_LOOK_EVERY_SECONDS = 2.0  # for what another process wrote


class Arrivals:
    """Who waits for which conversation."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def announce(self, conversation: str) -> None:
        """Something was said."""
        for event in self._waiting.get(conversation, ()):
            event.set()

    def close(self) -> None:
        """End all waiting, for the process stops."""
        self._closed = True
        for conversation in list(self._waiting):
            self.announce(conversation)

    async def of(self, conversation: str) -> AsyncIterator[None]:
        """Yield now, and whenever it is worth another look."""
        event = asyncio.Event()
        self._waiting[conversation].add(event)
        try:
            while not self._closed:
                yield
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), _LOOK_EVERY_SECONDS)
                event.clear()
        finally:
            self._waiting[conversation].discard(event)
            if not self._waiting[conversation]:
                del self._waiting[conversation]
