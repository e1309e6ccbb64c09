"""Each attempt to tell somebody something, as a row: written before the call, completed after it, by a receipt at last.

An attempt that stands at `sending` when nobody holds the notice any more was cut off: whether it arrived is asked
before anything else is tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from channels.outcomes import Remedy, SendRefused
from service.outbox import FAILURE_LIMIT, Kept
from service.storage import Moment, metadata

attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("notice", BigInteger, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("round", Integer, nullable=False),  # see the outbox; what earlier rounds came to counts no more
    Column("rung", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("provider_id", String(100)),  # what the service calls it; receipts name it
    Column("started_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("received_at", Moment),  # when the receipt came
    Column("ask_at", Moment),  # when to look for it next
    Column("remedy", String(20)),
    Column("code", String(60)),
    Column("reason", Text),  # why it failed, for staff
    Column("cost_fen", Float),
    Index(None, "provider_id", "rung"),
)

_asked = attempts.c.ask_at.is_not(None)
Index("ix_delivery_attempts_asked", attempts.c.ask_at, sqlite_where=_asked, postgresql_where=_asked)

FIRST_LOOK = timedelta(seconds=30)
"""After this a receipt is looked for."""

_CODE_LIMIT = 60


class AttemptState(StrEnum):
    """How an attempt stands."""

    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    AttemptState.SENDING: "正在发",
    AttemptState.SENT: "已发出",
    AttemptState.DELIVERED: "已收到",
    AttemptState.FAILED: "没发成",
    AttemptState.UNKNOWN: "不知道发出没有",
}

ARRIVED = frozenset({AttemptState.SENT, AttemptState.DELIVERED})
UNSETTLED = frozenset({AttemptState.SENDING, AttemptState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        ended_at: when the service answered; None while it is not known what became of it.
        remedy: of one that failed, what is to be done about it.
        cost_fen: what it cost, in fen; None if the service does not say.
    """

    id: int
    notice: int
    round: int
    rung: str
    state: AttemptState
    provider_id: str | None
    started_at: datetime
    ended_at: datetime | None
    received_at: datetime | None
    ask_at: datetime | None
    remedy: Remedy | None
    code: str | None
    reason: str | None
    cost_fen: float | None


@dataclass(frozen=True, slots=True)
class Handed:
    """What a service said when it took a message.

    Attributes:
        provider_id: what its receipts name.
        reports: whether it will say later whether the message arrived.
    """

    provider_id: str | None = None
    cost_fen: float | None = None
    delivered: bool = False
    reports: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a service says became of a message it took.

    Attributes:
        code: the service's own, of one that did not arrive.
        reason: the same for staff, in Chinese.
    """

    delivered: bool
    code: str = ""
    reason: str = ""


def of_notices(notices: list[int]) -> Callable[[Connection], dict[int, list[Attempt]]]:
    """A unit of work: the attempts at each of these notices, the oldest first."""
    statement = select(attempts).where(attempts.c.notice.in_(notices)).order_by(attempts.c.id)

    def read(connection: Connection) -> dict[int, list[Attempt]]:
        found: dict[int, list[Attempt]] = {notice: [] for notice in notices}
        for row in connection.execute(statement):
            found[row.notice].append(attempt_of(row))
        return found

    return read


def begin_within(connection: Connection, notice: Kept, rung: str, at: datetime) -> int:
    """Keep that a call is about to be made; its id."""
    sending = AttemptState.SENDING.value
    values = {"notice": notice.id, "round": notice.round, "rung": rung, "state": sending, "started_at": at}
    begun: int = connection.execute(insert(attempts).values(values).returning(attempts.c.id)).scalar_one()
    return begun


def handed_within(connection: Connection, attempt: int, handed: Handed, at: datetime) -> None:
    """The service has taken it."""
    state = AttemptState.DELIVERED if handed.delivered else AttemptState.SENT
    _set(
        connection,
        attempt,
        state=state.value,
        provider_id=handed.provider_id,
        cost_fen=handed.cost_fen,
        reason=None,
        ended_at=at,
        received_at=at if handed.delivered else None,
        ask_at=at + FIRST_LOOK if handed.reports else None,
    )


def refused_within(connection: Connection, attempt: int, refused: SendRefused, at: datetime) -> None:
    """The service has not taken it."""
    code, reason = refused.code[:_CODE_LIMIT], refused.reason[:FAILURE_LIMIT]
    failed = AttemptState.FAILED.value
    _set(connection, attempt, state=failed, code=code, reason=reason, remedy=refused.remedy.value, ended_at=at)


def unknown_within(connection: Connection, attempt: int, reason: str) -> None:
    """Nobody knows whether the service has taken it."""
    _set(connection, attempt, state=AttemptState.UNKNOWN.value, reason=reason[:FAILURE_LIMIT])


def attempt_of(row: Row[Any]) -> Attempt:
    """A row of the table as a value."""
    held = dict(row._mapping)
    remedy = None if held["remedy"] is None else Remedy(held["remedy"])
    return Attempt(**(held | {"state": AttemptState(held["state"]), "remedy": remedy}))


def _set(connection: Connection, attempt: int, **values: Any) -> None:
    connection.execute(update(attempts).where(attempts.c.id == attempt).values(values))
