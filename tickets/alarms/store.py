"""Alarms as kept: told once, raised in grade, acknowledged, closed. Units of work on a connection."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

from service.encryption import Cipher
from service.identity.roles import Actor, Role
from service.storage import Moment, hold, insert_into, metadata
from tickets.alarms.alarm import Alarm, Grade, Kind

_HELD = "alarms"
_KEY_LIMIT = 200
_TITLE_LIMIT = 300

_RowId = BigInteger().with_variant(Integer, "sqlite")

alarms = Table(
    "alarms",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("key", String(_KEY_LIMIT), nullable=False),
    Column("episode", Integer, nullable=False),  # the same may happen again, after it was closed
    Column("kind", String(20), nullable=False),
    Column("grade", Integer, nullable=False),
    Column("title", String(_TITLE_LIMIT), nullable=False),
    Column("roles", String(300), nullable=False),  # joined by commas
    Column("raised_at", Moment, nullable=False),
    Column("graded_at", Moment, nullable=False),  # when it got the grade it has
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(64)),
    Column("closed_at", Moment),
    Column("closed_by", String(64)),
    Column("outcome", LargeBinary, info={"cipher": "tickets"}),  # what was done
    UniqueConstraint("key", "episode"),
)

Index(
    "ix_alarms_open",
    alarms.c.grade,
    alarms.c.raised_at,
    sqlite_where=alarms.c.closed_at.is_(None),
    postgresql_where=alarms.c.closed_at.is_(None),
)

_OPEN = alarms.c.closed_at.is_(None)
_GONE = "这条预警不在了，可能已经被关闭。请再看一次还有哪些。"

alarm_tickets = Table(
    "alarm_tickets",
    metadata,
    Column("alarm_id", ForeignKey("alarms.id"), primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True, index=True),
)


class AlarmRefused(Exception):
    """It cannot be done with this alarm; the message says why, in Chinese."""


class AlarmGone(AlarmRefused):
    """No open alarm told to them has this number."""


class Put(StrEnum):
    """What became of an alarm that was put."""

    NEW = "new"
    RAISED = "raised"
    KNOWN = "known"

    @property
    def to_be_told(self) -> bool:
        """Whether the roles are to be told now."""
        return self is not Put.KNOWN


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """An alarm nobody has closed."""

    id: int
    kind: Kind
    grade: Grade
    title: str
    roles: frozenset[str]
    tickets: tuple[int, ...]
    raised_at: datetime
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class ClosedAlarm:
    """An alarm that was dealt with.

    Attributes:
        outcome: what was done.
    """

    id: int
    kind: Kind
    grade: Grade
    title: str
    tickets: tuple[int, ...]
    raised_at: datetime
    closed_at: datetime
    closed_by: str
    outcome: str


def is_told(actor: Actor, roles: Collection[str]) -> bool:
    """Whether somebody is one of those an alarm is told to; an administrator learns of every one."""
    return Role.ADMINISTRATOR in actor.roles or not actor.roles.isdisjoint(roles)


def put_within(connection: Connection, alarm: Alarm, at: datetime) -> Put:
    """Keep an alarm. The same is told once: again only in a higher grade, or long enough after it was closed."""
    hold(connection, _HELD)
    last = connection.execute(
        select(alarms).where(alarms.c.key == _key(alarm)).order_by(alarms.c.episode.desc()).limit(1)
    ).one_or_none()
    if last is None or (last.closed_at is not None and _again(alarm, last, at)):
        episode = 1 if last is None else last.episode + 1
        row = _row(alarm, at) | {"key": _key(alarm), "episode": episode, "raised_at": at}
        alarm_id = connection.execute(insert(alarms).values(row).returning(alarms.c.id)).scalar_one()
        _link(connection, alarm_id, alarm.tickets)
        return Put.NEW
    if last.closed_at is not None:
        return Put.KNOWN
    _link(connection, last.id, alarm.tickets)
    if alarm.grade <= last.grade:
        return Put.KNOWN
    row = _row(alarm, at) | {"acknowledged_at": None, "acknowledged_by": None}
    connection.execute(update(alarms).where(alarms.c.id == last.id).values(row))
    return Put.RAISED


def acknowledge_within(connection: Connection, actor: Actor, alarm_id: int, at: datetime) -> None:
    """Somebody has seen it and takes care. The first who did stays named.

    Raises:
        AlarmGone: there is none, it is closed, or not told to them.
    """
    _find_open(connection, actor, alarm_id)
    unseen = (alarms.c.id == alarm_id) & alarms.c.acknowledged_at.is_(None)
    connection.execute(update(alarms).where(unseen).values(acknowledged_at=at, acknowledged_by=actor.name))


def close_within(
    connection: Connection, cipher: Cipher, actor: Actor, alarm_id: int, outcome: str, at: datetime
) -> None:
    """It has been dealt with; what was done is kept encrypted.

    Raises:
        AlarmGone: there is none, it is closed already, or not told to them.
        AlarmRefused: nothing is said of what was done.
    """
    if not outcome.strip():
        raise AlarmRefused("请写一句怎么处理的，再关闭预警。")
    _find_open(connection, actor, alarm_id)
    values = {"closed_at": at, "closed_by": actor.name, "outcome": cipher.encrypt_text(outcome.strip())}
    if not connection.execute(update(alarms).where(alarms.c.id == alarm_id, _OPEN).values(values)).rowcount:
        raise AlarmGone(_GONE)


def open_alarm(connection: Connection, actor: Actor, alarm_id: int) -> OpenAlarm:
    """One alarm nobody has closed.

    Raises:
        AlarmGone: there is none, it is closed, or not told to them.
    """
    row = _find_open(connection, actor, alarm_id)
    return _with_tickets(connection, [row])[0]


def open_alarms(actor: Actor, *, limit: int = 200) -> Callable[[Connection], list[OpenAlarm]]:
    """A unit of work: the alarms told to somebody and not closed, the gravest and oldest first."""
    statement = select(alarms).where(_OPEN).order_by(alarms.c.grade.desc(), alarms.c.raised_at)
    return lambda connection: _with_tickets(
        connection, [row for row in connection.execute(statement) if is_told(actor, _roles(row))][:limit]
    )


def count_untaken(actor: Actor) -> Callable[[Connection], int]:
    """A unit of work: how many open alarms told to somebody nobody has acknowledged."""
    statement = select(alarms.c.roles).where(_OPEN, alarms.c.acknowledged_by.is_(None))
    return lambda connection: sum(is_told(actor, _roles(row)) for row in connection.execute(statement))


def closed_alarms(
    actor: Actor, cipher: Cipher, *, limit: int = 50, before: int | None = None
) -> Callable[[Connection], list[ClosedAlarm]]:
    """A unit of work: the alarms told to somebody that were closed, the newest raised first.

    Args:
        before: only those raised before the one with this id: how a list goes on.
    """
    statement = select(alarms).where(~_OPEN).order_by(alarms.c.id.desc())
    if before is not None:
        statement = statement.where(alarms.c.id < before)

    def read(connection: Connection) -> list[ClosedAlarm]:
        told = (row for row in connection.execute(statement) if is_told(actor, _roles(row)))
        rows = list(islice(told, limit))
        behind = _tickets_of(connection, [row.id for row in rows])
        return [_closed(row, behind[row.id], cipher) for row in rows]

    return read


def _with_tickets(connection: Connection, rows: Sequence[Row[Any]]) -> list[OpenAlarm]:
    behind = _tickets_of(connection, [row.id for row in rows])
    return [_open(row, behind[row.id]) for row in rows]


def _tickets_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    behind: dict[int, list[int]] = {alarm_id: [] for alarm_id in ids}
    these = select(alarm_tickets).where(alarm_tickets.c.alarm_id.in_(ids)).order_by(alarm_tickets.c.ticket_id)
    for link in connection.execute(these):
        behind[link.alarm_id].append(link.ticket_id)
    return behind


def _again(alarm: Alarm, last: Row[Any], at: datetime) -> bool:
    return alarm.grade > last.grade or (alarm.again_after is not None and at >= last.closed_at + alarm.again_after)


def _row(alarm: Alarm, at: datetime) -> dict[str, Any]:
    return {
        "kind": alarm.kind,
        "grade": int(alarm.grade),
        "title": alarm.title[:_TITLE_LIMIT],
        "roles": ",".join(sorted(alarm.roles)),
        "graded_at": at,
    }


def _key(alarm: Alarm) -> str:
    return alarm.key[:_KEY_LIMIT]


def _link(connection: Connection, alarm_id: int, tickets: Collection[int]) -> None:
    rows = [{"alarm_id": alarm_id, "ticket_id": ticket} for ticket in tickets]
    if rows:
        connection.execute(insert_into(connection, alarm_tickets).on_conflict_do_nothing(), rows)


def _find_open(connection: Connection, actor: Actor, alarm_id: int) -> Row[Any]:
    row = connection.execute(select(alarms).where(alarms.c.id == alarm_id, _OPEN)).one_or_none()
    if row is None or not is_told(actor, _roles(row)):
        raise AlarmGone(_GONE)
    return row


def _roles(row: Row[Any]) -> frozenset[str]:
    return frozenset(filter(None, row.roles.split(",")))


def _open(row: Row[Any], tickets: list[int]) -> OpenAlarm:
    kind, grade = Kind(row.kind), Grade(row.grade)
    return OpenAlarm(row.id, kind, grade, row.title, _roles(row), tuple(tickets), row.raised_at, row.acknowledged_by)


def _closed(row: Row[Any], tickets: list[int], cipher: Cipher) -> ClosedAlarm:
    outcome = cipher.decrypt_text(row.outcome) or ""
    grade, behind = Grade(row.grade), tuple(tickets)
    return ClosedAlarm(
        row.id, Kind(row.kind), grade, row.title, behind, row.raised_at, row.closed_at, row.closed_by, outcome
    )
