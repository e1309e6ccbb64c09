"""Whom a ticket shows how much of its requester: masked by default, nothing at all where it is confidential."""

from dataclasses import replace

from service.identity.roles import Actor
from service.privacy import mask_home, mask_name, mask_personal_data
from tickets.parties import CITIZEN, PROGRAM
from tickets.ticket import Kind, Ticket

WITHHELD = "不公开"


def is_confidential(ticket: Ticket) -> bool:
    """Whether units must not learn who said it: it was asked for, or it is a report (举报)."""
    return ticket.confidential or ticket.kind is Kind.REPORT


def is_withheld(actor: Actor, ticket: Ticket) -> bool:
    """Whether somebody must not learn who made a request, whatever their reason: a unit, of a confidential one."""
    return bool(actor.units) and is_confidential(ticket)


def seen_by(actor: Actor, ticket: Ticket) -> Ticket:
    """A ticket as somebody sees it without having asked for the full data.

    The description is what the citizen wrote: it is shown, with the numbers in it masked. The place of a confidential
    request may be the home of who made it: units see it without the door.
    """
    if actor in (CITIZEN, PROGRAM):
        return ticket
    place = ticket.place and mask_personal_data(ticket.place)
    if is_withheld(actor, ticket):
        name: str | None = WITHHELD
        phone: str | None = WITHHELD
        place = place and mask_home(place)
    else:
        name = ticket.requester_name and mask_name(ticket.requester_name)
        phone = ticket.requester_phone and mask_personal_data(ticket.requester_phone.removeprefix("+86"))
    description = mask_personal_data(ticket.description)
    return replace(ticket, requester_name=name, requester_phone=phone, place=place, description=description)


def revealed_to(actor: Actor, ticket: Ticket) -> Ticket:
    """A ticket as somebody sees it who may ask for the full data, and has said why.

    A unit does not learn who made a confidential request, whatever the reason.
    """
    return seen_by(actor, ticket) if is_withheld(actor, ticket) else ticket
