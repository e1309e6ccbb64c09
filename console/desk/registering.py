"""What becomes of a call: a ticket, one answered on the spot, one merged with another, or more for an old one."""

from collections.abc import Callable

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from console.desk.beside import name_of
from console.desk.drafts import drop_within, keep_within
from console.desk.page import desk_page
from console.desk.request import ANSWER_LIMIT, FIELDS, WRITTEN, draft_from, new_draft
from console.forms import Form
from console.tickets.one.words import doubts
from console.visit import Visit
from tickets.given import Given
from tickets.moves import Verb
from tickets.number import find_number
from tickets.phone import parse_phone
from tickets.refusal import MoveNotAllowed, WordsRefused
from tickets.ticket import Draft, Ticket

_Step = tuple[Verb, Given]


async def register(visit: Visit) -> web.Response:
    """Register the request; or add it to a ticket the caller has already."""
    form = await visit.form()
    if form.raw("add"):
        return await _add(visit, form)
    lifecycle = visit.office.desk.lifecycle
    name = await visit.office.database.read(name_of(lifecycle.cipher, parse_phone(form.raw("phone"))))
    draft = draft_from(form, visit.office.categories, name)
    step = _step(form)
    if not form.ok:
        return await desk_page(visit, form, status=422)
    try:
        ticket = await visit.office.database.write(_registered(visit, draft, step))
    except IntegrityError:  # sent before
        ticket = await lifecycle.submit(visit.actor, draft)
        if (ticket.description, ticket.requester_phone) != (draft.description, draft.phone):
            return await _another_request(visit, form, ticket)
    except WordsRefused as refused:
        form.complain("answer", "答复里有几处请再看一眼，见下面；改一下，或者勾选确认。")
        return await desk_page(visit, form, status=422, found=doubts(form.raw("answer"), refused.findings))
    except MoveNotAllowed as refused:
        form.complain("answer" if step and step[0] is Verb.ANSWER else "description", str(refused))
        return await desk_page(visit, form, status=422)
    return visit.go(f"/desk?saved={ticket.number}")


async def _another_request(visit: Visit, form: Form, before: Ticket) -> web.Response:
    """A form that was registered and then written anew, in another window or on the way back: nothing of it is lost."""
    anew = Form.of({name: form.raw(name) for name in FIELDS} | {"draft": new_draft()})
    said = f"这张表已经登记成 {before.number}，现在写的和它不一样，还没有登记。是另一件事，就再按一次“登记”。"
    anew.complain("description", said)
    return await desk_page(visit, anew, status=409)


async def keep_draft(visit: Visit) -> web.Response:
    """Keep the form as it stands; nothing is kept of nothing."""
    form = await visit.form()
    fields = {name: form.raw(name) for name in FIELDS}
    person, at, cipher = visit.actor.name, visit.now, visit.office.desk.lifecycle.cipher

    def work(connection: Connection) -> None:
        if any(fields[name].strip() for name in WRITTEN):
            keep_within(connection, cipher, person, fields, at)
        else:
            drop_within(connection, person)

    await visit.office.database.write(work)
    return web.Response(status=204)


async def drop_draft(visit: Visit) -> web.Response:
    """Begin with the next call."""
    await visit.office.database.write(lambda connection: drop_within(connection, visit.actor.name))
    return visit.go("/desk")


def _step(form: Form) -> _Step | None:
    """What is done with the new ticket at once."""
    if form.raw("merge"):
        return Verb.MERGE, Given.of(other=find_number(form.raw("merge")) or "")
    if form.raw("do") != "answer":
        return None
    told = form.text("answer", missing="请写上当场答复了什么。", limit=ANSWER_LIMIT)
    return Verb.ANSWER, Given.of(text=told, confirmed=frozenset(form.several("confirmed")))


def _registered(visit: Visit, draft: Draft, step: _Step | None) -> Callable[[Connection], Ticket]:
    """A unit of work: the ticket, and what is done with it, whole or not at all."""
    lifecycle, actor = visit.office.desk.lifecycle, visit.actor

    def work(connection: Connection) -> Ticket:
        ticket = lifecycle.submit_within(connection, actor, draft)
        if step is not None:
            ticket = lifecycle.unit_of_work(actor, ticket.number, *step)(connection)
        drop_within(connection, actor.name)
        return ticket

    return work


async def _add(visit: Visit, form: Form) -> web.Response:
    number, actor = find_number(form.raw("add")) or "", visit.actor
    told = form.text("description", missing="请写上来电人补充了什么。", limit=ANSWER_LIMIT)
    if not form.ok:
        return await desk_page(visit, form, status=422)
    add = visit.office.desk.lifecycle.unit_of_work(actor, number, Verb.ADD, Given.of(text=told))

    def work(connection: Connection) -> None:
        add(connection)
        drop_within(connection, actor.name)

    try:
        await visit.office.database.write(work)
    except MoveNotAllowed as refused:
        form.complain("description", str(refused))
        return await desk_page(visit, form, status=422)
    return visit.go("/desk", f"已补充到 {number}，承办单位会看到。")
