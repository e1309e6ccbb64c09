"""All that is known of one ticket, read at once for its page."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select

from console.office import Office
from console.tickets.by_phone import made_with
from console.tickets.one.history import Line, history, last
from console.tickets.one.notices import Told, notices_of
from console.tickets.own import own
from service.identity.accounts import Wanted, found
from service.identity.roles import UNIT_ROLES, Actor
from service.identity.staff import names_of
from service.privacy import mask_personal_data
from tickets.alarms.store import alarm_tickets
from tickets.alarms.store import alarms as alarm_table
from tickets.masking import is_withheld, revealed_to, seen_by
from tickets.moves import Verb, possible
from tickets.parties import parties_of
from tickets.records import ticket_of
from tickets.replies.drafts import draft_of
from tickets.replies.templates import ReplyTemplate, fitting
from tickets.states import State
from tickets.tables import links, tickets
from tickets.ticket import Ticket
from tickets.units import Unit, directory
from tickets.views import sees_every_ticket

_EARLIER = 5
_RELATED = 20
_ASKED_BY = {
    State.RETURN_REQUESTED: (Verb.REQUEST_RETURN,),
    State.EXTENSION_REQUESTED: (Verb.REQUEST_EXTENSION,),
    State.REPLIED: (Verb.REPLY,),
    State.CALLBACK: (Verb.REPLY,),
    State.DISPUTED: (Verb.DISPUTE,),
    State.SUSPENDED: (Verb.SUSPEND,),
}


@dataclass(frozen=True, slots=True)
class Related:
    """Another ticket, and why it stands here."""

    ticket: Ticket
    why: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page of a ticket shows.

    Attributes:
        whole: the ticket as it is, for what is checked; never shown.
        shown: as the one who looks may see it.
        withheld: whether they must not learn who asked, whatever their reason.
        lines: its timeline, oldest first.
        asked: what now has to be looked at: the reply to be checked, the reason of a return.
        handler: who works on it, as colleagues know them.
        people: who works in the lead unit, by username.
        rungs: of the ladder of supervision, by key.
    """

    whole: Ticket
    shown: Ticket
    withheld: bool
    involved: frozenset[str]
    verbs: list[Verb]
    units: list[Unit]
    lines: list[Line]
    asked: Line | None
    related: list[Related]
    earlier: list[Ticket]
    alarms: list[str]
    notices: list[Told]
    handler: str | None
    people: list[tuple[str, str]]
    rungs: list[tuple[str, str]]
    templates: list[ReplyTemplate]
    draft: str
    names: dict[str, str] = field(default_factory=dict)

    @property
    def supervision(self) -> Line | None:
        """The last rung of supervision that was taken."""
        return last(self.lines, Verb.SUPERVISE)


def facts_of(
    office: Office, actor: Actor, number: str, at: datetime, *, revealed: bool = False
) -> Callable[[Connection], Facts]:
    """A unit of work: what the page of a ticket shows somebody.

    Args:
        revealed: whether they asked for the full data and said why.
    """
    lifecycle = office.desk.lifecycle
    cipher = lifecycle.cipher
    mine = own(lifecycle, actor, number)

    def work(connection: Connection) -> Facts:
        ticket, involved = mine(connection)
        units = directory(connection)
        names = {unit.code: unit.name for unit in units}
        withheld = is_withheld(actor, ticket)
        masked = withheld or not revealed
        lines = history(connection, ticket.id, cipher, names, masked=masked)
        told = notices_of(connection, ticket.id, [line.id for line in lines], ticket.merged_into, cipher)
        hotline = sees_every_ticket(actor)
        supervision = lifecycle.time.timetable_within(connection, at).supervision
        return Facts(
            whole=ticket,
            shown=(revealed_to if revealed else seen_by)(actor, ticket),
            withheld=withheld,
            involved=involved,
            verbs=possible(ticket, parties_of(actor, ticket, involved)),
            units=units,
            lines=lines,
            asked=last(lines, *_ASKED_BY.get(ticket.state, ())),
            related=_related(connection, ticket, actor, office) if hotline else [],
            earlier=_earlier(connection, ticket, actor, office) if hotline else [],
            alarms=_alarms(connection, ticket) if hotline else [],
            notices=[replace(each, text=mask_personal_data(each.text)) for each in told] if masked else told,
            handler=ticket.handler and names_of([ticket.handler])(connection).get(ticket.handler, ticket.handler),
            people=_people(connection, ticket) if Verb.ASSIGN in possible(ticket, parties_of(actor, ticket)) else [],
            rungs=[(rung.key, rung.name) for rung in supervision.ladder.rungs],
            templates=fitting(actor, ticket.category)(connection),
            draft=draft_of(ticket.id, actor.name, cipher)(connection),
            names=names,
        )

    return work


def _related(connection: Connection, ticket: Ticket, actor: Actor, office: Office) -> list[Related]:
    """The one it was merged into, those merged into it, and those it is linked with."""
    linked = select(links.c.other_id).where(links.c.ticket_id == ticket.id)
    joined = select(tickets.c.id).where(tickets.c.merged_into == ticket.id)
    # The ids first: asked for in one condition, every ticket there is would be looked at.
    ids = {*connection.scalars(linked.limit(_RELATED)), *connection.scalars(joined.limit(_RELATED)), ticket.merged_into}
    statement = select(tickets).where(tickets.c.id.in_(ids - {None})).order_by(tickets.c.id.desc())
    found = []
    for row in connection.execute(statement):
        why = "并入了这一张" if row.id == ticket.merged_into else "并进来的" if row.merged_into == ticket.id else "关联"
        found.append(Related(seen_by(actor, ticket_of(row, office.desk.lifecycle.cipher)), why))
    return found


def _earlier(connection: Connection, ticket: Ticket, actor: Actor, office: Office) -> list[Ticket]:
    """Other tickets of the same requester, the newest first."""
    cipher = office.desk.lifecycle.cipher
    if ticket.requester_phone is None:
        return []
    made = made_with(cipher, ticket.requester_phone, _EARLIER + 1)(connection)
    return [seen_by(actor, each) for each in made if each.id != ticket.id][:_EARLIER]


def _alarms(connection: Connection, ticket: Ticket) -> list[str]:
    """The titles of open alarms it is behind."""
    statement = select(alarm_table.c.title).join(alarm_tickets, alarm_tickets.c.alarm_id == alarm_table.c.id)
    these = (alarm_tickets.c.ticket_id == ticket.id) & alarm_table.c.closed_at.is_(None)
    return list(connection.scalars(statement.where(these)))


def _people(connection: Connection, ticket: Ticket) -> list[tuple[str, str]]:
    theirs = (each for each in found(Wanted(disabled=False))(connection) if ticket.lead in each.units)
    return [(each.username, each.name) for each in theirs if not UNIT_ROLES.isdisjoint(each.roles)]
