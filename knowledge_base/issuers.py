"""Entries name the unit that issues them. Where a unit is renamed, or another takes over, they go along.

What citizens were told under the old name stays as it was: a published entry gets a version of its own, with the same
words and the new name.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from knowledge_base.entry import Entry
from knowledge_base.lifecycle import hold_entry
from knowledge_base.reviews import review_key
from knowledge_base.revisions import next_revision
from knowledge_base.store import put_at
from knowledge_base.tables import history, versions
from knowledge_base.unsaved import unsaved
from knowledge_base.versions import OPEN, VersionState
from service.identity.roles import Actor
from service.tasks import UNIT_LIMIT, tasks

VERB = "unit"
"""What the history calls it."""

_BATCH = 500


def issued_by(connection: Connection, name: str) -> int:
    """How many entries a unit issues: published ones, and those whose first version is on its way."""
    return len({row.slug for row in _naming(connection, [name])})


def follow_within(connection: Connection, actor: Actor, renamed: Mapping[str, str], at: datetime) -> int:
    """Write new names of units into what names the old ones: versions, tasks, forms being typed; how many entries.

    Args:
        renamed: new names by old ones; several may become one, and two may change places.
    """
    if not renamed:
        return 0
    for slug in sorted({row.slug for row in _naming(connection, renamed)}):
        hold_entry(connection, slug)  # before the revision: who publishes takes them in this order
    found = {row.id: row for row in _naming(connection, renamed)}
    on_their_way = [row for row in found.values() if row.state != VersionState.PUBLISHED]
    told = [row for row in found.values() if row.state == VersionState.PUBLISHED]
    for row in on_their_way:
        _rewrite(connection, row, renamed, actor, at)
    if told:
        revision = next_revision(connection)
        for start in range(0, len(told), _BATCH):
            _tell_anew(connection, told[start : start + _BATCH], renamed, actor, revision, at)
    _rename_tasks(connection, renamed)
    _rename_typed(connection, renamed)
    return len({row.slug for row in found.values()})


def _naming(connection: Connection, names: Iterable[str]) -> Sequence[Row[Any]]:
    """The versions that are told or on their way and name one of these units."""
    wanted = set(names)
    current = versions.c.state.in_(sorted((*OPEN, VersionState.PUBLISHED)))
    rows = connection.execute(
        select(versions).where(current, _says(versions.c.content, wanted)).order_by(versions.c.id)
    )
    return [row for row in rows if Entry.model_validate_json(row.content).issuing_unit in wanted]


def _says(column: ColumnElement[str], names: Iterable[str]) -> ColumnElement[bool]:
    written = (json.dumps(name, ensure_ascii=False) for name in names)
    return or_(*(column.contains(f'"issuing_unit":{each}', autoescape=True) for each in written))


def _renamed(row: Row[Any], renamed: Mapping[str, str]) -> tuple[Entry, str]:
    """The entry as it is from now on, and what the history says of it."""
    entry = Entry.model_validate_json(row.content)
    name = renamed[entry.issuing_unit]
    return entry.model_copy(update={"issuing_unit": name}), f"发布单位：{entry.issuing_unit} → {name}"


def _rewrite(connection: Connection, row: Row[Any], renamed: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """A version nobody was told yet changes where it stands."""
    entry, note = _renamed(row, renamed)
    values = {"content": entry.model_dump_json(), "changed_at": at}
    connection.execute(update(versions).where(versions.c.id == row.id).values(values))
    connection.execute(insert(history).values(_line(row.slug, row.number, actor, note, at)))


def _tell_anew(
    connection: Connection,
    told: Sequence[Row[Any]],
    renamed: Mapping[str, str],
    actor: Actor,
    revision: int,
    at: datetime,
) -> None:
    """What is told becomes the next version, under the new name. Nothing is settled by it: no word has changed."""
    these = versions.c.id.in_([row.id for row in told])
    connection.execute(update(versions).where(these).values(state=VersionState.SUPERSEDED, changed_at=at))
    newest = select(versions.c.slug, func.max(versions.c.number).label("number")).group_by(versions.c.slug)
    slugs = [row.slug for row in told]
    last = {row.slug: row.number for row in connection.execute(newest.where(versions.c.slug.in_(slugs)))}
    numbered, lines = [], []
    for row in told:
        entry, note = _renamed(row, renamed)
        numbered.append(entry.model_copy(update={"version": last[row.slug] + 1}))
        lines.append(_line(row.slug, last[row.slug] + 1, actor, note, at))
        if entry.review_by:
            before, after = (review_key(each) for each in (entry, numbered[-1]))
            connection.execute(update(tasks).where(tasks.c.key == before).values(key=after))
    state = {"author": actor.name, "state": VersionState.PUBLISHED, "created_at": at, "changed_at": at}
    rows = [{"slug": each.slug, "number": each.version, "content": each.model_dump_json()} | state for each in numbered]
    connection.execute(insert(versions), rows)
    connection.execute(insert(history), lines)
    put_at(connection, numbered, revision, at)


def _line(slug: str, number: int, actor: Actor, note: str, at: datetime) -> dict[str, Any]:
    return {"slug": slug, "number": number, "at": at, "actor": actor.name, "verb": VERB, "note": note}


def _rename_tasks(connection: Connection, renamed: Mapping[str, str]) -> None:
    """By the rows as they were, so that names that change places do not change twice."""
    short = {old[:UNIT_LIMIT]: new[:UNIT_LIMIT] for old, new in renamed.items()}
    theirs = tasks.c.unit.in_(short) & tasks.c.done_at.is_(None)
    for row in connection.execute(select(tasks.c.id, tasks.c.unit).where(theirs)).all():
        connection.execute(update(tasks).where(tasks.c.id == row.id).values(unit=short[row.unit]))


def _rename_typed(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Forms that are being typed would bring the old name back."""
    for row in connection.execute(select(unsaved)).all():
        fields = json.loads(row.fields)
        if (name := fields.get("issuing_unit")) in renamed:
            changed = json.dumps(fields | {"issuing_unit": renamed[name]}, ensure_ascii=False)
            this = (unsaved.c.person == row.person) & (unsaved.c.slug == row.slug)
            connection.execute(update(unsaved).where(this).values(fields=changed))
