"""Passwords of staff: what makes one good, and checking it (argon2).

Hashing takes 50 ms and 64 MB on purpose, so it runs beside the event loop, two at a time.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200  # characters; more only costs time
_LONG_ENOUGH_FOR_WORDS = 16  # of any kind of characters

_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that read alike
_COMMON = (
    "password",
    "123456",
    "qwerty",
    "admin",
    "12345",
    "abc123",
    "111111",
    "letmein",
    "woaini",
    "1qaz",
    "p@ssw0rd",
)
_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(2, "passwords")


class PasswordRefused(Exception):
    """The password is too easy to guess; the message says why, in Chinese."""


def one_time_password() -> str:
    """A password to be read from a screen once and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def check_password(password: str, username: str) -> None:
    """See that a password somebody chose is not easily guessed.

    Raises:
        PasswordRefused: see there.
    """
    if len(password) < SHORTEST:
        raise PasswordRefused(f"密码至少要 {SHORTEST} 个字符，现在是 {len(password)} 个。")
    if len(password) > LONGEST:
        raise PasswordRefused(f"密码最多 {LONGEST} 个字符。")
    if username in password.lower():
        raise PasswordRefused("密码里不要有用户名。")
    if len(set(password)) < 5:
        raise PasswordRefused("密码里重复的字符太多，请换一个。")
    kinds = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())
    if len(password) < _LONG_ENOUGH_FOR_WORDS and sum(any(map(kind, password)) for kind in kinds) < 3:
        raise PasswordRefused(
            f"密码要有大写字母、小写字母、数字、符号里的三种；或者用一句至少 {_LONG_ENOUGH_FOR_WORDS} 个字符的话。"
        )
    if _surprises(password) < SHORTEST / 2:
        raise PasswordRefused("这个密码太常见，容易被猜中，请换一个。")


def _surprises(password: str) -> int:
    """How many characters do not follow from what everybody knows: common words, rows of digits and letters."""
    left = password.lower()
    for common in _COMMON:
        left = left.replace(common, "")
    return sum(abs(ord(here) - ord(before)) > 1 for before, here in pairwise("\0" + left))


async def hashed(password: str) -> str:
    """What is stored of a password, computed beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one behind a stored hash; takes as long without one."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_hashing, _verify, stored, password[:LONGEST])


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody")
