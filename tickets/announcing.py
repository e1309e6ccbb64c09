"""Who learns of a move: the citizen by a notice, staff by their inbox, in the transaction of the move itself."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from service.clock import chinese_day, shown_when
from service.identity.roles import Role
from service.inbox import put_within as tell_staff
from service.inbox import to_person, to_role, to_unit
from service.outbox import Notice
from service.outbox import put_within as tell_citizens
from tickets.announcements import spoken
from tickets.change import UNIT, Change
from tickets.moves import MOVES, Verb
from tickets.parties import Party
from tickets.tables import tickets
from tickets.ticket import Ticket

TICKET_MOVED = "ticket"
"""The kind of notices about tickets. Their news says what was done (`verb`), how it is told where only the citizen
reads it (`text`), and what may stand where others might read it, too (`facts`)."""

_FACTS = ("number", "unit", "promised", "until")
"""What a short message may name: neither what the citizen said, nor where, nor what a unit wrote."""

_SHARED = (Verb.ANSWER, Verb.APPROVE, Verb.GRANT_EXTENSION, Verb.CONCLUDE, Verb.REWORK)
"""What concerns everybody whose ticket was merged into this one."""

_MERGED = (
    select(tickets.c.id, tickets.c.number, tickets.c.conversation, tickets.c.channel)
    .where(tickets.c.merged_into == bindparam("into"))
    .order_by(tickets.c.id)
)
_ROLES = {Party.AGENT: Role.AGENT, Party.DISPATCHER: Role.DISPATCHER, Party.SUPERVISOR: Role.SUPERVISOR}


@dataclass(frozen=True, slots=True)
class _Addressee:
    id: int
    number: str
    conversation: str
    channel: str


def announce(change: Change, after: Ticket, line: int) -> None:
    """Tell everybody the table names, but not the one who did it.

    Args:
        line: the timeline's line; it makes a notice's key its own.
    """
    tells = MOVES[change.verb].tells
    tell_staff(change.connection, _recipients(change, after, tells), change.verb, after.number, change.at)
    if Party.REQUESTER not in tells or Party.REQUESTER in change.parties:
        return
    addressees = [_Addressee(after.id, after.number, after.conversation, after.channel)]
    if change.verb in _SHARED:
        addressees += _merged(change)
    facts = _facts(change, after)
    notices = []
    for to in addressees:
        known = facts | {"number": to.number}
        text = spoken[change.verb].format_map(known)
        told = {name: known[name] for name in _FACTS}
        news = json.dumps({"verb": change.verb, "text": text, "facts": told}, ensure_ascii=False)
        key = f"ticket {to.id} {line}"
        sealed = change.cipher.encrypt_text(news)
        notices.append(Notice(key, TICKET_MOVED, to.number, to.conversation, to.channel, news=sealed))
    tell_citizens(change.connection, notices, change.at)


def _recipients(change: Change, after: Ticket, tells: frozenset[Party]) -> set[str]:
    told = {to_role(role) for party, role in _ROLES.items() if party in tells}
    for ticket in (change.ticket, after):
        for party, unit in ((Party.LEAD, ticket.lead), (Party.CALLED, ticket.called)):
            if party in tells and unit:
                told.add(to_unit(unit))
    if Party.INVOLVED in tells:
        named = (*change.involved, *change.details.get("assisting", ()), *change.details.get("investigating", ()))
        told |= {to_unit(code) for code in named}
    if Party.HANDLER in tells and after.handler:
        told.add(to_person(after.handler))
    return told


def _merged(change: Change) -> list[_Addressee]:
    return [_Addressee(*row) for row in change.connection.execute(_MERGED, {"into": change.ticket.id})]


def _facts(change: Change, after: Ticket) -> dict[str, Any]:
    until = after.clocks.promise.paused_until
    return {
        "unit": _name(change, after) if "{unit}" in spoken[change.verb] else "",
        "promised": chinese_day(after.promised_by),
        "text": change.note or "",  # what was checked and kept, never what came beside it
        "reason": change.given.reason or change.note or "",
        "route": change.given.route,
        "until": shown_when(until) if until else "",
    }


def _name(change: Change, after: Ticket) -> str:
    code = after.called or after.lead
    if code in change.unit_names:
        return change.unit_names[code]
    unit = change.connection.execute(UNIT, {"code": code}).one_or_none()
    return "负责的单位" if unit is None else unit.name
