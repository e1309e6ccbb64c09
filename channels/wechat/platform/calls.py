"""Calls of the platform's interfaces, with the token, patience where it helps, and respect for the day's limits."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.platform.errors import refusal
from channels.wechat.platform.transport import Body, Transport
from service.clock import Clock

Result = TypeVar("Result")

PAUSES = (0.5, 2.0)
"""Seconds before the second and the third try, give or take a fifth."""


class Tokens(Protocol):
    """Gives the token to call with (`channels.wechat.platform.token.AccessTokens`)."""

    async def current(self) -> str:
        """A token to call with."""

    async def renewed(self, refused: str) -> str:
        """Another than the one the platform has just refused."""


class Calls:
    """Calls for one account."""

    def __init__(self, transport: Transport, tokens: Tokens, clock: Clock, pauses: Sequence[float] = PAUSES) -> None:
        self.transport = transport
        self.tokens = tokens
        self._clock = clock
        self._pauses = pauses
        self._closed: dict[str, tuple[datetime, SendRefused]] = {}  # by path, until when its count is used up

    async def ask(self, path: str, body: Body = None, **params: str) -> dict[str, Any]:
        """A call that does no harm when it is made twice: after a lost answer it is made again.

        Raises:
            SendRefused: the platform says no, or cannot be reached.
            SendUnknown: it does not answer.
        """
        return await self.again(lambda: self.send(path, body, **params))

    async def send(self, path: str, body: Body = None, **params: str) -> dict[str, Any]:
        """A call that reaches somebody: made again only where it certainly did not; raises as `ask`."""
        self._check_count(path)
        return await self.authorised(lambda token: self._once(path, body, {"access_token": token} | params))

    async def again(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do something harmless until it is answered, or three times; raises as it does."""
        for pause in self._pauses:
            try:
                return await work()
            except SendUnknown:
                await _rest(pause)
        return await work()

    async def authorised(self, work: Callable[[str], Awaitable[Result]]) -> Result:
        """Do something with a token, once more with another if it is refused, and again while nothing came of it."""
        token, refused_token = "", ""
        pauses = iter(self._pauses)
        while True:
            try:
                token = await (self.tokens.renewed(refused_token) if refused_token else self.tokens.current())
                return await work(token)
            except SendRefused as refused:
                if refused.remedy is Remedy.REFRESH and not refused_token:
                    refused_token = token
                    continue
                pause = next(pauses, None) if refused.remedy is Remedy.RETRY else None
                if pause is None:
                    raise
                await _rest(pause)

    async def _once(self, path: str, body: Body, params: dict[str, str]) -> dict[str, Any]:
        answer = await self.transport.exchange(path, body, params)
        self.check(path, answer)
        return answer

    def check(self, path: str, answer: dict[str, Any]) -> None:
        """Whether an answer grants what was asked.

        Raises:
            SendRefused: it does not.
        """
        code = int(answer.get("errcode") or 0)
        if code == 0:
            return
        at = self._clock()
        refused = refusal(path, code, str(answer.get("errmsg", "")), at)
        if refused.remedy is Remedy.DELAY and refused.after and _counts(refused.code):
            self._closed[path] = (at + refused.after, refused)
        raise refused

    def _check_count(self, path: str) -> None:
        """Ask nothing of an interface whose count is used up: more calls would only prolong it."""
        until, refused = self._closed.get(path, (None, None))
        at = self._clock()
        if until is None or refused is None or at >= until:
            self._closed.pop(path, None)
            return
        raise replace(refused, after=until - at)


def _counts(code: str) -> bool:
    """Whether a code is about the whole interface, not about one person or one message."""
    return code in {"45009", "45010", "45011"}


async def _rest(seconds: float) -> None:
    await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311  # so that not all come back at once
