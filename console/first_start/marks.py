"""What the administrator said of the steps: looked after, left out, or all put away."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Connection, String, Table, delete, select

from service.storage import Moment, insert_into, metadata

PUT_AWAY = "everything"
"""Stands for all steps: nobody is reminded any longer."""

marks = Table(
    "first_start",
    metadata,
    Column("step", String(20), primary_key=True),
    Column("mark", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)


class Mark(StrEnum):
    """What was said of a step."""

    DONE = "done"
    LEFT_OUT = "left_out"


def marks_within(connection: Connection) -> Mapping[str, Mark]:
    """What was said, by step."""
    return {row.step: Mark(row.mark) for row in connection.execute(select(marks.c.step, marks.c.mark))}


def mark_within(connection: Connection, step: str, mark: Mark, by: str, at: datetime) -> None:
    """Say it of a step; what was said before no longer counts."""
    values = {"mark": mark, "at": at, "by": by}
    saying = insert_into(connection, marks).values(step=step, **values)
    connection.execute(saying.on_conflict_do_update(index_elements=["step"], set_=values))


def unmark_within(connection: Connection, step: str) -> None:
    """Take back what was said of a step."""
    connection.execute(delete(marks).where(marks.c.step == step))
