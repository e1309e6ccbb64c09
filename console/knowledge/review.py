"""The queue of reviewers: what waits to be looked at, what waits to be published, what one sent in oneself."""

from collections.abc import Callable

from aiohttp import web
from sqlalchemy import Connection, func, select

from console.knowledge.verbs import entry_path, lifecycle_of, title_of
from console.office import Office
from console.visit import Visit
from knowledge_base.catalogue import counts
from knowledge_base.import_reviews import HandedIn, ImportState, waiting_imports
from knowledge_base.reviewers import is_alone
from knowledge_base.tables import imports, versions
from knowledge_base.versions import MOVES, VersionState
from service.identity.roles import Actor

_SHOWN = 100


async def show_queue(visit: Visit) -> web.Response:
    """What waits, the longest waiting first."""
    desk, actor = lifecycle_of(visit.office), visit.actor
    submitted = await desk.in_state(VersionState.SUBMITTED, _SHOWN)
    approved = await desk.in_state(VersionState.APPROVED, _SHOWN)

    def read(connection: Connection) -> tuple[bool, dict[VersionState, int], int, list[HandedIn]]:
        others = count_to_review(visit.office, actor)(connection)
        return is_alone(connection, actor), counts(connection), others, waiting_imports(connection)

    alone, standing, others, handed = await visit.office.database.read(read)
    own = [each for each in submitted if each.author == visit.actor.name and not alone]
    return visit.page(
        "knowledge/review.html",
        to_review=[each for each in submitted if each not in own],
        own=own,
        handed=handed,
        approved=approved,
        waiting=others if actor.is_any(*MOVES["approve"].by) and not alone else standing[VersionState.SUBMITTED],
        more=max(standing[VersionState.SUBMITTED], standing[VersionState.APPROVED]) > _SHOWN,
        most=_SHOWN,
        title_of=title_of,
        path=entry_path,
    )


def count_to_review(_office: Office, actor: Actor) -> Callable[[Connection], int]:
    """How many versions wait that this reviewer did not write."""
    if not actor.is_any(*MOVES["approve"].by):
        return lambda _connection: 0
    others = (versions.c.state == VersionState.SUBMITTED) & (versions.c.author != actor.name)
    return lambda connection: connection.scalar(select(func.count()).select_from(versions).where(others)) or 0


def count_imports(_office: Office, actor: Actor) -> Callable[[Connection], int]:
    """How many files wait that this reviewer did not hand in."""
    if not actor.is_any(*MOVES["approve"].by):
        return lambda _connection: 0
    waiting = (imports.c.state == ImportState.SUBMITTED) & (imports.c.author != actor.name)
    return lambda connection: connection.scalar(select(func.count()).select_from(imports).where(waiting)) or 0
