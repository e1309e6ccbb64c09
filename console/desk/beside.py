"""What stands beside a request while it is written down: the caller's earlier tickets, the same matter, suggestions."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy import Connection

from console.desk.request import PLACE_LIMIT, STORY_LIMIT
from console.forms import Form
from console.office import Office
from console.tickets.by_phone import made_with
from console.visit import Visit
from service.encryption import Cipher
from service.identity.roles import Actor
from tickets.alarms.judge import judge_words
from tickets.categories import Category
from tickets.gazetteer import Location
from tickets.masking import seen_by
from tickets.phone import display_phone, parse_phone
from tickets.recurrence import Known
from tickets.ticket import Ticket

_EARLIER = 5
_PLACES = 8
_TYPED_LEAST = 2
_ENOUGH_STORY = 6  # characters; less is like everything


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it, masked as the rules say.

    Attributes:
        phone: as it is written; empty where none, or none that can be, was given.
        name: how the caller was called before, masked.
        places: names of the gazetteer that begin like what was typed, with where they are.
        location: where the place is, as far as it is known.
        category: the one whose words are used.
        danger: what sounds dangerous; empty otherwise.
    """

    phone: str
    name: str
    earlier: list[Ticket]
    similar: list[Known]
    places: list[tuple[str, Location]]
    location: Location | None
    category: Category | None
    danger: str


async def show_beside(visit: Visit) -> web.Response:
    """The part of the page beside the form, for its script."""
    return visit.page("desk/beside.html", beside=await beside(visit, await visit.form()))


async def beside(visit: Visit, form: Form) -> Beside:
    """What is known about a request as it is written so far."""
    office, actor = visit.office, visit.actor
    phone = parse_phone(form.raw("phone"))
    description, place = form.text("description")[:STORY_LIMIT], form.text("place")[:PLACE_LIMIT]
    earlier = await office.database.read(_earlier_of(office, actor, phone)) if phone else []
    known = await _similar(office, description, place, phone)
    gazetteer = office.desk.lifecycle.gazetteer
    alarm = judge_words(0, description)
    return Beside(
        phone=display_phone(phone) if phone else "",
        name=next((ticket.requester_name for ticket in earlier if ticket.requester_name), ""),
        earlier=earlier,
        similar=[replace(each, ticket=seen_by(actor, each.ticket)) for each in known],
        places=gazetteer.names_like(place, _PLACES) if len(place) >= _TYPED_LEAST else [],
        location=gazetteer.find(place) or gazetteer.find(description),
        category=office.categories.suggested_for(description),
        danger=alarm.title if alarm else "",
    )


def _earlier_of(office: Office, actor: Actor, phone: str) -> Callable[[Connection], list[Ticket]]:
    """A unit of work: the newest tickets made with a phone, masked."""
    made = made_with(office.desk.lifecycle.cipher, phone, _EARLIER)
    return lambda connection: [seen_by(actor, ticket) for ticket in made(connection)]


def name_of(cipher: Cipher, phone: str | None) -> Callable[[Connection], str | None]:
    """A unit of work: how the owner of a phone was called last."""

    def work(connection: Connection) -> str | None:
        made = made_with(cipher, phone, _EARLIER)(connection) if phone else []
        return next((ticket.requester_name for ticket in made if ticket.requester_name), None)

    return work


async def _similar(office: Office, description: str, place: str, phone: str | None) -> list[Known]:
    if len(description) < _ENOUGH_STORY:
        return []
    return await office.recurrence.known(description, place, phone)
