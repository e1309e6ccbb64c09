"""What happened to a ticket, line by line, in words staff read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.clock import shown_when
from service.encryption import Cipher
from service.identity.staff import names_of
from service.privacy import mask_personal_data
from tickets.moves import Verb
from tickets.parties import CITIZEN, PROGRAM
from tickets.records import timeline_item
from tickets.tables import timeline
from tickets.ticket import Satisfaction, TimelineItem

_PROGRAMS = {CITIZEN.name: "诉求人", PROGRAM.name: "系统"}
_CLOCKS = {"promise": "承诺时限", "handle": "办理时限"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        id: the timeline's own; notices name it.
        words: what was done, with what it settled.
        text: what was written with it, masked unless the full data were asked for.
    """

    id: int
    verb: Verb
    at: datetime
    who: str
    words: str
    text: str | None
    details: Mapping[str, Any]


def history(
    connection: Connection, ticket_id: int, cipher: Cipher, names: Mapping[str, str], *, masked: bool
) -> list[Line]:
    """Everything that happened to a ticket, oldest first.

    Args:
        names: of units, by their codes.
    """
    statement = select(timeline).where(timeline.c.ticket_id == ticket_id).order_by(timeline.c.id)
    rows = connection.execute(statement).all()
    people = _PROGRAMS | names_of({row.actor for row in rows})(connection)
    return [_line(row.id, timeline_item(row, cipher), names, people, masked) for row in rows]


def last(lines: list[Line], *verbs: Verb) -> Line | None:
    """The newest line of one of these moves."""
    return next((line for line in reversed(lines) if line.verb in verbs), None)


def _line(number: int, item: TimelineItem, names: Mapping[str, str], people: Mapping[str, str], masked: bool) -> Line:
    verb = Verb(item.verb)
    who = people.get(item.actor, item.actor)
    if item.unit:
        who = f"{names.get(item.unit, item.unit)} {who}"
    settled = "，".join(_settled(item.details, names))
    words = f"{verb.label}：{settled}" if settled else verb.label
    text = mask_personal_data(item.note) if item.note and masked else item.note
    return Line(number, verb, item.at, who, words, text, item.details)


def _settled(details: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What a move settled: units, other tickets, moments."""
    said = []
    for key, before in (("unit", ""), ("named", "认为应由"), ("before", "原来是")):
        codes = details.get(key) or ()
        if isinstance(codes, str):
            codes = (codes,)
        if codes:
            said.append(before + "、".join(names.get(code, code) for code in codes))
    for key, before in (("assisting", "协办 "), ("investigating", "参与 ")):
        if codes := details.get(key):
            said.append(before + "、".join(names.get(code, code) for code in codes))
    if details.get("handler"):
        said.append(f"交给 {details['handler']}")
    if details.get("other"):
        said.append(f"工单 {details['other']}")
    if details.get("route"):
        said.append(f"转 {details['route']}")
    if details.get("until"):
        said.append(f"到 {_when(details['until'])}")
    if (level := details.get("satisfaction")) is not None:
        said.append(Satisfaction(level).label)
    for name, (_, now) in details.get("clocks", {}).items():
        if now and name in _CLOCKS:
            said.append(f"{_CLOCKS[name]}到 {_when(now)}")
    return said


def _when(text: str) -> str:
    return shown_when(datetime.fromisoformat(text))
