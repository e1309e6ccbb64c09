"""The public side of tickets: what happened where, and how far it is. Never who said it, nor their words.

Masking finds numbers in a text, not names, homes or illnesses, so the description is left out altogether. A place is
told as its street and community, coordinates to about a hundred metres. Reports (举报), confidential tickets and those
their requesters took back are not there at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from channels.open311.services import OTHER, category_code, service_code, service_name
from channels.open311.tables import open311_places
from channels.open311.wording import Refused
from service.clock import CHINA
from service.encryption import Cipher
from tickets.states import CLOSED, OPEN, State
from tickets.tables import tickets, units
from tickets.ticket import Kind

LONGEST = timedelta(days=90)
MOST = 1000  # rows
_DECIMALS = 3
_STATUS = {"open": OPEN, "closed": CLOSED}
_YEARS = range(2000, 2200)

_public: Select[Any] = (
    select(
        tickets.c.number,
        tickets.c.state,
        tickets.c.category,
        tickets.c.street,
        tickets.c.community,
        tickets.c.created_at,
        tickets.c.updated_at,
        tickets.c.promised_at,
        units.c.name.label("unit"),
        open311_places.c.coordinates,
    )
    .outerjoin(units, units.c.code == tickets.c.lead)
    .outerjoin(open311_places, open311_places.c.ticket_id == tickets.c.id)
    .where(
        tickets.c.confidential.is_(False), tickets.c.kind != Kind.REPORT.value, tickets.c.state != State.WITHDRAWN.value
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests; see the specification."""

    conditions: tuple[ColumnElement[bool], ...]

    @classmethod
    def of(cls, query: Mapping[str, str], at: datetime) -> "Wanted":
        """What an address asks for. Numbers override everything else.

        Raises:
            Refused: it cannot be understood, or spans too long a time.
        """
        if "service_request_id" in query:
            numbers = _several(query["service_request_id"])
            return cls((tickets.c.number.in_(numbers),))
        first, last = _span(query, at)
        found: list[ColumnElement[bool]] = [tickets.c.created_at >= first, tickets.c.created_at <= last]
        if "service_code" in query:
            codes = [category_code(code) for code in _several(query["service_code"])]
            there = tickets.c.category.in_(codes)
            found.append(or_(there, tickets.c.category.is_(None)) if OTHER in codes else there)
        if "status" in query:
            names = _several(query["status"])
            if unknown := [name for name in names if name not in _STATUS]:
                raise Refused(400, f"status 只能是 open 或 closed，没有 {unknown[0][:20]}。")
            states = frozenset[State]().union(*(_STATUS[name] for name in names))
            found.append(tickets.c.state.in_(sorted(states)))
        return cls(tuple(found))


def listed(wanted: Wanted, cipher: Cipher) -> Callable[[Connection], list[dict[str, Any]]]:
    """A unit of work: the newest requests, at most `MOST`."""
    statement = _public.where(*wanted.conditions).order_by(tickets.c.id.desc()).limit(MOST)
    return lambda connection: [_told(row, cipher) for row in connection.execute(statement)]


def _told(row: Row[Any], cipher: Cipher) -> dict[str, Any]:
    state, category = State(row.state), row.category or OTHER
    latitude, longitude = _roughly(cipher.decrypt_text(row.coordinates))
    return {
        "service_request_id": row.number,
        "status": "closed" if state in CLOSED else "open",
        "status_notes": f"{state.label}。{state.next_step}",
        "service_name": service_name(category),
        "service_code": service_code(category),
        "description": None,
        "agency_responsible": row.unit,
        "service_notice": None,
        "requested_datetime": _written(row.created_at),
        "updated_datetime": _written(row.updated_at),
        "expected_datetime": _written(row.promised_at),
        "address": "".join(filter(None, (row.street, row.community))) or None,
        "address_id": None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": None,
    }


def _roughly(coordinates: str | None) -> Sequence[float | None]:
    return [round(float(each), _DECIMALS) for each in coordinates.split()] if coordinates else (None, None)


def _written(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def _span(query: Mapping[str, str], at: datetime) -> tuple[datetime, datetime]:
    first, last = (_moment(name, query[name]) if name in query else None for name in ("start_date", "end_date"))
    if first is None:
        last = last or at
        first = last - LONGEST
    last = last or first + LONGEST
    if not timedelta() <= last - first <= LONGEST:
        raise Refused(400, f"end_date 不能早于 start_date，一次最多查 {LONGEST.days} 天。")
    return first, last


def _moment(name: str, text: str) -> datetime:
    unreadable = Refused(400, f"{name} 应写成带时区的时间，例如 2026-11-21T10:00:00+08:00。")
    try:
        # A plus sign that was not encoded arrives as a blank.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as error:
        raise unreadable from error
    if moment.year not in _YEARS:
        raise unreadable
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def _several(text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    if len(found) > MOST or any("\0" in part for part in found):
        raise Refused(400, f"一次最多写 {MOST} 个，用逗号隔开。")
    return found
