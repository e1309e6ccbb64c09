"""The dispatcher's screen: new tickets one after another, each with units suggested and others like it beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Form
from console.shown import counted
from console.tickets.one.asking import see_category
from console.tickets.options import category_options, street_options
from console.tickets.own import URGENCIES, similar_to
from console.visit import Visit
from tickets.dispatch.dispatcher import Suggestion
from tickets.given import Given
from tickets.lists import COUNTED, ListRefused, count, page
from tickets.masking import seen_by
from tickets.moves import Verb
from tickets.number import find_number
from tickets.refusal import MoveNotAllowed
from tickets.ticket import Kind, Ticket
from tickets.units import Unit, codes, directory
from tickets.urgency import Urgency
from tickets.views import VIEWS

_VIEW = VIEWS["to_dispatch"]
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A unit that may be the right one.

    Attributes:
        key: the number key that chooses it.
        percent: how probable it is.
    """

    key: int
    code: str
    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The ticket that is looked at, and what waits behind it.

    Attributes:
        next: the place of the one after it; None: it is the last.
        waiting: how many there are in all, counted up to `COUNTED`.
        units: those a ticket can be given to.
    """

    ticket: Ticket | None
    next: str | None
    waiting: int
    units: list[Unit]


async def show_next(visit: Visit) -> web.Response:
    """The ticket that has to be dispatched first, or the one after a place in the list."""
    return await _page(visit, visit.query.get("after"))


async def dispatch(visit: Visit) -> web.Response:
    """Put a ticket into its class if that changed, ask a unit, and go on to the next."""
    form = await visit.form()
    number, after = form.text("number"), form.text("after") or None
    unit = form.text("choice", missing="请选择派给哪个单位：按 1、2、3，或者从名单里选。")
    if unit == _OTHER:
        unit = form.text("unit", missing="请从名单里选单位。")
    category, kind, urgency, street = (form.text(name) for name in ("category", "kind", "urgency", "street"))
    see_category(form, visit.office.categories)
    if form.ok and find_number(number) == number:
        given = Given.of(unit=unit, units=tuple(form.several("units")), reason=form.text("reason"))
        wanted = {
            "category": category or None,
            "street": street or None,
            "kind": Kind(kind) if kind in set(Kind) else None,
            "urgency": Urgency(urgency) if urgency in set(Urgency) else None,
        }
        try:
            await visit.office.database.write(lambda connection: _dispatch(visit, connection, form, given, wanted))
        except MoveNotAllowed as refused:
            form.complain("choice", str(refused))
        else:
            said = f"{number} 已派出，单位和诉求人都会收到通知。"
            return visit.go(f"/dispatching?after={after}" if after else "/dispatching", said)
    return await _page(visit, after, form, number)


def _dispatch(visit: Visit, connection: Connection, form: Form, given: Given, wanted: Mapping[str, Any]) -> Ticket:
    """Both moves or neither."""
    lifecycle, number, revision = visit.office.desk.lifecycle, form.text("number"), form.number("revision")
    before = {name: form.text(f"was_{name}") for name in wanted}
    changed = {name: value for name, value in wanted.items() if value is not None and value != before[name]}
    if changed:
        classify = lifecycle.unit_of_work(visit.actor, number, Verb.CLASSIFY, Given(**changed), revision)
        revision = classify(connection).revision
    return lifecycle.unit_of_work(visit.actor, number, Verb.DISPATCH, given, revision)(connection)


async def _page(visit: Visit, after: str | None, form: Form | None = None, number: str = "") -> web.Response:
    queue = await visit.office.database.read(_queue(visit, after))
    ticket = queue.ticket
    if ticket is None:
        if after is not None and queue.waiting:
            return visit.go("/dispatching", "后面没有了，从头再看一遍先放下的。")
        return visit.page("tickets/all_dispatched.html")
    suggestion = await visit.office.routing.suggest(ticket)
    suggested, assisting = await _named(visit, suggestion)
    return visit.page(
        "tickets/dispatching.html",
        status=200 if form is None else 422,
        ticket=seen_by(visit.actor, ticket),
        next=queue.next,
        after=after or "",
        waiting=counted(queue.waiting, COUNTED),
        units=queue.units,
        unit_options=[(unit.code, unit.name) for unit in queue.units],
        names={unit.code: unit.name for unit in queue.units},
        suggestion=suggestion,
        suggested=suggested,
        form=form if form is not None and number == ticket.number else _first(ticket, suggested, assisting),
        gone="" if form is None or number == ticket.number else form.errors.get("choice", ""),
        similar=await similar_to(visit, ticket),
        can_join=True,
        back="dispatching",
        files=await visit.office.attachments.of_ticket(ticket.id),
        streets=street_options(visit),
        categories=[("", "未分类"), *category_options(visit.office.categories, ticket.category)],
        kinds=[(kind.value, kind.label) for kind in Kind],
        urgency_options=[(urgency.value, urgency.label) for urgency in Urgency],
        urgencies=URGENCIES,
    )


def _queue(visit: Visit, after: str | None) -> Callable[[Connection], Queue]:
    """A unit of work: the queue from a place on; from its beginning where that is none."""
    cipher, wanted = visit.office.desk.lifecycle.cipher, _VIEW.filter(visit.actor, visit.now)

    def work(connection: Connection) -> Queue:
        try:
            found = page(wanted, cipher, order=_VIEW.order, after=after, limit=1)(connection)
        except ListRefused:
            found = page(wanted, cipher, order=_VIEW.order, limit=1)(connection)
        units = [unit for unit in directory(connection) if unit.active]
        return Queue(next(iter(found.tickets), None), found.next, count(wanted)(connection), units)

    return work


async def _named(visit: Visit, suggestion: Suggestion) -> tuple[list[Suggested], list[str]]:
    """The suggested units that are kept, and the codes of those to assist."""
    named = [*(each.unit for each in suggestion.units), *suggestion.assisting]
    known = await visit.office.database.read(codes(named))
    chances = [
        (known[each.unit], each.unit, round(each.chance * 100)) for each in suggestion.units if each.unit in known
    ]
    found = [Suggested(key, *one) for key, one in enumerate(chances, 1)]
    return found, [known[name] for name in suggestion.assisting if name in known]


def _first(ticket: Ticket, suggested: list[Suggested], assisting: list[str]) -> Form:
    """The form as it is shown first: nothing is chosen for the dispatcher, but what goes with the choice is."""
    values: dict[str, Any] = {"category": ticket.category or "", "kind": ticket.kind, "urgency": ticket.urgency}
    values["street"] = ticket.street or ""
    return Form.of(values | {"units": assisting, "choice": "" if suggested else _OTHER})
