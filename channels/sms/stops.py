"""Who wants no more SMS (退订). It stops what can be stopped; codes and somebody's own ticket go on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select

from channels.sms.tables import stops
from service.encryption import Cipher
from service.storage import hold

BY_REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Stop:
    """A number that wants no more."""

    phone: str
    at: datetime
    source: str


def is_stopped(connection: Connection, cipher: Cipher, phone: str) -> bool:
    """Whether a number wants no more."""
    return bool(connection.scalar(select(exists().where(stops.c.phone_hash.in_(cipher.keyed_hashes(phone))))))


def stop_within(connection: Connection, cipher: Cipher, phone: str, source: str, at: datetime) -> bool:
    """Send no more to a number; False where that was so already."""
    hold(connection, "sms stops")
    if is_stopped(connection, cipher, phone):
        return False
    values = {"phone": cipher.encrypt_text(phone), "phone_hash": cipher.keyed_hash(phone), "at": at, "source": source}
    connection.execute(insert(stops).values(values))
    return True


def resume_within(connection: Connection, cipher: Cipher, phone: str) -> bool:
    """Send to a number again; False where it was not stopped."""
    return connection.execute(delete(stops).where(stops.c.phone_hash.in_(cipher.keyed_hashes(phone)))).rowcount > 0


def stopped(cipher: Cipher, limit: int) -> Callable[[Connection], list[Stop]]:
    """A unit of work: the numbers that want no more, the newest first."""
    statement = select(stops).order_by(stops.c.id.desc()).limit(limit)
    return lambda connection: [
        Stop(cipher.decrypt_text(row.phone) or "", row.at, row.source) for row in connection.execute(statement)
    ]
