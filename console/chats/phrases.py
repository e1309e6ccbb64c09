"""The phrases beside a talk (常用语): one's own and the hotline's, as JSON for static/chats.js."""

from aiohttp import web

from console.addresses import id_of
from console.chats.refusals import refusals_told
from console.refusal import not_there
from console.visit import Visit
from handover.phrases import Phrase, add_within, may_change, remove_within, usable
from service.identity.roles import Actor


async def show_phrases(visit: Visit) -> web.Response:
    """What one may say at a press."""
    found = await visit.office.database.read(usable(visit.actor))
    return web.json_response({"phrases": [_shown(visit.actor, phrase) for phrase in found]})


@refusals_told
async def add_phrase(visit: Visit) -> web.Response:
    """Keep one, for oneself or for everybody."""
    form, actor, at = await visit.form(), visit.actor, visit.now
    text, person = form.text("text"), None if form.raw("for") == "hotline" else actor.name
    await visit.office.database.write(lambda connection: add_within(connection, actor, text, person, at))
    return await show_phrases(visit)


@refusals_told
async def remove_phrase(visit: Visit) -> web.Response:
    """Take one away; what is answered has what is needed to put it back."""
    number = id_of(visit.match["phrase"])
    if number is None:
        raise not_there("没有这条常用语")
    actor = visit.actor
    gone = await visit.office.database.write(lambda connection: remove_within(connection, actor, number))
    return web.json_response({"gone": _shown(actor, gone)})


def _shown(actor: Actor, phrase: Phrase) -> dict[str, object]:
    return {
        "id": phrase.id,
        "text": phrase.text,
        "for": "hotline" if phrase.person is None else "me",
        "may_remove": may_change(actor, phrase.person),
    }
