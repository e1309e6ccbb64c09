"""Which imports there were, so that staff can look at them and take one back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from knowledge_base.tables import history


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import.

    Attributes:
        batch: its number, by which it is undone.
        entries: how many it published.
        undone: how many of them were taken back.
    """

    batch: int
    at: datetime
    actor: str
    entries: int
    undone: int


def recent_imports(connection: Connection, limit: int = 20) -> list[PastImport]:
    """A unit of work: the last imports, the newest first."""
    h = history.c
    imported, undone = (func.sum(case((h.verb == verb, 1), else_=0)) for verb in ("import", "undo"))
    statement = (
        select(h.batch, func.min(h.at), func.min(case((h.verb == "import", h.actor))), imported, undone)
        .where(h.batch.is_not(None))
        .group_by(h.batch)
        .order_by(h.batch.desc())
        .limit(limit)
    )
    return [PastImport(*row) for row in connection.execute(statement)]
