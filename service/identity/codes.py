"""Codes sent to a phone number to see whether it is the citizen's own.

A code is kept nowhere: it is worked out from the row's id with the installation's key, as one-time passwords are
(RFC 4226 truncates a keyed hash alike). So sending the same row again sends the same code, and a copied table tells
none.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    LargeBinary,
    Row,
    SmallInteger,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from service.encryption import Cipher
from service.storage import Moment, hold, metadata

CODE_LIFETIME = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
"""Between two codes to one number."""

TRIES = 5
"""Of one code."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SEALED = {"cipher": "citizens"}

citizen_codes = Table(
    "citizen_codes",
    metadata,
    Column("id", String(32), primary_key=True),  # the code follows from it; it names the order to send, too
    Column("conversation", String(64), nullable=False),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, info={"keyed_hash_of": "phone"} | _SEALED),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("tries", SmallInteger, nullable=False),
    Column("ended_at", Moment),  # when it was used, or replaced by a newer one
    Index(None, "conversation", "asked_at"),
    Index(None, "phone_hash", "asked_at"),
)


class CodeRefused(Exception):
    """No code now. `after` says when it is worth asking again; None: not today."""

    def __init__(self, after: timedelta | None) -> None:
        super().__init__("too soon" if after else "too many")
        self.after = after


class Checked(StrEnum):
    """What became of a code somebody gave."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"  # wrong too often; it counts no longer
    EXPIRED = "expired"  # or there never was one


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many codes a day: for one conversation, to one number; and an hour: by the installation as a whole."""

    per_conversation: int
    per_phone: int
    per_hour: int


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be sent.

    Attributes:
        id: names it; sending the same id again must not reach the citizen twice.
        phone: in international form.
        text: six digits.
    """

    id: str
    phone: str
    text: str


def ask_within(
    connection: Connection, cipher: Cipher, limits: CodeLimits, conversation: str, phone: str, at: datetime
) -> Code:
    """A code for a conversation to send to a number. One that was not sent yet is given again.

    Raises:
        CodeRefused: too soon, or too many.
    """
    hashes = cipher.keyed_hashes(phone)
    hold(connection, f"codes of {conversation}")
    hold(connection, f"codes to {hashes[-1]}")
    newest = _newest(connection, citizen_codes.c.phone_hash.in_(hashes), at - PAUSE)
    if newest is not None:
        if newest.conversation == conversation and newest.sent_at is None and newest.ended_at is None:
            return Code(newest.id, phone, _codes(cipher, newest.id)[0])
        if newest.sent_at is not None:
            raise CodeRefused(max(newest.asked_at + PAUSE - at, timedelta(seconds=1)))
    _check_limits(connection, limits, conversation, hashes, at)
    _end(connection, (citizen_codes.c.conversation == conversation) & citizen_codes.c.ended_at.is_(None), at)
    values = {
        "id": secrets.token_hex(16),
        "conversation": conversation,
        "phone": cipher.encrypt_text(phone),
        "phone_hash": cipher.keyed_hash(phone),
        "asked_at": at,
        "tries": 0,
    }
    connection.execute(insert(citizen_codes).values(values))
    return Code(str(values["id"]), phone, _codes(cipher, str(values["id"]))[0])


def sent_within(connection: Connection, code: Code, at: datetime) -> None:
    """Note that the gateway took it."""
    connection.execute(update(citizen_codes).where(citizen_codes.c.id == code.id).values(sent_at=at))


def not_sent_within(connection: Connection, code: Code, at: datetime) -> None:
    """Note that it will not be sent: another may be asked for at once."""
    _end(connection, citizen_codes.c.id == code.id, at)


def check_within(
    connection: Connection, cipher: Cipher, conversation: str, phone: str, said: str, at: datetime
) -> tuple[Checked, str]:
    """Try a code, and count the try; the outcome, and the id of the code that was tried."""
    hold(connection, f"codes of {conversation}")
    this = (citizen_codes.c.conversation == conversation) & citizen_codes.c.phone_hash.in_(cipher.keyed_hashes(phone))
    row = _newest(connection, this & citizen_codes.c.ended_at.is_(None), at - CODE_LIFETIME)
    if row is None:
        return Checked.EXPIRED, ""
    if row.tries >= TRIES:
        return Checked.SPENT, row.id
    right = is_code(cipher, row.id, said)
    values = {"tries": row.tries + 1} | ({"ended_at": at} if right else {})
    connection.execute(update(citizen_codes).where(citizen_codes.c.id == row.id).values(values))
    if right:
        return Checked.RIGHT, row.id
    return Checked.SPENT if row.tries + 1 >= TRIES else Checked.WRONG, row.id


def is_code(cipher: Cipher, code_id: str, said: str) -> bool:
    """Whether these digits are that code, whatever became of it."""
    return any(hmac.compare_digest(code.encode(), said.encode()) for code in _codes(cipher, code_id))


def forget_codes_within(connection: Connection, before: datetime) -> int:
    """Delete codes asked for earlier; how many went. Those of the last day still count for the limits."""
    return connection.execute(delete(citizen_codes).where(citizen_codes.c.asked_at < before - _DAY)).rowcount


def _codes(cipher: Cipher, code_id: str) -> list[str]:
    """The code by every key that may have made it, the current key's first."""
    return [f"{int(each, 16) % 1_000_000:06d}" for each in cipher.keyed_hashes(f"code:{code_id}")]


def _newest(connection: Connection, condition: Any, after: datetime) -> Row[Any] | None:
    statement = (
        select(citizen_codes)
        .where(condition, citizen_codes.c.asked_at > after)
        .order_by(citizen_codes.c.asked_at.desc(), citizen_codes.c.id)
        .limit(1)
    )
    return connection.execute(statement).one_or_none()


def _check_limits(
    connection: Connection, limits: CodeLimits, conversation: str, hashes: Sequence[str], at: datetime
) -> None:
    def asked(since: timedelta, *conditions: Any) -> int:
        statement = select(func.count()).where(citizen_codes.c.asked_at > at - since, *conditions)
        return connection.execute(statement).scalar_one()

    if asked(_DAY, citizen_codes.c.conversation == conversation) >= limits.per_conversation:
        raise CodeRefused(None)
    if asked(_DAY, citizen_codes.c.phone_hash.in_(hashes)) >= limits.per_phone:
        raise CodeRefused(None)
    if asked(_HOUR) >= limits.per_hour:
        raise CodeRefused(_HOUR)


def _end(connection: Connection, condition: Any, at: datetime) -> None:
    connection.execute(update(citizen_codes).where(condition).values(ended_at=at))
