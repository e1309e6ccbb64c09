"""Calls of the platform's interfaces, with the token, patience where it helps, and respect for the day's limits."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.errors import refusal
from channels.wechat.token import AccessTokens
from channels.wechat.transport import Body, Transport
from service.clock import Clock

PAUSES = (0.5, 2.0)
"""Seconds before the second and the third try, give or take a fifth."""


class Calls:
    """Calls for one account."""

    def __init__(
        self, transport: Transport, tokens: AccessTokens, clock: Clock, pauses: Sequence[float] = PAUSES
    ) -> None:
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
        for pause in self._pauses:
            try:
                return await self.send(path, body, **params)
            except SendUnknown:
                await _rest(pause)
        return await self.send(path, body, **params)

    async def send(self, path: str, body: Body = None, **params: str) -> dict[str, Any]:
        """A call that reaches somebody: made again only where it certainly did not; raises as `ask`."""
        self._check_count(path)
        token = await self.tokens.current()
        renewed = False
        pauses = iter(self._pauses)
        while True:
            try:
                return await self._once(path, body, {"access_token": token} | params)
            except SendRefused as refused:
                if refused.remedy is Remedy.REFRESH and not renewed:
                    renewed = True
                    token = await self.tokens.renewed(token)
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
