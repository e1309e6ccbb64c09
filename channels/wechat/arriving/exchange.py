"""One arrival while this process answers it, for all its deliveries."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web
from sqlalchemy import Connection

from channels.wechat.arriving.arrival import Arrival
from channels.wechat.rendering import Reply, as_menu, render
from channels.wechat.telling import Passive, Telling


@dataclass(eq=False, slots=True)
class Exchange:
    """What is known of it so far.

    Attributes:
        task: what it was answered, once that is decided.
        put_off: WeChat is told, or was, that the answer comes later.
    """

    arrival: Arrival
    conversation: str
    telling: Telling
    site: str
    task: "asyncio.Task[Passive]" = field(init=False)
    put_off: "asyncio.Task[Passive] | None" = None
    _requests: dict[int, tuple[web.Request, datetime]] = field(default_factory=dict)
    _told: Passive | None = None

    async def wait(self, request: web.Request, seconds: float) -> bool:
        """Have a request wait for the answer; whether it is there. Meanwhile the answer counts as heard."""
        self._requests[id(request)] = (request, self.telling.clock())
        try:
            await asyncio.wait({self.task}, timeout=seconds)
        finally:
            del self._requests[id(request)]
        return self.task.done()

    def told(self, connection: Connection, replies: Sequence[Reply]) -> None:
        """Tell the answer, as part of a transaction: in a reply, or by itself where nobody listens."""
        texts = render(replies, self.site)
        if since := self._heard_since():
            self._told = self.telling.answer_within(connection, self.arrival, self.conversation, texts, since)
        else:
            menu = as_menu(replies, self.site)
            self._told = self.telling.follow_within(connection, self.arrival, self.conversation, texts, menu)

    async def decided(self, replies: Callable[["Exchange"], Awaitable[Sequence[str]]]) -> Passive:
        """What it is answered.

        Args:
            replies: gives the texts to say, which `told` may have taken before.
        """
        texts = await replies(self)
        if self._told is not None:
            return self._told
        if (before := await self.telling.told(self.arrival)) is not None:
            return before
        if since := self._heard_since():
            return await self.telling.answer(self.arrival, self.conversation, texts, since)
        return await self.telling.follow(self.arrival, self.conversation, texts)

    def _heard_since(self) -> datetime | None:
        """When the newest delivery came whose response WeChat still waits for; None where it waits for none."""
        if self.put_off is not None:
            return None
        waiting = tuple(self._requests.values())
        return max((came for request, came in waiting if request.transport is not None), default=None)
