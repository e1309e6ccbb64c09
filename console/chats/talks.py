"""What an agent does in talks with citizens: the page is one frame that its script (static/chats.js) fills."""

from secrets import token_hex

from aiohttp import web

from console.addresses import id_of
from console.chats.refusals import refusals_told
from console.forms import Form
from console.refusal import not_there
from console.visit import Visit
from handover.phrases import PHRASE_LIMIT, may_change
from knowledge_base.entry import Facet
from service.identity.roles import Role
from tickets.intake import ANONYMOUS, UNKNOWN_PLACE
from tickets.phone import display_phone, parse_phone
from tickets.ticket import Draft, Kind

_STORY_LIMIT, _PLACE_LIMIT, _NAME_LIMIT = 1000, 100, 20


async def show_chats(visit: Visit) -> web.Response:
    """The page."""
    kinds = [(kind.value, kind.label) for kind in Kind]
    actor = visit.actor
    return visit.page(
        "chats/page.html",
        form=Form(),
        kinds=kinds,
        is_agent=actor.is_any(Role.AGENT),
        for_everybody=may_change(actor, None),
        phrase_limit=PHRASE_LIMIT,
    )


@refusals_told
async def find_entries(visit: Visit) -> web.Response:
    """Entries for some words, by the very search that answers citizens."""
    return web.json_response({"entries": await visit.office.chats.entries(visit.actor, (await visit.form()).raw("q"))})


@refusals_told
async def change_duty(visit: Visit) -> web.Response:
    """On duty, or off."""
    desk, on = visit.office.chat_desk, (await visit.form()).raw("on") == "yes"
    await (desk.come(visit.actor) if on else desk.leave(visit.actor))
    return web.json_response({})


@refusals_told
async def take(visit: Visit) -> web.Response:
    """Take one who waits."""
    await visit.office.chat_desk.take(visit.actor, _number(visit))
    return web.json_response({})


@refusals_told
async def say(visit: Visit) -> web.Response:
    """Say something."""
    form = await visit.form()
    await visit.office.chat_desk.say(visit.actor, _number(visit), form.raw("message"), form.raw("text"))
    return web.json_response({})


@refusals_told
async def send_entry(visit: Visit) -> web.Response:
    """Send an entry's answer, or a facet of it."""
    form = await visit.form()
    facet = form.raw("facet")
    chosen = Facet(facet) if facet in set(Facet) else None
    desk = visit.office.chat_desk
    await desk.send_entry(visit.actor, _number(visit), form.raw("message"), form.raw("slug"), chosen)
    return web.json_response({})


@refusals_told
async def release(visit: Visit) -> web.Response:
    """Back into the queue."""
    await visit.office.chat_desk.release(visit.actor, _number(visit))
    return web.json_response({})


@refusals_told
async def transfer(visit: Visit) -> web.Response:
    """On to a colleague."""
    await visit.office.chat_desk.transfer(visit.actor, _number(visit), (await visit.form()).raw("to"))
    return web.json_response({})


@refusals_told
async def end(visit: Visit) -> web.Response:
    """Back to the assistant."""
    await visit.office.chat_desk.end(visit.actor, _number(visit))
    return web.json_response({})


@refusals_told
async def show_draft(visit: Visit) -> web.Response:
    """A ticket's draft out of what the citizen said."""
    draft = await visit.office.chat_desk.draft(visit.actor, _number(visit))
    return web.json_response(
        {
            "draft": draft.id,
            "kind": draft.kind.value,
            "description": draft.description,
            "place": draft.place,
            "name": draft.name,
            "phone": display_phone(draft.phone) if draft.phone else "",
        }
    )


@refusals_told
async def open_ticket(visit: Visit) -> web.Response:
    """Register what the citizen told."""
    number, form = _number(visit), await visit.form()
    kind = form.choice("kind", set(Kind), missing="请选一个类型。")
    description = form.text("description", missing="请写清楚是什么事。", limit=_STORY_LIMIT)
    phone = parse_phone(form.text("phone", missing="请留一个能联系到市民的电话。"))
    if phone is None:
        form.complain("phone", "这个电话号码不对，请核对。")
    place, name = form.text("place", limit=_PLACE_LIMIT), form.text("name", limit=_NAME_LIMIT)
    if not form.ok:
        return web.json_response({"errors": form.errors}, status=422)
    draft = Draft(
        id=form.raw("draft")[:50] or token_hex(16),
        kind=Kind(kind),
        channel="",  # the talk's
        conversation="",
        description=description,
        place=place or UNKNOWN_PLACE,
        name=name or ANONYMOUS,
        phone=phone,
    )
    ticket = await visit.office.chat_desk.open_ticket(visit.actor, number, draft)
    return web.json_response({"number": ticket.number})


def _number(visit: Visit) -> int:
    number = id_of(visit.match["number"])
    if number is None:
        raise not_there("没有找到这个会话")
    return number
