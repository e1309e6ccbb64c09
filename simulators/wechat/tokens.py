"""Access tokens as the platform hands them out and takes them back."""

import secrets
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.clock import Clock, china_date
from simulators.wechat.refused import Refused

LIFE = timedelta(seconds=7200)
_OVERLAP = timedelta(minutes=5)
_FORCES_A_DAY = 20
_FORCE_APART = timedelta(seconds=30)


@dataclass
class _Token:
    text: str
    until: datetime


class Tokens:
    """The tokens of one account.

    Attributes:
        fetched: how often a token was asked for.
        allowed_ips: who may ask; None: anybody.
    """

    def __init__(self, appid: str, secret: str, clock: Clock) -> None:
        self._appid = appid
        self._secret = secret
        self._clock = clock
        self._good: list[_Token] = []
        self._known: set[str] = set()
        self._forced: list[datetime] = []
        self.fetched = 0
        self.allowed_ips: Container[str] | None = None

    def check_asker(self, appid: str, secret: str, ip: str) -> None:
        """Whether somebody may have a token.

        Raises:
            Refused: 40013, 40125, 40164.
        """
        if appid != self._appid:
            raise Refused(40013, "invalid appid")
        if secret != self._secret:
            raise Refused(40125, "invalid appsecret")
        if self.allowed_ips is not None and ip not in self.allowed_ips:
            raise Refused(40164, f"invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist")

    def stable(self) -> tuple[str, int]:
        """The same token to everybody, until five minutes before its end; and the seconds it is good for."""
        self.fetched += 1
        at = self._clock()
        newest = self._good[-1] if self._good else None
        if newest is None or at >= newest.until - _OVERLAP:
            newest = self._new(at)
        return newest.text, int((newest.until - at).total_seconds())

    def forced(self) -> tuple[str, int]:
        """A new token; all before it end at once.

        Raises:
            Refused: 45011 within 30 seconds, 45009 after 20 on a day.
        """
        self.fetched += 1
        at = self._clock()
        if self._forced and at < self._forced[-1] + _FORCE_APART:
            raise Refused(45011, "api minute-quota reach limit, must slower, retry next minute")
        if sum(china_date(each) == self._today() for each in self._forced) >= _FORCES_A_DAY:
            raise Refused(45009, "reach max api daily quota limit")
        self._forced.append(at)
        self._good.clear()
        return self._new(at).text, int(LIFE.total_seconds())

    def check(self, text: str) -> None:
        """Whether a call may be made with this token.

        Raises:
            Refused: 41001 none, 40014 none of ours, 42001 expired, 40001 replaced.
        """
        if not text:
            raise Refused(41001, "access_token missing")
        if text not in self._known:
            raise Refused(40014, "invalid access_token")
        found = next((each for each in self._good if each.text == text), None)
        if found is None:
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")
        if self._clock() >= found.until:
            raise Refused(42001, "access_token expired")

    def spoil(self) -> None:
        """Take back every token, as when somebody else has forced a new one."""
        self._good.clear()

    def expire(self) -> None:
        """Let every token end now, earlier than was said."""
        for token in self._good:
            token.until = self._clock()

    def _new(self, at: datetime) -> _Token:
        token = _Token(f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}", at + LIFE)
        still_good = [each for each in self._good if at < each.until]
        self._good = [*still_good[-1:], token]
        self._known.add(token.text)
        return token

    def _today(self) -> date:
        return china_date(self._clock())
