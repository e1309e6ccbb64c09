"""What staff can do with notices: look at them, have one tried anew, call one off."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select, update

from channels.delivery.attempts import Attempt, of_notices
from service.outbox import FAILURE_LIMIT, Kept, NoticeState, in_state, kept, outbox
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


def retry(notice: int, at: datetime) -> Callable[[Connection], bool]:
    """A unit of work: try a closed notice anew, from the first way on, as if it had never been tried.

    False where it is still waiting, or not there.
    """
    anew = {
        "state": NoticeState.WAITING.value,
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
    return lambda connection: connection.execute(update(outbox).where(closed).values(anew)).rowcount == 1


def cancel(notice: int, reason: str, at: datetime) -> Callable[[Connection], bool]:
    """A unit of work: call a notice off, or close one that did not arrive once its citizen was told otherwise.

    A call that is being made at this moment is not taken back. False where it is closed already, or not there.
    """
    open_ = outbox.c.state.in_((NoticeState.WAITING.value, NoticeState.UNDELIVERED.value))
    values = {"state": NoticeState.CANCELLED.value, "holder": None, "failure": reason[:FAILURE_LIMIT]}
    change = update(outbox).where(outbox.c.id == notice, open_).values(values).returning(outbox.c.subject)

    def work(connection: Connection) -> bool:
        subject = connection.scalar(change)
        if subject is not None:
            done_within(connection, (TaskKind.UNDELIVERED,), (subject,), at)
        return subject is not None

    return work
