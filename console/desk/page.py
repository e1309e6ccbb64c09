"""The page of the desk: as it was left, or with what to read to the caller about what was just registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from channels.hotline.numerals import said_phone
from console.desk.beside import beside
from console.desk.drafts import draft_of
from console.desk.guide import NO_GATEWAY
from console.desk.request import FIELDS, empty_form
from console.forms import Form
from console.tickets.one.words import Doubt
from console.tickets.options import category_options
from console.tickets.own import own
from console.visit import Visit
from service.clock import chinese_day
from tickets.number import find_number
from tickets.states import State
from tickets.ticket import Kind, Ticket
from tickets.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Saved:
    """What the caller is told of their ticket.

    Attributes:
        speech: to be read out, the number digit by digit.
    """

    number: str
    speech: str


async def show_desk(visit: Visit) -> web.Response:
    """The desk."""
    office = visit.office
    kept = await office.database.read(draft_of(visit.actor.name, office.desk.lifecycle.cipher))
    number = find_number(visit.query.get("saved", ""))
    saved = None
    if number:
        ticket, _ = await office.database.read(own(office.desk.lifecycle, visit.actor, number))
        saved = Saved(number, _speech(ticket))
    form = empty_form() if kept is None else Form.of({name: kept.fields.get(name, "") for name in FIELDS})
    return await desk_page(visit, form, kept_at=kept.at if kept else None, saved=saved)


async def desk_page(
    visit: Visit,
    form: Form,
    *,
    status: int = 200,
    found: Sequence[Doubt] = (),
    kept_at: datetime | None = None,
    saved: Saved | None = None,
) -> web.Response:
    """The page with a form.

    Args:
        found: what is to be looked at again in the answer.
        kept_at: when the form was left.
    """
    return visit.page(
        "desk/page.html",
        status=status,
        form=form,
        found=found,
        kept_at=kept_at,
        saved=saved,
        beside=await beside(visit, form),
        kinds=[(kind.value, kind.label) for kind in Kind],
        urgencies=[(urgency.value, urgency.label) for urgency in Urgency],
        categories=[("", "还不确定"), *category_options(visit.office.categories)],
        no_gateway="" if visit.office.guide_sms else NO_GATEWAY,
    )


def _speech(ticket: Ticket) -> str:
    number = "，".join(said_phone(part) for part in ticket.number.split("-"))
    if ticket.state is State.RESOLVED:
        return f"您的问题已经答复，编号是{number}。以后有变化，打12345报编号就能查。"
    return f"给您登记好了，编号是{number}。{chinese_day(ticket.promised_by)}前给您结果，随时可以打12345报编号查进展。"
