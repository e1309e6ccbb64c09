"""The search of the top bar: whatever the areas find, under their names; and tickets by phone, with a reason."""

from aiohttp import web
from sqlalchemy import Connection, select

from console.area import Area, Finder, Found, Route
from console.rights import STAFF, only
from console.visit import Visit
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.identity.roles import Role
from tickets.masking import seen_by
from tickets.number import find_number
from tickets.phone import parse_phone
from tickets.records import ticket_of
from tickets.tables import tickets
from tickets.ticket import Ticket

_LONGEST = 200
_TICKETS = 20
_BY_PHONE = "/search/phone"
_SUBJECT = "按电话找工单"


async def show_search(visit: Visit) -> web.Response:
    """What was found; pages of the rail are found by their names."""
    text = visit.query.get("q", "").strip()[:_LONGEST]
    finders = [finder for area in visit.areas for finder in area.finders if finder.rights.allow(visit.actor)]

    def work(connection: Connection) -> list[tuple[Finder, list[Found]]]:
        found = [(finder, finder.find(visit.office, visit.actor, text)(connection)) for finder in finders]
        return [(finder, things) for finder, things in found if things]

    pages = [item for item in visit.rail() if text and text in item.title]
    found = await visit.office.database.read(work) if text else []
    may_by_phone = visit.may(_BY_PHONE, "POST")
    phone = parse_phone(text) if may_by_phone and find_number(text) is None else None
    return visit.page(
        "search.html",
        text=text,
        pages=pages,
        found=found,
        finders=finders,
        may_by_phone=may_by_phone,
        phone=phone,
        reason_limit=REASON_LIMIT,
    )


async def find_by_phone(visit: Visit) -> web.Response:
    """The newest tickets made with a phone, masked; who looks says why, and it is recorded with what they saw."""
    form = await visit.form()
    phone = parse_phone(form.raw("phone"))
    if phone is None:
        form.complain("phone", "这个号码不对，请核对；要写完整，不能只写几位。")
    reason = form.text("reason", missing="请写明为什么要查，会记在审计记录里。", limit=REASON_LIMIT)
    if not form.ok or phone is None:
        return visit.page("search_phone.html", status=422, form=form, found=None, reason_limit=REASON_LIMIT)
    cipher, at, actor = visit.office.desk.lifecycle.cipher, visit.now, visit.actor
    theirs = tickets.c.requester_phone_hash.in_(cipher.keyed_hashes(phone))
    statement = select(tickets).where(theirs).order_by(tickets.c.id.desc()).limit(_TICKETS)

    def work(connection: Connection) -> list[Ticket]:
        found = [seen_by(actor, ticket_of(row, cipher)) for row in connection.execute(statement)]
        seen = {"tickets": [ticket.number for ticket in found]}
        record_within(connection, Recorded(at, actor.name, Deed.LOOK, _SUBJECT, reason, seen))
        return found

    found = await visit.office.database.write(work)
    return visit.page("search_phone.html", form=form, found=found, reason_limit=REASON_LIMIT)


AREA = Area(
    routes=(
        Route("GET", "/search", STAFF, show_search, "搜索"),
        Route(
            "POST",
            _BY_PHONE,
            only(Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR),
            find_by_phone,
            "按电话找工单，要写原因",
        ),
    )
)
