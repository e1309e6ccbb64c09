"""Who is signed in: a session is a random token in a cookie, of which only a hash is kept here."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from service.identity.roles import TWO_FACTOR_ROLES, Actor, Role
from service.identity.tables import staff, staff_sessions

CODE_MINUTES = 10
"""How long the second factor is waited for."""

_SEEN_NOTED_EVERY = timedelta(minutes=1)  # a write for every page would cost more than it tells


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts: without anything being done, and at most."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has given their password, and what they may still owe.

    Attributes:
        code_owed: they have a second factor and have not shown it.
        second_factor: whether they have one.
        second_factor_due_at: until when setting one up may be put off; none where it has not been asked for.
    """

    id: int
    actor: Actor
    name: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    code_owed: bool
    password_owed: bool
    password_changed_at: datetime | None
    second_factor: bool
    second_factor_due_at: datetime | None

    @property
    def second_factor_wanted(self) -> bool:
        """Whether their roles ask for a second factor that is not there."""
        return not self.second_factor and not self.actor.roles.isdisjoint(TWO_FACTOR_ROLES)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in from: an address, and a browser by name.

    Attributes:
        mark: what the browser shows of having signed in before; see `known_browsers`.
    """

    address: str
    browser: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as its owner sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    place: Place


def new_token() -> str:
    """A token nobody guesses (256 random bits)."""
    return secrets.token_urlsafe(32)


def begin_within(
    connection: Connection, username: str, place: Place, at: datetime, expires_at: datetime, *, code_given: bool
) -> str:
    """Begin a session; its token, which is nowhere to be read again."""
    token = new_token()
    values = {
        "token_hash": _hash(token),
        "username": username,
        "started_at": at,
        "seen_at": at,
        "expires_at": expires_at,
        "address": place.address,
        "browser": place.browser[:60],
        "code_given": code_given,
    }
    connection.execute(insert(staff_sessions).values(values))
    return token


_PRESENT = select(
    staff_sessions.c.id,
    staff_sessions.c.started_at,
    staff_sessions.c.seen_at,
    staff_sessions.c.expires_at,
    staff_sessions.c.code_given,
    staff.c.username,
    staff.c.name,
    staff.c.roles,
    staff.c.units,
    staff.c.must_change_password,
    staff.c.password_changed_at,
    staff.c.second_factor_at,
    staff.c.second_factor_due_at,
).join_from(staff_sessions, staff)


def session_of(token: str, at: datetime, lifetimes: Lifetimes) -> Callable[[Connection], Session | None]:
    """A unit of work: who shows a token, if it still counts."""
    statement = _PRESENT.where(
        staff_sessions.c.token_hash == _hash(token),
        staff_sessions.c.expires_at > at,
        staff_sessions.c.seen_at > at - lifetimes.idle,
        staff.c.disabled_at.is_(None),
    )

    def work(connection: Connection) -> Session | None:
        row = connection.execute(statement).one_or_none()
        return row and _session(row)

    return work


def should_note(session: Session, at: datetime) -> bool:
    """Whether what is kept of their last page is older than a minute."""
    return at - session.seen_at >= _SEEN_NOTED_EVERY


def note_seen_within(connection: Connection, session: Session, at: datetime) -> None:
    """Keep when somebody last did something."""
    connection.execute(update(staff_sessions).where(staff_sessions.c.id == session.id).values(seen_at=at))


def sessions_of(username: str, at: datetime, lifetimes: Lifetimes) -> Callable[[Connection], list[Listed]]:
    """A unit of work: where somebody is signed in, the latest first."""
    mine = staff_sessions.c.username == username
    alive = (staff_sessions.c.expires_at > at) & (staff_sessions.c.seen_at > at - lifetimes.idle)
    statement = select(staff_sessions).where(mine, alive).order_by(staff_sessions.c.seen_at.desc())
    return lambda connection: [
        Listed(row.id, row.started_at, row.seen_at, Place(row.address, row.browser))
        for row in connection.execute(statement)
    ]


def end_within(connection: Connection, session: int, username: str) -> bool:
    """End one of somebody's sessions; whether it was theirs and there."""
    this = (staff_sessions.c.id == session) & (staff_sessions.c.username == username)
    return bool(connection.execute(delete(staff_sessions).where(this)).rowcount)


def end_all_within(connection: Connection, username: str, but: int | None = None) -> int:
    """End every session of somebody, except one; how many there were."""
    these = staff_sessions.c.username == username
    if but is not None:
        these &= staff_sessions.c.id != but
    return connection.execute(delete(staff_sessions).where(these)).rowcount


def forget_within(connection: Connection, at: datetime, lifetimes: Lifetimes) -> int:
    """Delete sessions that no longer count; how many."""
    over = (staff_sessions.c.expires_at <= at) | (staff_sessions.c.seen_at <= at - lifetimes.idle)
    return connection.execute(delete(staff_sessions).where(over)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: Any) -> Session:
    second_factor = row.second_factor_at is not None
    return Session(
        id=row.id,
        actor=Actor(row.username, frozenset(map(Role, row.roles)), frozenset(row.units)),
        name=row.name or row.username,
        started_at=row.started_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        code_owed=second_factor and not row.code_given,
        password_owed=row.must_change_password,
        password_changed_at=row.password_changed_at,
        second_factor=second_factor,
        second_factor_due_at=row.second_factor_due_at,
    )
