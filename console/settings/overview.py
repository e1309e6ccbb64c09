"""The overview of the settings: found by words, what was changed last and by whom, what begins soon."""

from collections.abc import Iterable, Sequence

from aiohttp import web

from console.area import Handler
from console.office import Office
from console.rights import only
from console.settings.section import Entry, Section
from console.visit import Visit
from service.identity.roles import Role
from service.kept import versions

OVERVIEW = only(Role.ADMINISTRATOR, Role.SUPERVISOR, Role.DISPATCHER)
"""Who sees the overview; of its sections each sees those they may open."""

_LATEST = 8
_LONGEST = 60


def show(sections: Sequence[Section]) -> Handler:
    """The handler of the overview over these sections."""

    async def show_overview(visit: Visit) -> web.Response:
        mine = [section for section in sections if section.rights.allow(visit.actor)]
        text = visit.query.get("q", "").strip()[:_LONGEST]
        stores = visit.office.changeable.stores
        kinds = {name for section in mine for name in section.kinds if name in stores}
        changed = await visit.office.database.read(versions.latest(_LATEST * 5))
        coming = await visit.office.database.read(versions.coming(visit.now))
        return visit.page(
            "settings/overview.html",
            sections=mine,
            text=text,
            found=entries_that_fit(mine, visit.office, text) if text else (),
            changed=[each for each in changed if each.kind in kinds][:_LATEST],
            coming=[each for each in coming if each.kind in kinds],
            kinds={name: stores[name].kind for name in kinds},
        )

    return show_overview


def entries_that_fit(sections: Iterable[Section], office: Office, text: str) -> list[Entry]:
    """What can be set and has all the words somebody looks for; whole sections first."""
    words = text.lower().split()
    if not words:
        return []
    whole = [Entry(each.title, each.path, f"{each.about}{each.words}") for each in sections]
    single = [entry for section in sections for entry in section.entries(office)]
    return [each for each in whole + single if all(word in f"{each.title} {each.words}".lower() for word in words)]
