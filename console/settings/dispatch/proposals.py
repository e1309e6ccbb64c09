"""Lines proposed for the dispatch list: what each rests on, and a press to put it there from a day on."""

from aiohttp import web

from console.addresses import id_of
from console.area import Route
from console.forms import Form
from console.settings.dispatch.pages import DISPATCHERS, store_of
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date
from service.jobs import Outcome, Tell
from tickets.dispatch.proposals import Proposals, waiting
from tickets.dispatch.rules import RulesRefused
from tickets.units import directory

_PATH = "/settings/dispatch-proposals"


async def show_proposals(visit: Visit) -> web.Response:
    """What is proposed, the most frequent first."""
    return await _page(visit, Form())


async def accept(visit: Visit) -> web.Response:
    """Put a line into the list."""
    form = await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok:
        try:
            rule = await _proposals(visit).accept(visit.actor, _number(visit), china_date(begins or visit.now), note)
        except RulesRefused as refused:
            form.complain("note", str(refused))
        else:
            return visit.go(_PATH, f"“{rule.told}”{rule.effective_from} 起派给{rule.lead}；不对可以在历史里撤销。")
    return await _page(visit, form, opened=_number(visit), status=422)


async def dismiss(visit: Visit) -> web.Response:
    """Propose it no longer."""
    try:
        await _proposals(visit).dismiss(visit.actor, _number(visit))
    except RulesRefused as refused:
        return visit.go(_PATH, str(refused), good=False)
    again = f"/settings/dispatch-proposals/{_number(visit)}/again"
    return visit.go(_PATH, "不再建议；改派的多了一倍再提。", undo=again)


async def propose_again(visit: Visit) -> web.Response:
    """Take that back."""
    try:
        await _proposals(visit).propose_again(visit.actor, _number(visit))
    except RulesRefused as refused:
        return visit.go(_PATH, str(refused), good=False)
    return visit.go(_PATH, "又放回来了。")


async def look_now(visit: Visit) -> web.Response:
    """Look at the tickets of half a year now, in a job, instead of at night."""
    proposals = _proposals(visit)

    async def work(_tell: Tell) -> Outcome:
        found = await proposals.find()
        return Outcome(f"看完了，有 {found} 条建议。" if found else "看完了，没有要加的。", _PATH)

    return await visit.start("看近半年改派的工单", work)


async def _page(visit: Visit, form: Form, opened: int = 0, status: int = 200) -> web.Response:
    database = visit.office.database
    return visit.page(
        "settings/dispatch_proposals.html",
        status=status,
        form=form,
        opened=opened,
        proposals=await database.read(waiting),
        names={unit.code: unit.name for unit in await database.read(directory)},
    )


def _proposals(visit: Visit) -> Proposals:
    return Proposals(visit.office.database, store_of(visit), visit.office.clock)


def _number(visit: Visit) -> int:
    return id_of(visit.match["number"]) or 0


SECTIONS = ()
ROUTES = (
    Route("GET", _PATH, DISPATCHERS, show_proposals, "派单目录的建议"),
    Route("POST", _PATH, DISPATCHERS, look_now, "现在看有没有派单建议"),
    Route("POST", f"{_PATH}/{{number}}", DISPATCHERS, accept, "把建议放进派单目录"),
    Route("POST", f"{_PATH}/{{number}}/dismiss", DISPATCHERS, dismiss, "不用这条派单建议"),
    Route("POST", f"{_PATH}/{{number}}/again", DISPATCHERS, propose_again, "放回派单建议"),
)
