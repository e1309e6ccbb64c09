"""Signing in: a password, then a second factor where there is one; and what goes with it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from service.audit import Deed, Recorded, record_within
from service.clock import Clock, shown_when
from service.encryption import Cipher, Keyring
from service.identity import known_browsers, pauses, second_factor, sessions
from service.identity.known_browsers import KnownBrowsers
from service.identity.passwords import PasswordRefused, check_password, hashed, matches
from service.identity.pauses import Counted
from service.identity.roles import TWO_FACTOR_ROLES, Role
from service.identity.sessions import CODE_MINUTES, Lifetimes, Place, Session
from service.identity.tables import staff
from service.settings import Settings
from service.storage import Database

_WRONG = "用户名或密码不对，请再看一遍。忘了密码，请找管理员重置。"
_WRONG_CODE = "动态码不对，或者已经用过。请等手机上换了新码再输；手机时间要准。"
_UNKNOWN = "未知账号"
_WRONG_OLD = "现在的密码不对，请再输一次。"


class SignInRefused(Exception):
    """They cannot sign in like this; the message says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The verbs of signing in."""

    database: Database
    cipher: Cipher
    browsers: KnownBrowsers
    clock: Clock
    settings: Settings

    @classmethod
    def open(cls, settings: Settings, database: Database, keyring: Keyring, clock: Clock) -> "SignIn":
        """As the settings have it."""
        browsers = KnownBrowsers(keyring.cipher(known_browsers.PURPOSE))
        return cls(database, keyring.cipher(second_factor.PURPOSE), browsers, clock, settings)

    @property
    def lifetimes(self) -> Lifetimes:
        """How long sessions last."""
        told = self.settings
        return Lifetimes(timedelta(minutes=told.console_idle_minutes), timedelta(hours=told.console_session_hours))

    @property
    def grace(self) -> timedelta:
        """How long setting up a second factor may be put off after the first sign-in that asks for it."""
        return timedelta(days=self.settings.second_factor_grace_days)

    @property
    def password_age(self) -> timedelta | None:
        """After this a new password is asked for; none: never."""
        return timedelta(days=self.settings.password_days) if self.settings.password_days else None

    async def by_password(self, username: str, password: str, place: Place) -> str:
        """Begin a session with a password; its token. A second factor, where there is one, is still owed.

        Raises:
            SignInRefused: wrong, disabled, or too many attempts.
        """
        username, at = username.strip().lower(), self.clock()
        counted = self._counted(username, place, at)
        await self._count_attempt(counted, place, at)
        row = await self.database.read(lambda connection: _account(connection, username))
        if not await matches(row.password_hash if row else None, password) or row is None:
            # A name nobody has may be a password in the wrong field: it is not kept.
            await self._failed(row.username if row else _UNKNOWN, counted, place, at)
            raise SignInRefused(_WRONG)
        if row.disabled_at is not None:
            await self._failed(username, counted, place, at, "账号已停用")
            raise SignInRefused("这个账号已经停用。要恢复请找管理员。")
        return await self.database.write(lambda connection: self._begin_within(connection, row, place, at))

    def _begin_within(self, connection: Connection, row: Row[Any], place: Place, at: datetime) -> str:
        values: dict[str, Any] = {}
        code_owed = row.second_factor_at is not None
        if not code_owed and row.second_factor_due_at is None and not TWO_FACTOR_ROLES.isdisjoint(map(Role, row.roles)):
            values["second_factor_due_at"] = at + self.grace
        changed_at = row.password_changed_at
        if self.password_age and changed_at and at - changed_at > self.password_age:
            values["must_change_password"] = True
        if values:
            connection.execute(update(staff).where(staff.c.username == row.username).values(values))
        if code_owed:
            until = at + timedelta(minutes=CODE_MINUTES)
            return sessions.begin_within(connection, row.username, place, at, until, code_given=False)
        return self._signed_in_within(connection, row.username, place, at, Deed.SIGN_IN)

    def _signed_in_within(self, connection: Connection, username: str, place: Place, at: datetime, deed: Deed) -> str:
        pauses.settle_within(connection, self._counted(username, place, at), pauses.address(place.address))
        record_within(connection, Recorded(at, username, deed, username, details=_from(place)))
        until = at + self.lifetimes.whole
        return sessions.begin_within(connection, username, place, at, until, code_given=True)

    async def by_code(self, session: Session, code: str, place: Place) -> str:
        """Finish signing in with the second factor, or a recovery code; the token of a new session.

        Raises:
            SignInRefused: wrong, used before, or too many attempts.
        """
        username, at = session.actor.name, self.clock()
        counted = self._counted(username, place, at)
        await self._count_attempt(counted, place, at)

        def work(connection: Connection) -> str | None:
            if second_factor.code_counts_within(connection, self.cipher, username, code, at):
                deed = Deed.SIGN_IN
            elif second_factor.recovery_code_counts_within(connection, username, code, at):
                deed = Deed.RECOVERY_CODE_USED
            else:
                _failed_within(connection, username, counted, place, at, "动态码不对")
                return None
            sessions.end_within(connection, session.id, username)
            return self._signed_in_within(connection, username, place, at, deed)

        token = await self.database.write(work)
        if token is None:
            raise SignInRefused(_WRONG_CODE)
        return token

    async def sign_out(self, session: Session, place: Place) -> None:
        """End a session by its owner's wish."""
        username = session.actor.name

        def work(connection: Connection) -> None:
            sessions.end_within(connection, session.id, username)
            done = Recorded(self.clock(), username, Deed.SIGN_OUT, username, details=_from(place))
            record_within(connection, done)

        await self.database.write(work)

    async def change_password(self, session: Session, old: str, new: str, place: Place) -> str:
        """Give oneself another password; the token of a new session, as all others end.

        Raises:
            SignInRefused: the old one is wrong, or too many attempts.
            PasswordRefused: the new one is not good enough.
        """
        username, at = session.actor.name, self.clock()
        counted = pauses.session(username)  # not the account's: strangers' failures must not keep it from being changed
        await self._count_attempt(counted, place, at)
        row = await self.database.read(lambda connection: _account(connection, username))
        if row is None or not await matches(row.password_hash, old):
            await self._failed(username, counted, place, at, "改密码时现在的密码不对")
            raise SignInRefused(_WRONG_OLD)
        await self.database.write(lambda connection: pauses.lift_within(connection, counted))
        check_password(new, username)
        if old == new:
            raise PasswordRefused("新密码和现在的一样，请换一个。")
        stored = await hashed(new)

        def work(connection: Connection) -> str:
            values = {"password_hash": stored, "password_changed_at": at, "must_change_password": False}
            connection.execute(update(staff).where(staff.c.username == username).values(values))
            sessions.end_all_within(connection, username)
            record_within(connection, Recorded(at, username, Deed.PASSWORD_CHANGED, username, details=_from(place)))
            return sessions.begin_within(connection, username, place, at, session.expires_at, code_given=True)

        return await self.database.write(work)

    async def second_factor_secret(self, session: Session) -> str:
        """The secret of the second factor that is being set up (base32)."""
        username = session.actor.name
        return await self.database.write(lambda c: second_factor.secret_within(c, self.cipher, username))

    async def add_second_factor(self, session: Session, code: str, place: Place) -> list[str]:
        """Have the second factor count from now on, given a first right code; recovery codes, shown once.

        Raises:
            SignInRefused: the code is wrong.
        """
        username, at = session.actor.name, self.clock()

        def work(connection: Connection) -> list[str] | None:
            codes = second_factor.confirm_within(connection, self.cipher, username, code, at)
            if codes is not None:
                sessions.end_all_within(connection, username, but=session.id)
                done = Recorded(at, username, Deed.SECOND_FACTOR_ADDED, username, details=_from(place))
                record_within(connection, done)
            return codes

        codes = await self.database.write(work)
        if codes is None:
            raise SignInRefused("这 6 位数字不对。请等手机上换了新的再输；手机时间要准。")
        return codes

    async def renew_recovery_codes(self, session: Session, code: str, place: Place) -> list[str]:
        """Other recovery codes instead of those from before, given a code from the app.

        Raises:
            SignInRefused: the code is wrong, or too many attempts.
        """
        username, at = session.actor.name, self.clock()
        counted = pauses.session(username)
        await self._count_attempt(counted, place, at)

        def work(connection: Connection) -> list[str] | None:
            if not second_factor.code_counts_within(connection, self.cipher, username, code, at):
                return None
            pauses.lift_within(connection, counted)
            record_within(connection, Recorded(at, username, Deed.RECOVERY_CODES_MADE, username, details=_from(place)))
            return second_factor.new_recovery_codes_within(connection, username)

        codes = await self.database.write(work)
        if codes is None:
            raise SignInRefused(_WRONG_CODE)
        return codes

    async def end_session(self, session: Session, other: int) -> bool:
        """End one of one's own sessions elsewhere; whether it was there."""
        username = session.actor.name

        def work(connection: Connection) -> bool:
            ended = sessions.end_within(connection, other, username)
            if ended:
                record_within(connection, Recorded(self.clock(), username, Deed.SESSION_ENDED, username))
            return ended

        return await self.database.write(work)

    def _counted(self, username: str, place: Place, at: datetime) -> Counted:
        known = self.browsers.known(username, place.mark, at)
        return pauses.browser(known) if known else pauses.account(username)

    async def _count_attempt(self, who: Counted, place: Place, at: datetime) -> None:
        counted = (who, pauses.address(place.address))
        wait = await self.database.write(lambda connection: pauses.attempt_within(connection, counted, at))
        if wait:
            minutes = math.ceil(wait.total_seconds() / 60)
            raise SignInRefused(
                f"连续输错的次数有点多，为了保护账号，请等 {minutes} 分钟再试。忘了密码，现在就可以找管理员重置。"
            )

    async def _failed(self, who: str, counted: Counted, place: Place, at: datetime, reason: str = "") -> None:
        await self.database.write(lambda connection: _failed_within(connection, who, counted, place, at, reason))


def _failed_within(connection: Connection, who: str, counted: Counted, place: Place, at: datetime, reason: str) -> None:
    """Keep that an attempt failed, and that a pause begins with it, if one does."""
    record_within(connection, Recorded(at, who, Deed.SIGN_IN_FAILED, who, reason, _from(place)))
    until = pauses.paused_until(counted)(connection) if who != _UNKNOWN else None
    if until is not None and until > at:
        record_within(connection, Recorded(at, who, Deed.SIGN_IN_PAUSED, who, f"到 {shown_when(until)}", _from(place)))


def _account(connection: Connection, username: str) -> Row[Any] | None:
    return connection.execute(select(staff).where(staff.c.username == username)).one_or_none()


def _from(place: Place) -> dict[str, str]:
    return {"address": place.address, "browser": place.browser}
