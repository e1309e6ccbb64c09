"""The ways to citizens: which are open, which are shut and why, what waits for them, and opening one at once."""

from aiohttp import web

from channels.delivery.breaker import BreakerState
from channels.delivery.care import try_now
from channels.delivery.ladder import RUNG_LABELS
from channels.delivery.standing import ways
from console.refusal import not_there
from console.visit import Visit

_WECHAT = ("wechat_message", "wechat_template", "wechat_subscription")
_BADGES = {
    BreakerState.CLOSED: "good",
    BreakerState.OPEN: "bad",
    BreakerState.TRIAL: "warn",
    BreakerState.CATCHING_UP: "warn",
}


async def show_ways(visit: Visit) -> web.Response:
    """Each way with its breaker, and today's attempts."""
    found = await visit.office.database.read(ways(visit.now, set_up(visit)))
    return visit.page("notices/ways.html", ways=found, badges=_BADGES)


async def open_way(visit: Visit) -> web.Response:
    """A way was mended: what waits for it goes at once."""
    rung = visit.match["way"]
    if rung not in RUNG_LABELS:
        raise not_there("没有这种方式")
    opened = await visit.office.database.write(try_now(rung, visit.now, visit.actor.name))
    label = RUNG_LABELS[rung]
    said = f"{label}马上再试，等着的通知按顺序发。" if opened else f"{label}没有停，不用恢复。"
    return visit.go("/notices/ways", said, good=opened)


def set_up(visit: Visit) -> set[str]:
    """The ways this installation has."""
    office = visit.office
    return {"widget", *(_WECHAT if office.wechat else ()), *(("sms",) if office.sms.gateways else ())}
