"""The access token, shared by all processes through the database, encrypted; one of them renews it.

`stable_token` gives the same token to everyone who asks, until five minutes before its end: then a new one, and both
are good for these five minutes. So it is renewed four minutes before the end, by whoever takes the lease, while the
others go on with the old one. A race would be harmless; a lost lease ends by itself.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, or_, select, update

from channels.outcomes import Remedy, SendRefused
from channels.wechat.platform.errors import SERVICE
from service.clock import Clock, china_date
from service.encryption import Cipher, Undecipherable
from service.storage import INSERTS, Database, Moment, metadata

wechat_tokens = Table(
    "wechat_tokens",
    metadata,
    Column("appid", String(64), primary_key=True),
    Column("token", LargeBinary, info={"cipher": "wechat"}),
    Column("renew_at", Moment),
    Column("expires_at", Moment),
    Column("generation", Integer, nullable=False),  # how many there were before
    Column("leased_by", String(32)),  # who is renewing it
    Column("leased_until", Moment),
    Column("forced_at", Moment),  # when a new one was last forced
    Column("forced_count", Integer, nullable=False),  # how often on that day
)

_BEFORE_END = timedelta(minutes=4)
_AT_LEAST = timedelta(minutes=1)
_LEASE = timedelta(seconds=30)  # longer than a request may take
_FORCE_APART = timedelta(seconds=30)
_FORCES_A_DAY = 20
_LOOKS = 120
_LOOK_SECONDS = 0.25
_KNOW = {
    name: insert(wechat_tokens).on_conflict_do_nothing(index_elements=["appid"]) for name, insert in INSERTS.items()
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the platform gave.

    Attributes:
        lasts: how long it is good for.
    """

    token: str
    lasts: timedelta


class TokenSource(Protocol):
    """Gives tokens; raises SendRefused."""

    async def fetch(self) -> Fetched:
        """The token of the moment; asking again changes nothing."""

    async def force(self) -> Fetched:
        """A new token, and the end of the one before; at most 20 a day, 30 seconds apart."""


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    renew_at: datetime
    expires_at: datetime


class AccessTokens:
    """The token of one account, as this process uses it."""

    def __init__(self, appid: str, database: Database, cipher: Cipher, source: TokenSource, clock: Clock) -> None:
        self._appid = appid
        self._database = database
        self._cipher = cipher
        self._source = source
        self._clock = clock
        self._name = secrets.token_hex(8)
        self._kept: _Kept | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> str:
        """A token to call with.

        Raises:
            SendRefused: there is none, and none is to be had; says why.
        """
        kept = self._kept
        if kept is None or self._clock() >= kept.renew_at:
            async with self._turn:
                kept = await self._obtain("")
        return kept.token

    async def renewed(self, refused: str) -> str:
        """Another token than the one the platform has just refused; raises as `current`."""
        async with self._turn:
            return (await self._obtain(refused)).token

    async def _obtain(self, refused: str) -> _Kept:
        for _ in range(_LOOKS):
            generation, kept = await self._database.read(self._read)
            usable = kept if kept is not None and kept.token != refused else None
            if usable and self._clock() < usable.renew_at:
                break
            if await self._database.write(self._leasing(generation)):
                usable = await self._renew(refused, usable)
                break
            if usable and self._clock() < usable.expires_at:
                break  # somebody is renewing it; until then the old one is good
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            raise SendRefused(SERVICE, "token_busy", "另一个进程正在换取访问凭据，会自动再试。", Remedy.RETRY)
        self._kept = usable
        return usable

    async def _renew(self, refused: str, old: _Kept | None) -> _Kept:
        try:
            fetched = await self._source.fetch()
            if fetched.token == refused:  # refused, and yet it is what the platform gives
                await self._database.write(self._count_force)
                fetched = await self._source.force()
        except SendRefused as error:
            await self._database.write(self._release)
            if old is None or self._clock() >= old.expires_at:
                raise
            _log.warning("the access token is not renewed: %s", error.reason)
            return old
        at = self._clock()
        kept = _Kept(fetched.token, max(at + _AT_LEAST, at + fetched.lasts - _BEFORE_END), at + fetched.lasts)
        await self._database.write(self._keeping(kept))
        return kept

    def _read(self, connection: Connection) -> tuple[int, _Kept | None]:
        row = connection.execute(select(wechat_tokens).where(self._this)).one_or_none()
        if row is None or row.token is None:
            return 0, None
        try:
            token = self._cipher.decrypt(row.token).decode()
        except Undecipherable:  # the key is gone; the platform has another token for us
            return row.generation, None
        return row.generation, _Kept(token, row.renew_at, row.expires_at)

    def _leasing(self, generation: int) -> Callable[[Connection], bool]:
        """Take the lease, unless somebody has it, or has renewed the token since it was read."""

        def lease(connection: Connection) -> bool:
            connection.execute(
                _KNOW[connection.dialect.name], {"appid": self._appid, "generation": 0, "forced_count": 0}
            )
            at = self._clock()
            free = or_(wechat_tokens.c.leased_until.is_(None), wechat_tokens.c.leased_until <= at)
            this = self._this & (wechat_tokens.c.generation == generation)
            taking = update(wechat_tokens).where(this, free).values(leased_by=self._name, leased_until=at + _LEASE)
            return connection.execute(taking).rowcount == 1

        return lease

    def _release(self, connection: Connection) -> None:
        connection.execute(update(wechat_tokens).where(self._ours).values(leased_by=None, leased_until=None))

    def _keeping(self, kept: _Kept) -> Callable[[Connection], None]:
        values: dict[str, Any] = {
            "token": self._cipher.encrypt(kept.token.encode()),
            "renew_at": kept.renew_at,
            "expires_at": kept.expires_at,
            "generation": wechat_tokens.c.generation + 1,
            "leased_by": None,
            "leased_until": None,
        }

        def keep(connection: Connection) -> None:
            connection.execute(update(wechat_tokens).where(self._ours).values(values))

        return keep

    def _count_force(self, connection: Connection) -> None:
        """Counted before it is done, so that a crash cannot make it more.

        Raises:
            SendRefused: no more for now.
        """
        row = connection.execute(select(wechat_tokens).where(self._this)).one()
        at, last = self._clock(), row.forced_at
        if last and at < last + _FORCE_APART:
            reason = "微信不认刚换的访问凭据，半分钟后自动再换。"
            raise SendRefused(SERVICE, "token_refused", reason, Remedy.DELAY, last + _FORCE_APART - at)
        count = row.forced_count if last and china_date(last) == china_date(at) else 0
        if count >= _FORCES_A_DAY:
            reason = "微信一直不认访问凭据，今天强制更换的次数用完了。请检查 AppSecret 是否泄露或被别处使用。"
            raise SendRefused(SERVICE, "token_refused", reason, Remedy.ALARM)
        connection.execute(update(wechat_tokens).where(self._this).values(forced_at=at, forced_count=count + 1))

    @property
    def _this(self) -> Any:
        return wechat_tokens.c.appid == self._appid

    @property
    def _ours(self) -> Any:
        return self._this & (wechat_tokens.c.leased_by == self._name)
