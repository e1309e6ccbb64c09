"""The search of the top bar: whatever the areas find, under their names; and tickets by phone, with a reason.

What is typed travels in the body of a request. Only once it is seen to hold nobody's number does it become an address,
which can be kept and gone back to; a phone number stands in none, so neither in a history nor in a log.
"""

from aiohttp import web
from sqlalchemy import Connection
from yarl import URL

from console.area import Area, Finder, Found, Route
from console.rights import HOTLINE, STAFF
from console.tickets.by_phone import made_with
from console.visit import Visit
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.privacy import holds_personal_number
from tickets.masking import seen_by
from tickets.number import find_number
from tickets.phone import parse_phone
from tickets.ticket import Ticket

_LONGEST = 200
_TICKETS = 20
_BY_PHONE = "/search/phone"
_SUBJECT = "按电话找工单"


async def show_search(visit: Visit) -> web.Response:
    """What was found; pages of the rail are found by their names."""
    text = visit.query.get("q", "").strip()[:_LONGEST]
    return await _page(visit, text, title=f"搜索“{text}”" if text else "搜索")


async def search(visit: Visit) -> web.Response:
    """On to what was found; where a phone or identity number was typed, it is shown at once."""
    text = (await visit.form()).text("q")[:_LONGEST]
    if holds_personal_number(text) or _phone_in(text):
        return await _page(visit, text, title="搜索")  # a title stands in the history as well
    return visit.go(str(URL("/search").with_query({"q": text} if text else {})))


async def _page(visit: Visit, text: str, title: str) -> web.Response:
    finders = [finder for area in visit.areas for finder in area.finders if finder.rights.allow(visit.actor)]

    def work(connection: Connection) -> list[tuple[Finder, list[Found]]]:
        found = [(finder, finder.find(visit.office, visit.actor, text)(connection)) for finder in finders]
        return [(finder, things) for finder, things in found if things]

    pages = [item for item in visit.rail() if text and text in item.title]
    found = await visit.office.database.read(work) if text else []
    may_by_phone = visit.may(_BY_PHONE, "POST")
    phone = _phone_in(text) if may_by_phone else None
    return visit.page(
        "search.html",
        text=text,
        title=title,
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
    made = made_with(cipher, phone, _TICKETS)

    def work(connection: Connection) -> list[Ticket]:
        found = [seen_by(actor, ticket) for ticket in made(connection)]
        seen = {"tickets": [ticket.number for ticket in found]}
        record_within(connection, Recorded(at, actor.name, Deed.LOOK, _SUBJECT, reason, seen))
        return found

    found = await visit.office.database.write(work)
    return visit.page("search_phone.html", form=form, found=found, reason_limit=REASON_LIMIT)


def _phone_in(text: str) -> str | None:
    return parse_phone(text) if find_number(text) is None else None


AREA = Area(
    routes=(
        Route("GET", "/search", STAFF, show_search, "搜索"),
        Route("POST", "/search", STAFF, search, "搜索"),
        Route(
            "POST",
            _BY_PHONE,
            HOTLINE,
            find_by_phone,
            "按电话找工单，要写原因",
        ),
    )
)
