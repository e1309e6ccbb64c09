"""How fast a key may ask."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from channels.widget.errors import ApiError


class KeyLimits:
    """Counts requests by key, in memory or in Redis for all processes."""

    def __init__(self, requests_per_minute: int, redis_url: str = "") -> None:
        storage = RedisStorage(f"async+{redis_url}", implementation="redispy") if redis_url else MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._item = RateLimitItemPerMinute(requests_per_minute)

    async def check(self, key_id: str) -> None:
        """Count a request.

        Raises:
            ApiError: 429 with Retry-After.
        """
        if await self._limiter.hit(self._item, "api", key_id):
            return
        stats = await self._limiter.get_window_stats(self._item, "api", key_id)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        message = f"请求太快了，每分钟最多 {self._item.amount} 次；请等 {seconds} 秒再来。"
        raise ApiError(429, "too_many", message, {"Retry-After": str(seconds)})
