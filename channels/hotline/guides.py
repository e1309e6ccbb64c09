"""Guides sent to callers by SMS: once for each request, a few a day to each number, each on record."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from channels.hotline.models import SmsOffer
from channels.hotline.tables import hotline_guides
from knowledge_base.entry import Entry
from service.clock import Clock
from service.encryption import Cipher
from service.settings import Settings
from service.storage import Database, hold

_DAY = timedelta(days=1)
_AGAIN = timedelta(minutes=10)
"""So long the same guide is not sent to the same number a second time."""


@dataclass(frozen=True, slots=True)
class GuideText:
    """What an SMS with a guide says.

    Attributes:
        parts: it is charged as so many.
        link: the guide's address in it, if it has one.
    """

    text: str
    parts: int
    link: str | None


class GuideSms(Protocol):
    """What sends guides."""

    def text_of(self, entry: Entry) -> GuideText | None:
        """What would be sent; None where nothing can be sent."""

    async def send(self, order: str, phone: str, entry: Entry) -> None:
        """Send it once, however often the same order is given.

        Raises:
            SendRefused: nothing went out.
            SendUnknown: it may have; to be called again.
        """


class GuidesRefused(Exception):
    """Not to this number now; the message says why, in Chinese.

    Attributes:
        after: when it is worth asking again.
    """

    def __init__(self, message: str, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class OtherOrder(Exception):
    """The idempotency key was used for another guide."""


@dataclass(frozen=True, slots=True)
class GuideTexts:
    """Says what could be sent."""

    sms: GuideSms | None

    def offer(self, entry: Entry) -> SmsOffer:
        """The offer that goes with an answer."""
        found = self.sms.text_of(entry) if self.sms else None
        if found is None:
            return SmsOffer(available=False, text="", parts=0)
        return SmsOffer(available=True, text=found.text, parts=found.parts)


@dataclass(frozen=True, slots=True)
class Guides:
    """Keeps what is sent."""

    database: Database
    cipher: Cipher
    settings: Settings
    clock: Clock

    async def begin(
        self, api_key: str, idempotency_key: str, fingerprint: str, entry: Entry, text: str, phone: str
    ) -> str:
        """Keep that a guide is to be sent, before it is; the order's id, the same for the same request.

        Raises:
            OtherOrder: see there.
            GuidesRefused: the number had enough.
        """
        order = _order(f"guide {api_key} {idempotency_key}")
        return await self._begin(order, {"api_key": api_key}, fingerprint, entry, text, phone)

    async def begin_for(self, staff: str, idempotency_key: str, entry: Entry, text: str, phone: str) -> str:
        """The same for a member of staff, by username, who sends it from the console.

        Raises:
            OtherOrder: see there.
            GuidesRefused: the number had enough.
        """
        order = _order(f"guide of staff {staff} {idempotency_key}")
        fingerprint = _order(f"{entry.slug} {phone}")
        return await self._begin(order, {"staff": staff}, fingerprint, entry, text, phone)

    async def _begin(
        self, order: str, asked_by: Mapping[str, str], fingerprint: str, entry: Entry, text: str, phone: str
    ) -> str:
        at = self.clock()

        def work(connection: Connection) -> str:
            hashes = self.cipher.keyed_hashes(phone)
            hold(connection, f"guide {order}")
            hold(connection, f"guides to {hashes[-1]}")
            known = connection.execute(select(hotline_guides).where(hotline_guides.c.id == order)).one_or_none()
            if known is not None:
                if known.fingerprint != fingerprint:
                    raise OtherOrder
                return order
            self._check(connection, hashes, entry.slug, at)
            values = {
                "id": order,
                **asked_by,
                "fingerprint": fingerprint,
                "entry": entry.slug,
                "version": entry.version,
                "text": self.cipher.encrypt_text(text),
                "phone": self.cipher.encrypt_text(phone),
                "phone_hash": self.cipher.keyed_hash(phone),
                "asked_at": at,
            }
            connection.execute(insert(hotline_guides).values(values))
            return order

        return await self.database.write(work)

    def sent_within(self, connection: Connection, order: str) -> None:
        """Note that it went out."""
        this = hotline_guides.c.id == order
        connection.execute(update(hotline_guides).where(this).values(sent_at=self.clock(), refused=None))

    async def refused(self, order: str, code: str) -> None:
        """Note that it did not go out; it no longer counts for the number."""
        this = hotline_guides.c.id == order
        await self.database.write(
            lambda connection: connection.execute(update(hotline_guides).where(this).values(refused=code[:100]))
        )

    def _check(self, connection: Connection, hashes: Sequence[str], slug: str, at: datetime) -> None:
        table = hotline_guides
        to_them = table.c.phone_hash.in_(hashes) & (table.c.asked_at > at - _DAY) & table.c.refused.is_(None)
        count = connection.execute(select(func.count()).where(to_them)).scalar_one()
        if count >= self.settings.guides_per_phone_day:
            raise GuidesRefused(f"这个号码今天已经收了 {count} 条办事指南，明天再发。", _DAY)
        same = to_them & (table.c.entry == slug) & (table.c.asked_at > at - _AGAIN)
        row: Row[tuple[datetime]] | None = connection.execute(select(table.c.asked_at).where(same).limit(1)).first()
        if row is not None:
            raise GuidesRefused("这条办事指南刚刚给这个号码发过，请来电人看一下短信。", row.asked_at + _AGAIN - at)


def _order(named: str) -> str:
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def forget_guides_within(connection: Connection, before: datetime) -> int:
    """Delete records of guides asked for earlier; how many went."""
    return connection.execute(delete(hotline_guides).where(hotline_guides.c.asked_at < before)).rowcount
