"""Looking through what was written: how much stands where, and what is on its way, page by page."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_

from knowledge_base.entry import Entry
from knowledge_base.tables import versions
from knowledge_base.versions import OPEN, VersionState

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Written:
    """A version as a list shows it; `id` and `changed_at` say where it stands in the list."""

    id: int
    entry: Entry
    number: int
    state: VersionState
    author: str
    changed_at: datetime


def counts(connection: Connection) -> dict[VersionState, int]:
    """A unit of work: how many versions stand in each state."""
    statement = select(versions.c.state, func.count()).group_by(versions.c.state)
    found = {VersionState(state): count for state, count in connection.execute(statement)}
    return {state: found.get(state, 0) for state in VersionState}


def on_their_way(connection: Connection, slugs: Collection[str]) -> dict[str, VersionState]:
    """A unit of work: where the open version of each of some entries stands; those without one are missing."""
    of_these = versions.c.slug.in_(slugs) & versions.c.state.in_(OPEN)
    rows = connection.execute(select(versions.c.slug, versions.c.state).where(of_these))
    return {slug: VersionState(state) for slug, state in rows}


def in_state(
    state: VersionState,
    fits: Callable[[Entry], bool],
    limit: int,
    after: tuple[datetime, int] | None = None,
) -> Callable[[Connection], list[Written]]:
    """A unit of work: versions that stand somewhere, the one changed last first.

    Args:
        after: `changed_at` and `id` of the last of the page before.
    """
    key = tuple_(versions.c.changed_at, versions.c.id)
    newest_first = (
        select(versions)
        .where(versions.c.state == state)
        .order_by(versions.c.changed_at.desc(), versions.c.id.desc())
        .limit(_BATCH)
    )

    def read(connection: Connection) -> list[Written]:
        found: list[Written] = []
        last = after
        while True:
            rows = connection.execute(newest_first if last is None else newest_first.where(key < tuple_(*last))).all()
            for row in rows:
                entry = Entry.model_validate_json(row.content)
                if fits(entry):
                    found.append(Written(row.id, entry, row.number, state, row.author, row.changed_at))
                    if len(found) == limit:
                        return found
            if len(rows) < _BATCH:
                return found
            last = (rows[-1].changed_at, rows[-1].id)

    return read
