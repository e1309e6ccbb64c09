"""What staff can do with notices: look at them, have one tried anew, call one off."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select, update

from channels.delivery.attempts import Attempt, of_notices
from channels.delivery.breaker import close
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.outbox import FAILURE_LIMIT, Kept, NoticeState, in_state, kept, outbox
from service.privacy import mask_personal_data
from service.tasks import TaskKind, done_within


def newest(state: NoticeState | None, subject: str | None, limit: int) -> Callable[[Connection], list[Kept]]:
    """A unit of work: notices, the newest first; those of one state, about one ticket."""
    statement = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(in_state(state))
    if subject is not None:
        statement = statement.where(outbox.c.subject == subject)
    return lambda connection: [kept(row) for row in connection.execute(statement)]


def one(notice: int) -> Callable[[Connection], tuple[Kept, list[Attempt]] | None]:
    """A unit of work: a notice and all attempts at it, the oldest first; None where there is none."""

    def read(connection: Connection) -> tuple[Kept, list[Attempt]] | None:
        row = connection.execute(select(outbox).where(outbox.c.id == notice)).one_or_none()
        return None if row is None else (kept(row), of_notices([notice])(connection)[notice])

    return read


def retry(
    notice: int, at: datetime, by: str, *, phone: bytes | None = None, reason: str = ""
) -> Callable[[Connection], bool]:
    """A unit of work: try a closed notice anew, from the first way on, as if it had never been tried.

    False where it is still waiting, or not there. It is recorded who wanted it.

    Args:
        phone: only to this number, and not as the ticket says; encrypted with the tickets' key.
        reason: of another number, why it may be told.
    """
    anew = {
        "state": NoticeState.WAITING.value,
        "phone": phone,
        "due_at": at,
        "holder": None,
        "rung": None,
        "rung_since": None,
        "attempts": 0,
        "slot_at": None,
        "round": outbox.c.round + 1,
        "failure": None,
        "sent_at": None,
    }
    closed = (outbox.c.id == notice) & (outbox.c.state != NoticeState.WAITING.value)
    change = update(outbox).where(closed).values(anew).returning(outbox.c.subject)
    deed = "重送" if phone is None else "改发另一个号码"

    def work(connection: Connection) -> bool:
        subject = connection.scalar(change)
        if subject is not None:
            _record_within(connection, notice, subject, at, by, deed, reason)
        return subject is not None

    return work


def cancel(notice: int, reason: str, at: datetime, by: str) -> Callable[[Connection], bool]:
    """A unit of work: call a notice off, or close one that did not arrive once its citizen was told otherwise.

    A call that is being made at this moment is not taken back. False where it is closed already, or not there.

    Args:
        reason: kept readable beside the notice, so numbers in it are masked.
    """
    open_ = outbox.c.state.in_((NoticeState.WAITING.value, NoticeState.UNDELIVERED.value))
    said = mask_personal_data(reason)[:FAILURE_LIMIT]
    values = {"state": NoticeState.CANCELLED.value, "holder": None, "failure": said}
    change = update(outbox).where(outbox.c.id == notice, open_).values(values).returning(outbox.c.subject)

    def work(connection: Connection) -> bool:
        subject = connection.scalar(change)
        if subject is not None:
            done_within(connection, (TaskKind.UNDELIVERED,), (subject,), at)
            _record_within(connection, notice, subject, at, by, "取消", said)
        return subject is not None

    return work


def try_now(rung: str, at: datetime, by: str) -> Callable[[Connection], bool]:
    """A unit of work: a way that is shut is opened at once, as somebody has mended it; False when it was not shut."""

    def work(connection: Connection) -> bool:
        was_shut = close(rung)(connection)
        if was_shut:
            record_within(connection, Recorded(at, by, Deed.NOTICE, rung, details={"what": "恢复这种方式"}))
        return was_shut

    return work


def _record_within(
    connection: Connection, notice: int, subject: str, at: datetime, by: str, what: str, reason: str
) -> None:
    said = mask_personal_data(reason)[:REASON_LIMIT]
    record_within(connection, Recorded(at, by, Deed.NOTICE, subject, said, {"notice": notice, "what": what}))
