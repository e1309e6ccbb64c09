"""The lists of tickets: whose work they are, narrowed as somebody likes, a page at a time."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.refusal import not_yours
from console.shown import counted
from console.tickets.lists.filters import NARROWED_BY, Chosen, chosen, is_narrowed, views_of
from console.tickets.lists.saved import NotSaved, drop_within, save_within, saved_by
from console.tickets.options import category_options, street_options
from console.tickets.own import URGENCIES, unit_names
from console.visit import Visit
from service.identity.roles import Role
from tickets.categories import Categories
from tickets.lists import COUNTED, ListRefused, counts, page
from tickets.masking import seen_by
from tickets.number import find_number
from tickets.states import State
from tickets.ticket import Kind
from tickets.units import Unit, directory
from tickets.urgency import Urgency
from tickets.views import VIEWS, sees_every_ticket

PAGE = 50
_UNCOUNTED = "all"
_NARROWED = ""  # the list as it is narrowed, among those by name


@dataclass(frozen=True, slots=True)
class Tab:
    """A list somebody can turn to.

    Attributes:
        count: how many stand in it, as shown; nothing for the list of all.
    """

    name: str
    label: str
    count: str | None


async def show_list(visit: Visit) -> web.Response:
    """The tickets of a list, or the one whose number was typed."""
    text = visit.query.get("q", "").strip()
    if text:
        return await _to_number(visit, text)
    list_ = chosen_by(visit)
    lifecycle, actor = visit.office.desk.lifecycle, visit.actor
    order, after = list_.view.order, visit.query.get("after")
    counting = _tabs(visit, list_)

    def work(connection: Connection) -> dict[str, Any]:
        found = page(list_.wanted, lifecycle.cipher, order=order, after=after, limit=PAGE)(connection)
        tabs, total = counting(connection)
        return {
            "tickets": [seen_by(actor, ticket) for ticket in found.tickets],
            "later": found.next,
            "names": unit_names(found.tickets)(connection),
            "total": total,
            "tabs": tabs,
            "saved": saved_by(actor.name)(connection),
            "units": directory(connection),
        }

    try:
        found = await visit.office.database.read(work)
    except ListRefused as refused:  # a place of another list
        return visit.go(f"/tickets?view={list_.name}", str(refused), good=False)
    later = found.pop("later")
    return visit.page(
        "tickets/list.html",
        **found,
        chosen=list_,
        later=visit.url(after=later) if later else None,
        narrowed=is_narrowed(visit.query),
        options=_options(visit, list_, found["units"]),
        bulk=_bulk(visit, list_),
        urgencies=URGENCIES,
        query=urlencode({name: visit.query[name] for name in ("view", *NARROWED_BY) if visit.query.get(name)}),
        may_reveal=actor.is_any(Role.SUPERVISOR),
    )


async def save_filter(visit: Visit) -> web.Response:
    """Keep the present filter under a name."""
    form = await visit.form()
    name, query = form.text("name"), urlencode(parse_qsl(form.text("query")))
    at, person = visit.now, visit.actor.name
    try:
        await visit.office.database.write(lambda connection: save_within(connection, person, name, query, at))
    except NotSaved as refused:
        return visit.go(f"/tickets?{query}", str(refused), good=False)
    return visit.go(f"/tickets?{query}", f"已存为“{name}”，在列表上方一点就到。")


async def drop_filter(visit: Visit) -> web.Response:
    """Forget a filter."""
    number = id_of(visit.match["filter"]) or 0
    await visit.office.database.write(lambda connection: drop_within(connection, visit.actor.name, number))
    return visit.go("/tickets", "这个筛选已经删掉。")


def chosen_by(visit: Visit) -> Chosen:
    """The list a visitor looks at.

    Raises:
        PageRefused: 403; none of it is theirs.
    """
    try:
        return chosen(visit.actor, visit.query, visit.now)
    except ListRefused as refused:
        raise not_yours(str(refused)) from refused


def _every_category(categories: Categories) -> list[tuple[str, str]]:
    """The categories tickets may be in, as options: those in use first."""
    retired = [
        (each.code, f"{each.code.replace('/', ' / ')}（停用）") for each in categories if each.parent and each.retired
    ]
    return category_options(categories) + retired


async def _to_number(visit: Visit, text: str) -> web.Response:
    number = find_number(text)
    if number is None:
        shown = text[:40]
        return visit.go("/tickets", f"“{shown}”不是完整的工单编号，编号像 20261121-00042-0。", good=False)
    return visit.go(f"/tickets/{number}")


def _tabs(visit: Visit, list_: Chosen) -> Callable[[Connection], tuple[list[Tab], str | None]]:
    """A unit of work: the lists somebody can turn to, and how many stand in the one they look at.

    Of all there ever were, a unit's would be counted by looking through everybody's.
    """
    views = {}
    for name, view in views_of(visit.actor).items():
        with suppress(ListRefused):
            views[name] = view, view.filter(visit.actor, visit.now)
    wanted = {name: filter_ for name, (_, filter_) in views.items() if name != _UNCOUNTED}
    looked_at = _NARROWED if list_.name == _UNCOUNTED or is_narrowed(visit.query) else list_.name
    if list_.name != _UNCOUNTED or sees_every_ticket(visit.actor):
        wanted.setdefault(looked_at, list_.wanted)
    counting = counts(list(wanted.values()))

    def work(connection: Connection) -> tuple[list[Tab], str | None]:
        numbers = zip(wanted, counting(connection), strict=True)
        shown = {name: counted(number, COUNTED) for name, number in numbers}
        return [Tab(name, view.label, shown.get(name)) for name, (view, _) in views.items()], shown.get(looked_at)

    return work


def _options(visit: Visit, list_: Chosen, units: Sequence[Unit]) -> dict[str, list[tuple[str, str]]]:
    in_view = VIEWS[list_.name].wanted(visit.now).states or frozenset(State)
    theirs = [unit for unit in units if sees_every_ticket(visit.actor) or unit.code in visit.actor.units]
    return {
        "state": [("", "全部"), *((state.value, state.staff_label) for state in State if state in in_view)],
        "kind": [("", "全部"), *((kind.value, kind.label) for kind in Kind)],
        "unit": [("", "全部"), *((unit.code, unit.name) for unit in theirs)],
        "category": [("", "全部"), *_every_category(visit.office.categories)],
        "street": [("", "全部"), *street_options(visit)[1:]],
        "urgency": [("", "全部"), *((urgency.value, urgency.label) for urgency in Urgency)],
    }


def _bulk(visit: Visit, list_: Chosen) -> frozenset[str]:
    """What can be done with several of a list at once."""
    done = set()
    if list_.name == "to_dispatch" and Role.DISPATCHER in visit.actor.roles:
        done.add("dispatch")
    if Role.AGENT in visit.actor.roles:
        done.add("urge")
    return frozenset(done)
