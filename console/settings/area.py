"""The settings: every page of them, and the overview they are found on.

A page of settings is a module with `SECTIONS` and `ROUTES`; it is a line in `PAGES`.
"""

from collections.abc import Callable
from types import ModuleType

from sqlalchemy import Connection

from console.area import Area, Finder, Found, Need, RailItem, Route
from console.office import Office
from console.rights import ADMINISTRATORS
from console.settings import api_keys, history, ladders, overview, sms_limits, texts, thresholds, wechat_menu
from console.settings.categories import files as category_files
from console.settings.categories import pages as categories
from console.settings.deadlines import calendars, hours, supervision
from console.settings.deadlines import rules as time_rules
from console.settings.dispatch import files as dispatch_files
from console.settings.dispatch import pages as dispatch_list
from console.settings.dispatch import proposals as dispatch_proposals
from console.settings.overview import OVERVIEW, entries_that_fit
from console.settings.section import Section
from console.settings.units import files as unit_files
from console.settings.units import pages as units
from service.identity.roles import Actor

PAGES: tuple[ModuleType, ...] = (
    thresholds,
    texts,
    categories,
    category_files,
    ladders,
    sms_limits,
    wechat_menu,
    units,
    unit_files,
    dispatch_list,
    dispatch_files,
    dispatch_proposals,
    calendars,
    hours,
    time_rules,
    supervision,
    api_keys,
)
"""In the order of the overview."""

SECTIONS: tuple[Section, ...] = (
    *(section for page in PAGES for section in page.SECTIONS),
    Section(
        "首次设置",
        "开通前要看一遍的几样：名称、单位、账号、放假、微信短信、知识库",
        "/first-start",
        ADMINISTRATORS,
        "done",
        words="开始 向导 引导",
    ),
)

_FOUND = 5


def _find(office: Office, actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    fitting = entries_that_fit([each for each in SECTIONS if each.rights.allow(actor)], office, text)[:_FOUND]
    return lambda _connection: [Found(each.title, each.path) for each in fitting]


AREA = Area(
    routes=(
        Route("GET", "/settings", OVERVIEW, overview.show(SECTIONS), "设置"),
        *history.ROUTES,
        *(route for page in PAGES for route in page.ROUTES),
    ),
    rail=(RailItem("设置", "settings", "/settings", about="名称、文案、分类、时限和通知"),),
    needs=(Need("missing_years", "年的放假安排要录入", "/settings/calendars", calendars.count_missing_years),),
    finders=(Finder("设置", OVERVIEW, _find, "设置的名称"),),
)
