"""The public account in a process: its address, and what runs beside it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from channels.wechat.arriving.replays import SqlReplays
from channels.wechat.arriving.webhook import Webhook
from channels.wechat.held_files import HeldFiles
from service.repeating import repeat
from service.settings import Settings

PATH = "/wechat"
_RECOVER_SECONDS = 10.0
_FORGET_SECONDS = 3600.0
_ANSWERS_KEPT = timedelta(days=1)  # WeChat asks again for a quarter of a minute


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """The account, open. Those who left are known, and what could not be told is kept, as long as conversations."""

    webhook: Webhook
    held: HeldFiles
    settings: Settings

    def install(self, app: web.Application) -> None:
        """Add the account to an application."""
        app.router.add_get(PATH, self.webhook.verify)
        app.router.add_post(PATH, self.webhook.receive)
        app.cleanup_ctx.append(self._run)

    async def forget(self) -> int:
        """Delete what is older than it is needed; how many rows."""
        webhook = self.webhook
        telling, clock = webhook.telling, webhook.telling.clock
        before = clock() - timedelta(days=self.settings.conversation_days)
        gone = await telling.database.write(lambda c: telling.forget_within(c, clock() - _ANSWERS_KEPT, before))
        gone += await webhook.followers.forget(before) + await webhook.receipts.forget(before)
        if isinstance(webhook.replays, SqlReplays):
            gone += await webhook.replays.forget()
        return gone + await self.held.forget()

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        jobs = [
            asyncio.create_task(repeat(_RECOVER_SECONDS, self.webhook.recover)),
            asyncio.create_task(repeat(_FORGET_SECONDS, self.forget)),
        ]
        yield
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self.webhook.drain()
