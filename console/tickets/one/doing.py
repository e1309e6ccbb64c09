"""A move made from the page of a ticket: what is missing or refused is said there, and what was typed stays."""

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Form
from console.refusal import not_there
from console.tickets.one.asking import DRAFTED, WORDS, asked, given_of, see_category
from console.tickets.one.facts import Facts, facts_of
from console.tickets.one.page import ticket_page
from console.tickets.one.words import doubts
from console.tickets.own import number_in, own
from console.visit import Visit
from tickets.given import Given
from tickets.moves import Verb
from tickets.refusal import MoveNotAllowed, WordsRefused
from tickets.replies.drafts import drop_within
from tickets.ticket import Ticket

_UNDONE_BY = {Verb.MERGE: Verb.SEPARATE, Verb.SUSPEND: Verb.RESUME}
"""What takes a move back, where the table has such a move for the same people."""

_BACK = {"dispatching": "/dispatching"}


async def make_move(visit: Visit) -> web.Response:
    """Move a ticket."""
    number, verb, form = number_in(visit), _verb_in(visit), await visit.form()
    lifecycle = visit.office.desk.lifecycle
    ticket, _ = await visit.office.database.read(own(lifecycle, visit.actor, number))
    given = given_of(verb, form, ticket)
    see_category(form, visit.office.categories)
    if not form.ok:
        return await _again(visit, number, verb, form, status=422)
    step = lifecycle.unit_of_work(visit.actor, number, verb, given, form.number("revision"))

    def work(connection: Connection) -> Ticket:
        moved = step(connection)
        if verb in DRAFTED:
            drop_within(connection, moved.id, visit.actor.name)
        return moved

    try:
        moved = await visit.office.database.write(work)
    except WordsRefused as refused:
        return await _refused_words(visit, number, verb, form, given, refused)
    except MoveNotAllowed as refused:
        return await _refused(visit, number, verb, form, str(refused))
    undo = _UNDONE_BY.get(verb)
    path = f"/tickets/{number}"
    said = f"{verb.label}完成，现在是“{moved.state.staff_label}”。"
    return visit.go(_BACK.get(form.raw("back"), path), said, undo=f"{path}/moves/{undo}" if undo else "")


async def _refused(visit: Visit, number: str, verb: Verb, form: Form, why: str) -> web.Response:
    facts = await _facts(visit, number)
    seen = form.number("revision")
    missed = 0 if seen is None else facts.whole.revision - seen
    if missed <= 0:
        fields = asked(verb, facts.whole)
        form.complain(fields[0] if fields else "move", why)
        return await ticket_page(visit, facts, verb, form, status=422)
    form.complain("move", "您看的时候，这张工单刚刚有了变化。您写的都还在：请看看下面的变化，再决定要不要提交。")
    return await ticket_page(visit, facts, verb, form, status=409, missed=missed)


async def _refused_words(
    visit: Visit, number: str, verb: Verb, form: Form, given: Given, refused: WordsRefused
) -> web.Response:
    name = WORDS[verb]
    found = doubts(getattr(given, name), refused.findings)
    hard = any(doubt.stops for doubt in found)
    form.complain(
        name, "有几处必须改好才能发，见下面。" if hard else "有几处请再看一眼：改一下，或者在下面勾选确认没有问题。"
    )
    return await ticket_page(visit, await _facts(visit, number), verb, form, status=422, found=found)


async def _again(visit: Visit, number: str, verb: Verb, form: Form, *, status: int) -> web.Response:
    return await ticket_page(visit, await _facts(visit, number), verb, form, status=status)


async def _facts(visit: Visit, number: str) -> Facts:
    return await visit.office.database.read(facts_of(visit.office, visit.actor, number, visit.now))


def _verb_in(visit: Visit) -> Verb:
    name = visit.match["verb"]
    if name not in set(Verb):
        raise not_there("没有这样的操作")
    return Verb(name)
