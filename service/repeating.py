"""Work that is done again and again for as long as a process runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


async def repeat(seconds: float, job: Callable[[], Awaitable[object]]) -> None:
    """Do something now and again after every rest, until cancelled.

    Args:
        seconds: how long to rest between two runs.
    """
    while True:
        try:
            await job()
        except Exception:  # noqa: BLE001  # a job that fails once is tried again; it must not take the others down
            _log.exception("a background job failed; it runs again in %s s", seconds)
        await asyncio.sleep(seconds)
