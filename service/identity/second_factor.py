"""The second factor: six digits from an app on somebody's phone (TOTP, RFC 6238), and codes for when it is lost."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import Connection, delete, insert, select, update

from service.encryption import Cipher
from service.identity.tables import recovery_codes, staff

PURPOSE = "staff"
"""The purpose of the cipher that keeps the secrets."""

RECOVERY_CODES = 8
_STEP_SECONDS = 30
_STEPS_EITHER_WAY = 1  # a phone's clock may be half a minute off
_DIGITS = re.compile(r"\d{6}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that read alike
_CODE_LETTERS = 12  # 59 bits: one round of SHA-256 keeps it


class AlreadyThere(Exception):
    """The second factor counts already: its secret is shown to nobody, and nothing is set up over it."""


def secret_within(connection: Connection, cipher: Cipher, username: str) -> str:
    """The secret that is being set up, made at the first call; the same until it counts (base32).

    Raises:
        AlreadyThere: see there.
    """
    if (secret := _secret_in_making(connection, cipher, username)) is not None:
        return secret
    secret = pyotp.random_base32()
    _set(connection, username, second_factor=cipher.encrypt(secret.encode()))
    return secret


def provisioning_uri(secret: str, username: str, issuer: str) -> str:
    """What the QR code says that an app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def confirm_within(connection: Connection, cipher: Cipher, username: str, code: str, at: datetime) -> list[str] | None:
    """Have the second factor count from now on, given a right code: recovery codes, shown once; None if it is wrong.

    Raises:
        AlreadyThere: see there.
    """
    secret = _secret_in_making(connection, cipher, username)
    step = _step_of(secret, code, at) if secret else None
    if step is None:
        return None
    _set(connection, username, second_factor_at=at, second_factor_step=step, second_factor_due_at=None)
    return new_recovery_codes_within(connection, username)


def code_counts_within(connection: Connection, cipher: Cipher, username: str, code: str, at: datetime) -> bool:
    """Whether a code from the app is right and has not been used; it is used up by this."""
    chosen = select(staff.c.second_factor, staff.c.second_factor_at, staff.c.second_factor_step)
    row = connection.execute(chosen.where(staff.c.username == username).with_for_update()).one()
    if row.second_factor is None or row.second_factor_at is None:
        return False
    step = _step_of(cipher.decrypt(row.second_factor).decode(), code, at)
    if step is None or step <= row.second_factor_step:
        return False
    _set(connection, username, second_factor_step=step)
    return True


def recovery_code_counts_within(connection: Connection, username: str, code: str, at: datetime) -> bool:
    """Whether a recovery code is right and has not been used; it is used up by this."""
    this = (recovery_codes.c.username == username) & (recovery_codes.c.code_hash == _hash(username, code))
    unused = this & recovery_codes.c.used_at.is_(None)
    return bool(connection.execute(update(recovery_codes).where(unused).values(used_at=at)).rowcount)


def recovery_codes_left(connection: Connection, username: str) -> int:
    """How many recovery codes somebody has left."""
    unused = (recovery_codes.c.username == username) & recovery_codes.c.used_at.is_(None)
    return len(connection.execute(select(recovery_codes.c.code_hash).where(unused)).all())


def new_recovery_codes_within(connection: Connection, username: str) -> list[str]:
    """Make recovery codes; those from before no longer count."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.username == username))
    letters = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS)) for _ in range(RECOVERY_CODES)]
    codes = ["-".join((text[:4], text[4:8], text[8:])) for text in letters]
    rows = [{"username": username, "code_hash": _hash(username, code)} for code in codes]
    connection.execute(insert(recovery_codes), rows)
    return codes


def remove_within(connection: Connection, username: str, due_at: datetime | None) -> bool:
    """Take the second factor away, to be set up anew by a moment; whether there was one."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.username == username))
    before = connection.execute(select(staff.c.second_factor_at).where(staff.c.username == username)).scalar_one()
    empty = {"second_factor": None, "second_factor_at": None, "second_factor_step": None}
    _set(connection, username, **empty, second_factor_due_at=due_at)
    return before is not None


def _secret_in_making(connection: Connection, cipher: Cipher, username: str) -> str | None:
    chosen = select(staff.c.second_factor, staff.c.second_factor_at).where(staff.c.username == username)
    row = connection.execute(chosen.with_for_update()).one()
    if row.second_factor_at is not None:
        raise AlreadyThere
    return cipher.decrypt(row.second_factor).decode() if row.second_factor else None


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """Which half minute a code belongs to, if it is one of those around a moment."""
    code = code.strip().replace(" ", "")
    if not _DIGITS.fullmatch(code):
        return None
    now = int(at.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    steps = range(now - _STEPS_EITHER_WAY, now + _STEPS_EITHER_WAY + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)


def _hash(username: str, code: str) -> str:
    letters = re.sub(r"[\s-]", "", code.lower())
    return hashlib.sha256(f"{username} {letters}".encode()).hexdigest()


def _set(connection: Connection, username: str, **values: object) -> None:
    connection.execute(update(staff).where(staff.c.username == username).values(values))
