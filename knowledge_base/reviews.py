"""Entries that are to be looked at again soon become tasks of their unit."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from knowledge_base.entry import Entry
from knowledge_base.tables import entries
from service.clock import china_date
from service.tasks import UNIT_LIMIT, Task, TaskKind, raise_within


def due_for_review(connection: Connection, until: date) -> Sequence[str]:
    """A unit of work: the published entries to be looked at again by a day, as JSON, the earliest first."""
    due = entries.c.removed.is_(False) & (entries.c.review_by <= until)
    statement = select(entries.c.content).where(due).order_by(entries.c.review_by, entries.c.slug)
    return connection.scalars(statement).all()


def review_key(entry: Entry) -> str:
    """What makes the review of a version by its day one task."""
    return f"review:{entry.slug}:{entry.version}:{entry.review_by}"


def raise_reviews(at: datetime, ahead: timedelta) -> Callable[[Connection], int]:
    """A unit of work: a task for every entry whose review is near, once a version and review date; how many are new."""

    def run(connection: Connection) -> int:
        due = map(Entry.model_validate_json, due_for_review(connection, china_date(at) + ahead))
        return raise_within(connection, [_task(entry, entry.review_by) for entry in due if entry.review_by], at)

    return run


def _task(entry: Entry, review_by: date) -> Task:
    return Task(TaskKind.REVIEW, entry.slug, entry.issuing_unit[:UNIT_LIMIT], review_by, review_key(entry))
