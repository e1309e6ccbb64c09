"""The account's own QR codes: scanning one opens the chat with a scene that says what it is about.

An entry's scene follows from its slug (`knowledge_base.scene`). A ticket's is random: scenes show up in events and
logs, and may tell neither who wrote the ticket nor what its number is.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Index, String, Table, Text, delete, insert, or_, select

from channels.wechat.platform.calls import Calls
from channels.wechat.platform.transport import told
from knowledge_base.scene import scene_of
from service.clock import Clock
from service.storage import Database, Moment, hold, metadata

wechat_codes = Table(
    "wechat_codes",
    metadata,
    Column("scene", String(64), primary_key=True),
    Column("ticket", String(100)),  # the number behind the scene of a ticket's code
    Column("url", Text, nullable=False),  # what the code says
    Column("expires_at", Moment),  # never, if empty
)
Index("ix_wechat_codes_ticket", wechat_codes.c.ticket)

LONGEST = timedelta(days=30)
"""A temporary code lasts no longer; a permanent one is one of 100,000."""

_CREATE = "/cgi-bin/qrcode/create"
_TICKET = "tk."


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the account.

    Attributes:
        url: what it says; to be drawn by `channels.widget.codes`.
        expires_at: None: never.
    """

    scene: str
    url: str
    expires_at: datetime | None


class Codes:
    """The codes of the account, each asked of the platform once."""

    def __init__(self, calls: Calls, database: Database, clock: Clock) -> None:
        self._calls = calls
        self._database = database
        self._clock = clock

    async def permanent(self, slug: str) -> Code:
        """The code of an entry, to be printed.

        Raises:
            SendRefused: the platform gives none.
            SendUnknown: it does not answer.
        """
        scene = scene_of(slug)
        kept = await self._database.read(_by_scene(scene))
        if kept is not None and kept.expires_at is None:
            return kept
        return await self._create({"action_name": "QR_LIMIT_STR_SCENE"}, scene, None, None)

    async def temporary(self, slug: str, lasts: timedelta) -> Code:
        """A code of an entry for a while, at most `LONGEST`; one that is good for half as long at least may serve.

        Raises as `permanent`.
        """
        scene = scene_of(slug)
        kept = await self._database.read(_by_scene(scene))
        if kept is not None and self._serves(kept, lasts):
            return kept
        return await self._passing(scene, None, lasts)

    async def of_ticket(self, number: str, lasts: timedelta = LONGEST) -> Code:
        """A code that opens a ticket's conversation, for a while; raises as `permanent`."""
        for kept in await self._database.read(_by_ticket(number)):
            if self._serves(kept, lasts):
                return kept
        return await self._passing(_TICKET + secrets.token_urlsafe(16), number, lasts)

    async def ticket(self, scene: str) -> str | None:
        """The number of the ticket a scene stands for; None where it is none of ours, or no longer good."""
        if not scene.startswith(_TICKET):
            return None
        at = self._clock()
        good = or_(wechat_codes.c.expires_at.is_(None), wechat_codes.c.expires_at > at)
        statement = select(wechat_codes.c.ticket).where(wechat_codes.c.scene == scene, good)
        number: str | None = await self._database.read(lambda connection: connection.execute(statement).scalar())
        return number

    def _serves(self, kept: Code, lasts: timedelta) -> bool:
        return kept.expires_at is None or kept.expires_at >= self._clock() + lasts / 2

    async def _passing(self, scene: str, ticket: str | None, lasts: timedelta) -> Code:
        seconds = int(min(lasts, LONGEST).total_seconds())
        expires_at = self._clock() + timedelta(seconds=seconds)
        asked = {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
        return await self._create(asked, scene, ticket, expires_at)

    async def _create(
        self, asked: dict[str, object], scene: str, ticket: str | None, expires_at: datetime | None
    ) -> Code:
        answer = await self._calls.ask(_CREATE, asked | {"action_info": {"scene": {"scene_str": scene}}})
        code = Code(scene, told(answer, "url"), expires_at)
        await self._database.write(_keeping(code, ticket))
        return code


def _by_scene(scene: str) -> Callable[[Connection], Code | None]:
    statement = select(wechat_codes).where(wechat_codes.c.scene == scene)

    def read(connection: Connection) -> Code | None:
        row = connection.execute(statement).one_or_none()
        return None if row is None else Code(row.scene, row.url, row.expires_at)

    return read


def _by_ticket(number: str) -> Callable[[Connection], list[Code]]:
    statement = select(wechat_codes).where(wechat_codes.c.ticket == number).order_by(wechat_codes.c.expires_at.desc())
    return lambda connection: [Code(row.scene, row.url, row.expires_at) for row in connection.execute(statement)]


def _keeping(code: Code, ticket: str | None) -> Callable[[Connection], None]:
    def keep(connection: Connection) -> None:
        hold(connection, f"wechat code {code.scene}")
        connection.execute(delete(wechat_codes).where(wechat_codes.c.scene == code.scene))
        row = {"scene": code.scene, "ticket": ticket, "url": code.url, "expires_at": code.expires_at}
        connection.execute(insert(wechat_codes), row)

    return keep
