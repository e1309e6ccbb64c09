"""What a move will announce, and to whom, said before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from service.clock import chinese_day
from tickets.announcements import wordings
from tickets.moves import MOVES, Need, Verb
from tickets.parties import Party
from tickets.ticket import Ticket

_NEW_PROMISE = frozenset({Verb.REWORK, Verb.GRANT_EXTENSION, Verb.RESUME})
_FROM_THE_FORM = {
    "text": "这里写的内容",
    "reason": "这里写的原因",
    "route": "这里写的途径",
    "unit": "选定的单位",
    "until": "等待的期限",
}
_WRITTEN_BEFORE = {"text": "（上面的答复）", "reason": "单位写的原因", "route": "", "until": ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what the requester is told.

    Attributes:
        field: the field of the form it comes from; empty where it is known already.
    """

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is announced.

    Attributes:
        requester: in pieces; nothing where they are told nothing.
        staff: who else is told, by name.
    """

    requester: list[Piece]
    staff: list[str]


def told(verb: Verb, ticket: Ticket, fields: list[str], names: Mapping[str, str]) -> Told:
    """What a move announces.

    Args:
        fields: those of its form.
        names: of units, by their codes.
    """
    tells = MOVES[verb].tells
    requester = _pieces(verb, ticket, fields, names) if Party.REQUESTER in tells and verb in wordings() else []
    staff = [_name(party, ticket, names) for party in Party if party in tells and party is not Party.REQUESTER]
    return Told(requester, list(dict.fromkeys(staff)))


def _pieces(verb: Verb, ticket: Ticket, fields: list[str], names: Mapping[str, str]) -> list[Piece]:
    unit = names.get(ticket.called or ticket.lead or "", "负责的单位")
    promised = "新的期限" if verb in _NEW_PROMISE else chinese_day(ticket.promised_by)
    known = {"number": ticket.number, "promised": promised, "unit": unit}
    pieces = []
    for literal, name, _, _ in Formatter().parse(wordings()[verb]):
        if literal:
            pieces.append(Piece(literal))
        if name is None:
            continue
        from_form = name in fields and not (name == "unit" and Need.UNIT not in MOVES[verb].needs)
        if from_form or name == "until":
            pieces.append(Piece(_FROM_THE_FORM[name], name))
        else:
            pieces.append(Piece(known.get(name) or _WRITTEN_BEFORE[name]))
    return pieces


def _name(party: Party, ticket: Ticket, names: Mapping[str, str]) -> str:
    if party is Party.LEAD and ticket.lead:
        return names.get(ticket.lead, ticket.lead)
    if party is Party.CALLED:
        return names.get(ticket.called, ticket.called) if ticket.called else "选定的单位"
    return "协办单位" if party is Party.INVOLVED else party.label
