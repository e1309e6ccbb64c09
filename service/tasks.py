"""What a unit is to do by when. Raised and closed by the verbs that make it necessary and settle it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Date, Index, Integer, Row, String, Table, select, update

from service.storage import Moment, insert_into, metadata

UNIT_LIMIT = 100  # characters of a unit's name
_BATCH = 500

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),  # the same key is raised once, however often
    Column("kind", String(20), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("unit", String(UNIT_LIMIT), nullable=False),
    Column("assignee", String(64)),
    Column("due_on", Date, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Index(None, "subject", "kind"),
)

Index(
    "ix_tasks_open",
    tasks.c.due_on,
    tasks.c.unit,
    sqlite_where=tasks.c.done_at.is_(None),
    postgresql_where=tasks.c.done_at.is_(None),
)


class TaskKind(StrEnum):
    """What is to be done."""

    WRITE = "write"
    REVIEW = "review"
    HOLIDAYS = "holidays"
    UNDELIVERED = "undelivered"

    @property
    def label(self) -> str:
        """The kind as staff read it."""
        return _LABELS[self]


_LABELS = {
    TaskKind.WRITE: "编写条目",
    TaskKind.REVIEW: "复核条目",
    TaskKind.HOLIDAYS: "录入放假安排",
    TaskKind.UNDELIVERED: "联系诉求人",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do.

    Attributes:
        subject: what it is about: an entry's slug, a year, a ticket's number.
        due_on: the last day, in China.
        key: says what is to be done with what, once.
    """

    kind: TaskKind
    subject: str
    unit: str
    due_on: date
    key: str
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task nobody has done yet."""

    id: int
    task: Task
    created_at: datetime


def raise_within(connection: Connection, raised: Collection[Task], at: datetime) -> int:
    """Raise tasks; those whose key was raised before stay as they are, done or not. How many are new."""
    statement = insert_into(connection, tasks).on_conflict_do_nothing(index_elements=["key"]).returning(tasks.c.id)
    rows = [
        {
            "key": task.key,
            "kind": task.kind,
            "subject": task.subject,
            "unit": task.unit,
            "assignee": task.assignee,
            "due_on": task.due_on,
            "created_at": at,
        }
        for task in raised
    ]
    new = 0
    for start in range(0, len(rows), _BATCH):
        new += len(connection.execute(statement, rows[start : start + _BATCH]).all())
    return new


def done_within(connection: Connection, kinds: Collection[TaskKind], subjects: Collection[str], at: datetime) -> int:
    """Close the open tasks of these kinds about these subjects; how many there were."""
    these = tasks.c.subject.in_(subjects) & tasks.c.kind.in_(kinds) & tasks.c.done_at.is_(None)
    return connection.execute(update(tasks).where(these).values(done_at=at)).rowcount


def open_tasks(
    *, unit: str | None = None, due_before: date | None = None, limit: int = 200
) -> Callable[[Connection], list[OpenTask]]:
    """A unit of work: tasks still open, the most urgent first.

    Args:
        due_before: only those that should have been done before this day: today gives the overdue ones.
    """
    statement = select(tasks).where(tasks.c.done_at.is_(None)).order_by(tasks.c.due_on, tasks.c.id).limit(limit)
    if unit is not None:
        statement = statement.where(tasks.c.unit == unit)
    if due_before is not None:
        statement = statement.where(tasks.c.due_on < due_before)
    return lambda connection: [_open_task(row) for row in connection.execute(statement)]


def _open_task(row: Row[Any]) -> OpenTask:
    task = Task(TaskKind(row.kind), row.subject, row.unit, row.due_on, row.key, row.assignee)
    return OpenTask(row.id, task, row.created_at)
