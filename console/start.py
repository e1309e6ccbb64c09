"""The start page: what needs somebody now; and the same counts for the rail."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import Connection

from console.area import Area, Glance, Need, RailItem, Route
from console.first_start.area import count_left
from console.rights import STAFF
from console.visit import Visit


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of something waits."""

    need: Need
    count: int


async def show_start(visit: Visit) -> web.Response:
    """What needs me now, and a few figures."""
    glances = [glance for area in visit.areas for glance in area.glances if visit.may(glance.path)]

    def work(connection: Connection) -> list[tuple[Glance, int]]:
        return [(glance, glance.count(visit.office, visit.actor)(connection)) for glance in glances]

    figures = await visit.office.database.read(work) if glances else []
    left = await visit.office.database.read(count_left(visit))
    return visit.page("start.html", waiting=await _waiting(visit), figures=figures, left=left)


async def show_counts(visit: Visit) -> web.Response:
    """The counts of the rail, and how long the session still lasts, for the script of an open page."""
    office, session = visit.office, visit.signed_in
    idle_ends = session.seen_at + office.sign_in.lifetimes.idle
    seconds = int((min(idle_ends, session.expires_at) - visit.now).total_seconds())
    counts = {each.need.key: each.count for each in await _waiting(visit)}
    extends = idle_ends < session.expires_at
    told = {"counts": counts, "seconds_left": seconds, "extends": extends, "form_key": visit.csrf}
    return web.json_response(told)


async def stay(visit: Visit) -> web.Response:
    """Somebody is still there: asking is enough, as it counts as something they did."""
    return web.Response(status=204)


async def _waiting(visit: Visit) -> Sequence[Waiting]:
    office, actor = visit.office, visit.actor
    needs = [
        (area, theirs)
        for area in visit.areas
        if (theirs := [need for need in area.needs if visit.may(need.path.partition("?")[0])])
    ]

    def work(connection: Connection) -> list[Waiting]:
        found = []
        for area, theirs in needs:
            together = area.counts(office, actor)(connection) if area.counts else {}
            found += [
                Waiting(need, need.count(office, actor)(connection) if need.count else together.get(need.key, 0))
                for need in theirs
            ]
        return found

    return await office.database.read(work)


AREA = Area(
    routes=(
        Route("GET", "/", STAFF, show_start, "首页"),
        Route("GET", "/counts", STAFF, show_counts, "左栏的数字", watches=True),
        Route("POST", "/stay", STAFF, stay, "继续工作"),
    ),
    rail=(RailItem("首页", "home", "/"),),
)
