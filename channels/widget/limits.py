"""How fast a conversation may send and an address may open conversations."""

import ipaddress
import math
import time

from aiohttp import web
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from channels.widget.errors import too_many
from service.settings import Settings


class RateLimits:
    """Counts in memory, or in Redis for all processes."""

    def __init__(self, settings: Settings) -> None:
        redis_url = settings.redis_url
        storage = RedisStorage(f"async+{redis_url}", implementation="redispy") if redis_url else MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._settings = settings

    async def check_message(self, conversation: str) -> None:
        """Count a message.

        Raises:
            ApiError: 429 with Retry-After.
        """
        await self._check(RateLimitItemPerMinute(self._settings.messages_per_minute), "message", conversation)

    async def check_session(self, address: str) -> None:
        """Count a new session.

        Raises:
            ApiError: 429 with Retry-After.
        """
        await self._check(RateLimitItemPerMinute(self._settings.sessions_per_minute), "session", address)

    async def _check(self, item: RateLimitItem, kind: str, who: str) -> None:
        if not await self._limiter.hit(item, kind, who):
            stats = await self._limiter.get_window_stats(item, kind, who)
            raise too_many(max(1, math.ceil(stats.reset_time - time.time())))


def client_address(request: web.Request, trusted_proxies: tuple[str, ...]) -> str:
    """Whom to count: the caller's address, of IPv6 its /64 network."""
    address = address_of(request, trusted_proxies)
    if address is None:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def address_of(
    request: web.Request, trusted_proxies: tuple[str, ...]
) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The caller's address: the peer's, or what a trusted proxy says; None where that is none."""
    address = request.remote or ""
    if address in trusted_proxies:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))  # each proxy may add a line of its own
        for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            address = hop
            if hop not in trusted_proxies:
                break
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
