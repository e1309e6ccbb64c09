"""The public account in a process: its address, and what runs beside it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from channels.wechat.held_files import HeldFiles
from channels.wechat.replays import SqlReplays
from channels.wechat.webhook import Webhook

_log = logging.getLogger(__name__)

PATH = "/wechat"
_RECOVER_SECONDS = 10.0
_ANSWERS_KEPT = timedelta(days=1)  # WeChat asks again for a quarter of a minute


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """The account, open."""

    webhook: Webhook
    held: HeldFiles

    def install(self, app: web.Application) -> None:
        """Add the account to an application."""
        app.router.add_get(PATH, self.webhook.verify)
        app.router.add_post(PATH, self.webhook.receive)
        app.cleanup_ctx.append(self._run)

    async def forget(self, before: datetime) -> int:
        """Delete what is older than it is needed; how many rows.

        Args:
            before: who left earlier, and what waited since, is forgotten.
        """
        webhook = self.webhook
        telling, clock = webhook.telling, webhook.telling.clock
        gone = await telling.database.write(lambda c: telling.forget_within(c, clock() - _ANSWERS_KEPT, before))
        gone += await webhook.followers.forget(before) + await webhook.receipts.forget(before)
        if isinstance(webhook.replays, SqlReplays):
            gone += await webhook.replays.forget()
        return gone + await self.held.forget()

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        job = asyncio.create_task(self._recover())
        yield
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
        await self.webhook.drain()

    async def _recover(self) -> None:
        while True:
            try:
                await self.webhook.recover()
            except Exception:  # noqa: BLE001  # it is tried again
                _log.exception("what waits for followers could not be sent; again in %s s", _RECOVER_SECONDS)
            await asyncio.sleep(_RECOVER_SECONDS)
