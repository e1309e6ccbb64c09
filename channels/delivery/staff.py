"""What staff are told of delivery: whom nothing has reached, and that a way is shut."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.clock import china_date
from service.identity.roles import Role
from service.inbox import put_within, to_role
from service.outbox import Kept
from service.tasks import Task, TaskKind, done_within, raise_within

UNDELIVERED = "undelivered"
"""The kind of line in the inbox that says that a citizen could not be told; its subject is the notice's."""

WAY_DOWN = "way_down"
"""The kind of line in the inbox that says that a way of telling citizens is shut; its subject is the way's name."""

_CALL_WITHIN = timedelta(days=1)
_DESK = "话务员"


def undelivered_within(connection: Connection, notice: Kept, at: datetime) -> None:
    """Nothing has reached them: somebody of the hotline is to call."""
    subject = notice.notice.subject
    put_within(connection, [to_role(Role.AGENT)], UNDELIVERED, subject, at)
    key = f"undelivered:{notice.id}:{notice.round}"
    raise_within(connection, [Task(TaskKind.UNDELIVERED, subject, _DESK, china_date(at + _CALL_WITHIN), key)], at)


def reached_within(connection: Connection, notice: Kept, at: datetime) -> None:
    """They were told after all: nobody has to call."""
    if notice.round:
        done_within(connection, (TaskKind.UNDELIVERED,), (notice.notice.subject,), at)


def way_down_within(connection: Connection, rung: str, at: datetime) -> None:
    """An account or its settings are wrong: nothing goes by this way until somebody mends it."""
    put_within(connection, [to_role(Role.ADMINISTRATOR)], WAY_DOWN, rung, at)
