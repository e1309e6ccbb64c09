"""The search of the top bar: whatever the areas find, under their names."""

from aiohttp import web
from sqlalchemy import Connection

from console.area import Area, Finder, Found, Route
from console.rights import STAFF
from console.visit import Visit

_LONGEST = 200


async def show_search(visit: Visit) -> web.Response:
    """What was found; pages of the rail are found by their names."""
    text = visit.query.get("q", "").strip()[:_LONGEST]
    finders = [finder for area in visit.areas for finder in area.finders if finder.rights.allow(visit.actor)]

    def work(connection: Connection) -> list[tuple[Finder, list[Found]]]:
        found = [(finder, finder.find(visit.office, visit.actor, text)(connection)) for finder in finders]
        return [(finder, things) for finder, things in found if things]

    pages = [item for item in visit.rail() if text and text in item.title]
    found = await visit.office.database.read(work) if text else []
    return visit.page("search.html", text=text, pages=pages, found=found)


AREA = Area(routes=(Route("GET", "/search", STAFF, show_search, "搜索"),))
