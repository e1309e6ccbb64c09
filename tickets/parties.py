"""Who somebody is to a ticket: its requester, its lead unit's head, a dispatcher … A move asks for one of these."""

from enum import StrEnum

from service.identity.roles import Actor, Role
from tickets.ticket import Ticket


class Party(StrEnum):
    """A part somebody has in a ticket."""

    REQUESTER = "requester"
    AGENT = "agent"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    CALLED = "called"
    CALLED_HEAD = "called_head"
    LEAD = "lead"
    LEAD_HEAD = "lead_head"
    HANDLER = "handler"
    INVOLVED = "involved"
    PROGRAM = "program"

    @property
    def label(self) -> str:
        """The part in Chinese."""
        return _LABELS[self]


_LABELS = {
    Party.REQUESTER: "诉求人",
    Party.AGENT: "话务员",
    Party.DISPATCHER: "派单员",
    Party.SUPERVISOR: "督办员",
    Party.CALLED: "被派单位",
    Party.CALLED_HEAD: "被派单位负责人",
    Party.LEAD: "主办单位",
    Party.LEAD_HEAD: "主办单位负责人",
    Party.HANDLER: "经办人",
    Party.INVOLVED: "协办和参与调查的单位",
    Party.PROGRAM: "系统",
}

CITIZEN = Actor("citizen")
"""Whoever has proven that a ticket is theirs; the channel has checked it."""

PROGRAM = Actor("system")
"""The program itself, when a rule or a limit acts."""

_OF_ROLE = {
    Role.AGENT: Party.AGENT,
    Role.DISPATCHER: Party.DISPATCHER,
    Role.SUPERVISOR: Party.SUPERVISOR,
}
_UNIT_ROLES = frozenset({Role.UNIT_CLERK, Role.UNIT_HEAD})


def parties_of(actor: Actor, ticket: Ticket | None, involved: frozenset[str] = frozenset()) -> frozenset[Party]:
    """The parts an actor has in a ticket; before there is one, their part in the hotline.

    Rights inside a unit come from belonging to it, never from a role alone, not even an administrator's.

    Args:
        involved: codes of the units assisting or investigating.
    """
    if actor == CITIZEN:
        return frozenset({Party.REQUESTER})
    if actor == PROGRAM:
        return frozenset({Party.PROGRAM})
    parties = {party for role, party in _OF_ROLE.items() if role in actor.roles}
    if ticket is None or actor.roles.isdisjoint(_UNIT_ROLES):
        return frozenset(parties)
    head = Role.UNIT_HEAD in actor.roles
    if ticket.called in actor.units:
        parties |= {Party.CALLED, Party.CALLED_HEAD} if head else {Party.CALLED}
    if ticket.lead in actor.units:
        parties |= {Party.LEAD, Party.LEAD_HEAD} if head else {Party.LEAD}
        if ticket.handler == actor.name:  # who left the unit left its tickets
            parties.add(Party.HANDLER)
    if not actor.units.isdisjoint(involved):
        parties.add(Party.INVOLVED)
    return frozenset(parties)
