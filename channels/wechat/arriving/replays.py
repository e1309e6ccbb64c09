"""A signature is used once.

Sealed posts are signed as a whole, so sending one again is only the same message again. In plain mode the signature
says nothing about the message: whoever overheard one could put other words under it.
"""

from hashlib import sha256
from typing import Protocol

from redis.asyncio import Redis
from sqlalchemy import Connection, delete, select

from channels.wechat.arriving.envelope import EnvelopeRefused, within_window
from channels.wechat.tables import nonces
from service.clock import Clock, now
from service.storage import INSERTS, Database

_SECONDS = 600  # twice the window in which a signature is taken
_PUT = {name: insert(nonces).on_conflict_do_nothing(index_elements=["nonce"]) for name, insert in INSERTS.items()}


class Replays(Protocol):
    """Remembers which message came with which signature, for all processes."""

    async def check(self, nonce: str, arrival: str) -> None:
        """Remember a signature, or recognise it: WeChat's own retries bring the same message.

        Raises:
            EnvelopeRefused: it came with another message.
        """


class RedisReplays:
    """In Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def check(self, nonce: str, arrival: str) -> None:
        """See `Replays.check`."""
        key = f"ltb:wechat:nonce:{_hashed(nonce)}"
        if not await self._redis.set(key, arrival, nx=True, ex=_SECONDS):
            _compare(await self._redis.get(key), arrival.encode())


class SqlReplays:
    """In the database."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    async def check(self, nonce: str, arrival: str) -> None:
        """See `Replays.check`."""
        row = {"nonce": _hashed(nonce), "arrival": arrival, "at": self._clock()}
        this = select(nonces.c.arrival).where(nonces.c.nonce == row["nonce"])

        def work(connection: Connection) -> str | None:
            connection.execute(_PUT[connection.dialect.name], row)
            return connection.scalar(this)

        _compare(await self._database.write(work), arrival)

    async def forget(self) -> int:
        """Delete signatures too old to be taken again; how many."""
        old = delete(nonces).where(nonces.c.at < within_window(self._clock()))
        return await self._database.write(lambda connection: connection.execute(old).rowcount)


def _hashed(nonce: str) -> str:
    return sha256(nonce.encode(errors="replace")).hexdigest()


def _compare(before: str | bytes | None, arrival: str | bytes) -> None:
    if before is not None and before != arrival:
        message = "this signature came with another message"
        raise EnvelopeRefused(message)
