"""Tickets and what belongs to them, as the API tells them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from channels.api.models import (
    AttachmentShown,
    MoveShown,
    TicketShown,
    TimelineLine,
    UnitShown,
)
from service.clock import CHINA
from service.privacy import mask_personal_data
from tickets.attachments.store import Attachment
from tickets.masking import is_confidential
from tickets.moves import MOVES, Verb
from tickets.tables import tickets
from tickets.ticket import Ticket, TimelineItem
from tickets.units import names


def shown(connection: Connection, found: Sequence[Ticket], *, masked: bool = True) -> list[TicketShown]:
    """Tickets with the names of their units.

    Args:
        masked: what they say of themselves; masking itself is done before.
    """
    units = names(code for ticket in found for code in (ticket.lead, ticket.called) if code)(connection)
    others = {ticket.merged_into for ticket in found if ticket.merged_into is not None}
    numbered = select(tickets.c.id, tickets.c.number).where(tickets.c.id.in_(others))
    numbers = {row.id: row.number for row in connection.execute(numbered)} if others else {}

    def unit(code: str | None) -> UnitShown | None:
        return None if code is None else UnitShown(code=code, name=units.get(code))

    return [
        TicketShown(
            number=ticket.number,
            kind=ticket.kind,
            kind_label=ticket.kind.label,
            state=ticket.state,
            state_label=ticket.state.staff_label,
            revision=ticket.revision,
            urgency=ticket.urgency,
            channel=ticket.channel,
            description=ticket.description,
            place=ticket.place,
            street=ticket.street,
            community=ticket.community,
            requester_name=ticket.requester_name,
            requester_phone=ticket.requester_phone,
            masked=masked,
            confidential=is_confidential(ticket),
            matter=ticket.matter,
            category=ticket.category,
            lead=unit(ticket.lead),
            called=unit(ticket.called),
            handler=ticket.handler,
            returns=ticket.returns,
            reworks=ticket.reworks,
            extensions=ticket.extensions,
            asked_extension=ticket.asked_extension,
            outcome=ticket.outcome,
            merged_into=None if ticket.merged_into is None else numbers.get(ticket.merged_into),
            external=ticket.external,
            created_at=_china(ticket.created_at),
            promised_at=_china(ticket.promised_at),
            step_due=_or_none(ticket.step_due),
            dispatched_at=_or_none(ticket.dispatched_at),
            urged_at=_or_none(ticket.urged_at),
            updated_at=_china(ticket.updated_at),
            closed_at=_or_none(ticket.closed_at),
        )
        for ticket in found
    ]


def shown_line(item: TimelineItem) -> TimelineLine:
    """A line of the timeline; numbers in its note are masked."""
    return TimelineLine(
        at=_china(item.at),
        actor=item.actor,
        unit=item.unit,
        verb=item.verb,
        label=Verb(item.verb).label,
        source=item.source,
        target=item.target,
        note=None if item.note is None else mask_personal_data(item.note),
        details=dict(item.details),
    )


def shown_move(verb: Verb) -> MoveShown:
    """A move that is possible."""
    move = MOVES[verb]
    return MoveShown(verb=verb, label=move.label, target=move.target, needs=list(move.needs))


def shown_file(attachment: Attachment) -> AttachmentShown:
    """A file of a ticket."""
    return AttachmentShown(
        id=attachment.id,
        name=attachment.name,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=attachment.sha256,
        at=_china(attachment.at),
    )


def _china(moment: datetime) -> datetime:
    return moment.astimezone(CHINA)


def _or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else _china(moment)
