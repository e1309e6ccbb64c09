"""The settings: every page of them, and the overview they are found on.

A page of settings is a module with `SECTIONS` and `ROUTES`; it is a line in `PAGES`.
"""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import Connection

from console.area import Area, Finder, Found, RailItem, Route
from console.first_start.section import FIRST_START
from console.office import Office
from console.settings import (
    categories,
    category_files,
    history,
    ladders,
    overview,
    sms_limits,
    texts,
    thresholds,
    wechat_menu,
)
from console.settings.administration import ADMINISTRATION, NEEDS
from console.settings.overview import OVERVIEW, entries_that_fit
from console.settings.section import Section
from service.identity.roles import Actor

PAGES: tuple[ModuleType, ...] = (thresholds, texts, categories, category_files, ladders, sms_limits, wechat_menu)
"""In the order of the overview."""

SECTIONS: tuple[Section, ...] = (
    *(section for page in (*PAGES, *ADMINISTRATION) for section in page.SECTIONS),
    FIRST_START,
)

_FOUND = 5


def _find(office: Office, actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    fitting = entries_that_fit([each for each in SECTIONS if each.rights.allow(actor)], office, text)[:_FOUND]
    return lambda _connection: [Found(each.title, each.path) for each in fitting]


AREA = Area(
    routes=(
        Route("GET", "/settings", OVERVIEW, overview.show(SECTIONS), "设置"),
        *history.ROUTES,
        *(route for page in (*PAGES, *ADMINISTRATION) for route in page.ROUTES),
    ),
    rail=(RailItem("设置", "settings", "/settings", about="名称、文案、分类、时限和通知"),),
    needs=NEEDS,
    finders=(Finder("设置", OVERVIEW, _find, "设置的名称"),),
)
