"""The list of notices: what did not arrive first, and all others a day at a time."""

from aiohttp import web
from sqlalchemy import Connection

from channels.delivery.ladder import RUNG_LABELS
from channels.delivery.lists import COUNTED, FEW, Wanted, count, listed
from console.addresses import day_of, id_of
from console.notices.shown import BADGES, Shown, shown
from console.shown import counted
from console.visit import Visit
from service.clock import china_date
from service.outbox import NoticeState
from tickets.number import find_number

_PAGE = 50
_ALL = "all"


async def show_list(visit: Visit) -> web.Response:
    """Notices of one state, by way, day and ticket."""
    state, wanted = _wanted(visit)
    before = id_of(visit.query.get("after", ""))
    cipher = visit.office.desk.lifecycle.cipher
    listing = listed(wanted, _PAGE + 1, before)

    def work(connection: Connection) -> tuple[list[Shown], dict[str, str]]:
        found = [shown(each, cipher) for each in listing(connection)]
        return found, {each.value: counted(count(each)(connection), COUNTED) for each in FEW}

    found, counts = await visit.office.database.read(work)
    notices, later = visit.paged(found, _PAGE, lambda each: each.kept.id)
    return visit.page(
        "notices/list.html",
        notices=notices,
        later=later,
        counts=counts,
        state=state,
        states=[*((each.value, each.label) for each in NoticeState), (_ALL, "全部")],
        ways=[("", "全部"), *RUNG_LABELS.items()],
        day=wanted.day,
        badges=BADGES,
    )


def _wanted(visit: Visit) -> tuple[str, Wanted]:
    """What a visitor looks for; without a ticket, only states with an index of their own are looked for in all days."""
    name = visit.query.get("state", NoticeState.UNDELIVERED.value)
    state = NoticeState(name) if name in set(NoticeState) else None
    rung = visit.query.get("way", "")
    subject = find_number(visit.query.get("about", ""))
    day = day_of(visit.query.get("day", ""))
    if day is None and subject is None and state not in FEW:
        day = china_date(visit.now)
    return name if state else _ALL, Wanted(state, rung if rung in RUNG_LABELS else None, day, subject)
