"""Help with a reply while it is written: what is wrong with it, what was written often, what was written last time."""

from dataclasses import asdict

from aiohttp import web
from sqlalchemy import Connection

from console.tickets.one.asking import DRAFTED, WORDS
from console.tickets.one.words import read_words
from console.tickets.own import number_in, own
from console.visit import Visit
from tickets.effects.words import earlier_replies
from tickets.given import TEXT_LIMIT
from tickets.moves import Verb
from tickets.replies.drafts import keep_within
from tickets.ticket import Ticket
from tickets.units import names


async def check_words(visit: Visit) -> web.Response:
    """What is wrong with words so far, for the script of the form; a reply is kept as a draft on the way."""
    number, form = number_in(visit), await visit.form()
    verb, text, unit = form.raw("verb"), form.raw("text")[:TEXT_LIMIT], form.raw("unit")
    lifecycle, actor = visit.office.desk.lifecycle, visit.actor
    mine = own(lifecycle, actor, number)

    def look(connection: Connection) -> tuple[Ticket, list[str], str | None]:
        ticket, _ = mine(connection)
        earlier = earlier_replies(ticket.id, lifecycle.cipher)(connection)
        return ticket, earlier, names([unit])(connection).get(unit)

    ticket, earlier, named = await visit.office.database.read(look)
    if verb in DRAFTED:
        at = visit.now
        await visit.office.database.write(
            lambda connection: keep_within(connection, lifecycle.cipher, ticket.id, actor.name, text, at)
        )
    if verb not in WORDS or not text.strip():
        return web.json_response({"findings": []})
    found = read_words(Verb(verb), text, ticket, earlier, route=form.raw("route"), named_unit=named)
    return web.json_response({"findings": [asdict(doubt) for doubt in found]})
