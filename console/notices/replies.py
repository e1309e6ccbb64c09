"""What citizens answered by SMS and nobody could do anything with: masked, or whole for who says why."""

from aiohttp import web

from channels.sms.unmatched import KeptReply, looked_at, masked
from console.addresses import id_of
from console.forms import Form
from console.visit import Visit
from service.audit import REASON_LIMIT
from service.encryption import Cipher

_PAGE = 50


async def show_replies(visit: Visit) -> web.Response:
    """The replies, masked."""
    found = await visit.office.database.read(masked(_cipher(visit), _PAGE + 1, _before(visit)))
    return _page(visit, Form(), found)


async def show_in_full(visit: Visit) -> web.Response:
    """The same page with numbers and words as they came; it is recorded."""
    form, before = await visit.form(), _before(visit)
    reason = form.text("why", missing="请写明为什么要看，会记下来。", limit=REASON_LIMIT)
    if not form.ok:
        found = await visit.office.database.read(masked(_cipher(visit), _PAGE + 1, before))
        return _page(visit, form, found, status=422)
    looking = looked_at(_cipher(visit), _PAGE, visit.actor.name, reason, visit.now, before)
    return _page(visit, Form(), await visit.office.database.write(looking), revealed=True)


def _page(
    visit: Visit, form: Form, found: list[KeptReply], *, status: int = 200, revealed: bool = False
) -> web.Response:
    shown, later = visit.paged(found, _PAGE, lambda reply: reply.id)
    return visit.page("notices/replies.html", status=status, form=form, replies=shown, later=later, revealed=revealed)


def _cipher(visit: Visit) -> Cipher:
    return visit.office.sms.ledger.cipher


def _before(visit: Visit) -> int | None:
    return id_of(visit.query.get("after", ""))
