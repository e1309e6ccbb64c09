"""Growing pauses after failed sign-ins, for an account and for an address.

An attempt is counted before the password is looked at, so that many at once cannot outrun the count; success takes
the count back. A name nobody has is counted like any other, so nothing tells that it does not exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from service.identity.tables import sign_in_pauses
from service.storage import hold

_SWEPT_AFTER = timedelta(days=7)
_LONGEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose attempts are counted together.

    Attributes:
        free: this many attempts come before the first pause.
        forgotten_every: one of those that are counted is forgotten each time this has passed.
    """

    subject: str
    free: int
    forgotten_every: timedelta


def account(username: str) -> Counted:
    """The attempts on one account."""
    return Counted(f"account {username}"[:100], 5, timedelta(hours=1))


def browser(mark: str) -> Counted:
    """The attempts on an account from a browser that has signed in to it before, whatever strangers do elsewhere."""
    return Counted(f"browser {mark}"[:100], 5, timedelta(hours=1))


def session(username: str) -> Counted:
    """The attempts of who is signed in already: at the old password, at a code for new recovery codes."""
    return Counted(f"session {username}"[:100], 5, timedelta(hours=1))


def address(address: str) -> Counted:
    """The attempts from one address; an office may share one, so it takes more of them and forgets them sooner."""
    return Counted(f"address {address}"[:100], 30, timedelta(minutes=2))


def pause_after(failures: int, free: int) -> timedelta:
    """The pause that follows a failure: one minute after the free ones, then twice as long each time, at most 30."""
    if failures < free:
        return timedelta(0)
    return min(_LONGEST, timedelta(minutes=2 ** min(failures - free, 10)))


def attempt_within(connection: Connection, counted: Sequence[Counted], at: datetime) -> timedelta:
    """Count an attempt, unless one of the pauses is on: the longest wait that is left, zero to go on."""
    waits = [_left(connection, each, at) for each in counted]
    if any(waits):
        return max(waits)
    for each in counted:
        _count(connection, each, at)
    return timedelta(0)


def paused_until(account: Counted) -> Callable[[Connection], datetime | None]:
    """A unit of work: until when nobody signs in to an account, if its last attempts failed too often."""
    statement = select(sign_in_pauses.c.until).where(sign_in_pauses.c.subject == account.subject)
    return lambda connection: connection.execute(statement).scalar_one_or_none()


def settle_within(connection: Connection, account: Counted, address: Counted) -> None:
    """Take back what was counted of a sign-in that succeeded: all of the account's, one attempt of the address's.

    Args:
        account: or the browser, where that is what was counted.
    """
    connection.execute(delete(sign_in_pauses).where(sign_in_pauses.c.subject == account.subject))
    this = sign_in_pauses.c.subject == address.subject
    fewer = {"failures": sign_in_pauses.c.failures - 1, "until": None}
    connection.execute(update(sign_in_pauses).where(this, sign_in_pauses.c.failures > 0).values(fewer))


def lift_within(connection: Connection, counted: Counted) -> bool:
    """End a pause and forget its count; whether there was one."""
    this = sign_in_pauses.c.subject == counted.subject
    return bool(connection.execute(delete(sign_in_pauses).where(this)).rowcount)


def forget_within(connection: Connection, at: datetime) -> int:
    """Delete counts that are long forgotten; how many."""
    old = sign_in_pauses.c.forgotten_at < at - _SWEPT_AFTER
    return connection.execute(delete(sign_in_pauses).where(old)).rowcount


def _left(connection: Connection, counted: Counted, at: datetime) -> timedelta:
    hold(connection, f"sign in {counted.subject}")
    until = paused_until(counted)(connection)
    return max(until - at, timedelta(0)) if until else timedelta(0)


def _count(connection: Connection, counted: Counted, at: datetime) -> None:
    this = sign_in_pauses.c.subject == counted.subject
    row = connection.execute(select(sign_in_pauses).where(this)).one_or_none()
    left, forgotten_at = _left_of(row.failures, row.forgotten_at, counted, at) if row else (0, at)
    pause = pause_after(left + 1, counted.free)
    values = {"failures": left + 1, "forgotten_at": forgotten_at, "until": at + pause if pause else None}
    if row is None:
        connection.execute(insert(sign_in_pauses).values(subject=counted.subject, **values))
    else:
        connection.execute(update(sign_in_pauses).where(this).values(values))


def _left_of(failures: int, forgotten_at: datetime, counted: Counted, at: datetime) -> tuple[int, datetime]:
    """What is left of a count at a moment, and up to when it was forgotten."""
    forgotten = (at - forgotten_at) // counted.forgotten_every
    if forgotten >= failures:
        return 0, at
    return failures - forgotten, forgotten_at + forgotten * counted.forgotten_every
