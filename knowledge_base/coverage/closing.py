"""What a publication settles: tasks about the entry, the group it answers, and those who wait for the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from knowledge_base.coverage.states import HELD, GapState
from knowledge_base.entry import Entry
from knowledge_base.tables import answers, entries, gaps
from service.clock import china_moment
from service.outbox import Notice, put_within
from service.storage import hold
from service.tasks import TaskKind, done_within

_LOADED = timedelta(seconds=2)  # by then every process tells what was published

ANSWERED = "answered"
"""The kind of notice that tells that a question has an answer now."""


def settle_within(connection: Connection, published: Sequence[Entry], at: datetime) -> None:
    """Close what the publication of entries settles, within its transaction."""
    slugs = [entry.slug for entry in published]
    done_within(connection, (TaskKind.WRITE, TaskKind.REVIEW), slugs, at)
    drafted = gaps.c.entry.in_(slugs) & (gaps.c.state == GapState.DRAFTED)
    if connection.scalar(select(gaps.c.id).where(drafted).limit(1)) is None:
        return
    hold(connection, HELD)  # so that who is being grouped at this moment is told by one of the two
    closing = update(gaps).where(drafted).values(state=GapState.ANSWERED, closed_at=at)
    closed = {row.id: row.entry for row in connection.execute(closing.returning(gaps.c.id, gaps.c.entry))}
    loaded = at + _LOADED
    notices = notices_within(connection, closed)
    put_within(connection, [replace(n, not_before=max(n.not_before or loaded, loaded)) for n in notices], at)


def notices_within(connection: Connection, answered: Mapping[int, str]) -> list[Notice]:
    """What to tell whom, of groups and the entries that answer them; once for each time somebody asked to be told."""
    if not answered:
        return []
    told = _told_from(connection, set(answered.values()))
    newest = (
        select(func.max(answers.c.id))
        .where(answers.c.gap.in_(answered), answers.c.verb == "tell_me")
        .group_by(answers.c.gap, answers.c.conversation)
    )
    columns = (answers.c.id, answers.c.gap, answers.c.conversation, answers.c.channel, answers.c.question)
    return [
        Notice(
            key=f"answered:{row.id}",
            kind=ANSWERED,
            subject=answered[row.gap],
            conversation=row.conversation,
            channel=row.channel,
            content=row.question,
            not_before=told[answered[row.gap]],
        )
        for row in connection.execute(select(*columns).where(answers.c.id.in_(newest)))
        if answered[row.gap] in told
    ]


def _told_from(connection: Connection, slugs: set[str]) -> dict[str, datetime | None]:
    """From when citizens are told these entries; those for staff alone are missing."""
    published = select(entries.c.content).where(entries.c.slug.in_(slugs), entries.c.removed.is_(False))
    found = [Entry.model_validate_json(content) for content in connection.scalars(published)]
    return {
        entry.slug: china_moment(entry.effective_from) if entry.effective_from else None
        for entry in found
        if entry.visibility == "public"
    }
