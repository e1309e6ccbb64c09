"""The overview of the settings: found by words, what was changed last and by whom, what begins soon."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from console.area import Handler
from console.office import Office
from console.rights import only
from console.settings.section import Changed, Entry, Section
from console.visit import Visit
from service.identity.roles import Role
from service.kept import versions
from service.kept.kind import Kind
from service.kept.versions import SettingsVersion

OVERVIEW = only(Role.ADMINISTRATOR, Role.SUPERVISOR, Role.DISPATCHER)
"""Who sees the overview; of its sections each sees those they may open."""

_LATEST = 8
_PLAIN = ("running", "deadlines")
"""Kinds whose parts have names of their own."""

_LONGEST = 60


def show(sections: Sequence[Section]) -> Handler:
    """The handler of the overview over these sections."""

    async def show_overview(visit: Visit) -> web.Response:
        mine = [section for section in sections if section.rights.allow(visit.actor)]
        text = visit.query.get("q", "").strip()[:_LONGEST]
        stores = visit.office.changeable.stores
        kinds = {name for section in mine for name in section.kinds if name in stores}
        told = {name: stores[name].kind for name in kinds}

        def look(connection: Connection) -> tuple[list[Changed], list[Changed]]:
            newest = versions.latest(_LATEST * 5)(connection)
            planned = versions.coming(visit.now)(connection)
            changed = [_kept(each, each.at, told[each.kind]) for each in newest if each.kind in kinds]
            coming = [_kept(each, each.effective_from, told[each.kind]) for each in planned if each.kind in kinds]
            for section in mine:
                changed += section.latest(_LATEST)(connection)
                coming += section.coming(connection)
            changed.sort(key=lambda each: each.at, reverse=True)
            return changed[:_LATEST], sorted(coming, key=lambda each: each.at)

        changed, coming = await visit.office.database.read(look)
        return visit.page(
            "settings/overview.html",
            sections=mine,
            text=text,
            found=entries_that_fit(mine, visit.office, text) if text else (),
            changed=changed,
            coming=coming,
        )

    return show_overview


def _kept(version: SettingsVersion, at: datetime, kind: Kind) -> Changed:
    """A version of what is kept, told with its kind where the part's name alone would not tell."""
    called = kind.called(version.part)
    title = called if kind.name in _PLAIN or called == kind.title else f"{kind.title}：{called}"
    note = f"{version.note}（已撤回）" if version.withdrawn_at else version.note
    return Changed(at, version.actor, title, history_path(kind.name, version.part), note)


def history_path(kind: str, part: str) -> str:
    """Where the history of a part is, below /console."""
    return f"/settings/history?{urlencode({'kind': kind, 'part': part})}"


def entries_that_fit(sections: Iterable[Section], office: Office, text: str) -> list[Entry]:
    """What can be set and has all the words somebody looks for; whole sections first."""
    words = text.lower().split()
    if not words:
        return []
    whole = [Entry(each.title, each.path, f"{each.about}{each.words}") for each in sections]
    single = [entry for section in sections for entry in section.entries(office)]
    return [each for each in whole + single if all(word in f"{each.title} {each.words}".lower() for word in words)]
