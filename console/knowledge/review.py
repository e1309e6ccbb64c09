"""The queue of reviewers: what waits to be looked at, what waits to be published, what one sent in oneself."""

from collections.abc import Callable

from aiohttp import web
from sqlalchemy import Connection, func, select

from console.knowledge.verbs import entry_path, title_of
from console.office import Office
from console.visit import Visit
from knowledge_base.catalogue import Written, in_state
from knowledge_base.reviewers import is_alone
from knowledge_base.tables import versions
from knowledge_base.versions import MOVES, VersionState
from service.identity.roles import Actor

_SHOWN = 100


async def show_queue(visit: Visit) -> web.Response:
    """What waits, the longest waiting first."""

    def read(connection: Connection) -> tuple[list[Written], list[Written], bool]:
        waiting = (VersionState.SUBMITTED, VersionState.APPROVED)
        submitted, approved = (in_state(state, lambda _entry: True, _SHOWN)(connection) for state in waiting)
        return submitted[::-1], approved[::-1], is_alone(connection, visit.actor)

    submitted, approved, alone = await visit.office.database.read(read)
    own = [each for each in submitted if each.author == visit.actor.name and not alone]
    return visit.page(
        "knowledge/review.html",
        to_review=[each for each in submitted if each not in own],
        own=own,
        approved=approved,
        title_of=title_of,
        path=entry_path,
    )


def count_to_review(_office: Office, actor: Actor) -> Callable[[Connection], int]:
    """How many versions wait that this reviewer did not write."""
    if not actor.is_any(*MOVES["approve"].by):
        return lambda _connection: 0
    others = (versions.c.state == VersionState.SUBMITTED) & (versions.c.author != actor.name)
    return lambda connection: connection.scalar(select(func.count()).select_from(versions).where(others)) or 0
