"""What goes wrong on the way to the platform and on it: once, several times, or by chance."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulators.wechat.refused import Refused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Way = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
"""How a call goes wrong."""


def refuses(code: int, message: str = "system error") -> Way:
    """The platform does nothing and answers with a code."""

    async def way(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        raise Refused(code, message)

    return way


def answers(**fields: Any) -> Way:
    """The platform does nothing and answers with these fields."""

    async def way(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return web.Response(text=json.dumps(fields), content_type="application/json")

    return way


def waits(seconds: float) -> Way:
    """The platform takes its time."""

    async def way(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return way


async def loses_answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The platform does it; the answer never arrives."""
    answer = await handler(request)
    _hang_up(request)
    return answer


async def loses_call(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """The connection ends before the platform has done anything."""
    _hang_up(request)
    return web.Response()


async def stumbles(_request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Something before the platform answers with an error page."""
    return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@dataclass
class _Planned:
    path: str
    way: Way
    times: int


class Faults:
    """What will go wrong.

    Attributes:
        share: of all calls, so many go wrong by chance, in one of `ways`.
    """

    def __init__(self, seed: int = 0) -> None:
        self.share = 0.0
        self.ways: Sequence[Way] = (refuses(-1), stumbles, loses_answer, loses_call)
        self._planned: list[_Planned] = []
        self._random = random.Random(seed)  # noqa: S311  # the same every time

    def plan(self, path: str, way: Way, times: int = 1) -> None:
        """Let the next calls of an interface go wrong; several plans come one after the other."""
        self._planned.append(_Planned(path, way, times))

    def next(self, path: str) -> Way | None:
        """How this call goes wrong, if it does."""
        for planned in self._planned:
            if planned.path == path and planned.times:
                planned.times -= 1
                return planned.way
        return self._random.choice(self.ways) if self._random.random() < self.share else None
