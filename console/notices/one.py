"""One notice: every attempt at it, and what can be done."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import Connection

from channels.delivery.attempts import Attempt, AttemptState
from channels.delivery.care import cancel, one, retry
from channels.delivery.ladder import RUNG_LABELS
from channels.sms.numbers import NotMobile, mobile, national
from console.addresses import id_of
from console.forms import Form
from console.notices.shown import BADGES, shown
from console.refusal import changed_meanwhile, not_there
from console.visit import Visit
from service.audit import REASON_LIMIT
from service.outbox import FAILURE_LIMIT, Kept, NoticeState
from service.privacy import mask_personal_data
from tickets.announcing import TICKET_MOVED

_ATTEMPT_BADGES = {
    AttemptState.SENDING: "warn",
    AttemptState.SENT: "good",
    AttemptState.DELIVERED: "good",
    AttemptState.FAILED: "bad",
    AttemptState.UNKNOWN: "warn",
}
_GONE = "这条通知刚刚有了变化，请看看现在的情况再决定。"


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt as it is shown."""

    attempt: Attempt
    way: str
    badge: str


async def show_notice(visit: Visit) -> web.Response:
    """One notice."""
    return await _page(visit, Form())


async def send_again(visit: Visit) -> web.Response:
    """Try a closed notice anew, by all its ways."""
    return await _done(visit, retry(_number_in(visit), visit.now, visit.actor.name), "马上从头再送。")


async def call_off(visit: Visit) -> web.Response:
    """Send it no more, or close one that did not arrive because they were told otherwise."""
    form = await visit.form()
    reason = form.text("reason", missing="请写一句为什么不送了，比如“已电话告知”。", limit=FAILURE_LIMIT)
    if not form.ok:
        return await _page(visit, form, status=422)
    cancelling = cancel(_number_in(visit), reason, visit.now, visit.actor.name)
    return await _done(visit, cancelling, "不送了。正在发的那一次收不回来。")


async def send_elsewhere(visit: Visit) -> web.Response:
    """Send a closed notice of a ticket to another number, with a reason that is recorded."""
    form = await visit.form()
    typed = form.text("phone", missing="请写诉求人说的那个手机号。")
    reason = form.text("why", missing="请写这个号码是谁的、怎么知道的，会记下来。", limit=REASON_LIMIT)
    sealed = None
    if typed:
        try:
            sealed = visit.office.desk.lifecycle.cipher.encrypt_text(mobile(typed))
        except NotMobile as refused:
            form.complain("phone", refused.reason)
    kept, _ = await _notice(visit)
    if not _goes_elsewhere(visit, kept):
        raise changed_meanwhile("这条通知不能改发别的号码：它不是工单的通知，或者没有开通短信。")
    if not form.ok:
        return await _page(visit, form, status=422)
    again = retry(kept.id, visit.now, visit.actor.name, phone=sealed, reason=reason)
    return await _done(visit, again, "马上用短信发到那个号码。工单上登记的号码没有改。")


async def _done(visit: Visit, deed: Callable[[Connection], bool], said: str) -> web.Response:
    if not await visit.office.database.write(deed):
        await _notice(visit)  # 404 where there is none
        raise changed_meanwhile(_GONE)
    return visit.go(f"/notices/{_number_in(visit)}", said)


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    kept, attempts = await _notice(visit)
    cipher = visit.office.desk.lifecycle.cipher
    other = cipher.decrypt_text(kept.notice.phone)
    costs = [each.cost_fen for each in attempts if each.cost_fen is not None]
    return visit.page(
        "notices/one.html",
        status=status,
        form=form,
        notice=shown(kept, cipher),
        kept=kept,
        tries=[Try(each, RUNG_LABELS.get(each.rung, each.rung), _ATTEMPT_BADGES[each.state]) for each in attempts],
        other=mask_personal_data(national(other)) if other else None,
        cost=sum(costs) if costs else None,
        badges=BADGES,
        may_cancel=kept.state in (NoticeState.WAITING, NoticeState.UNDELIVERED),
        may_retry=kept.state is not NoticeState.WAITING,
        may_go_elsewhere=kept.state is not NoticeState.WAITING and _goes_elsewhere(visit, kept),
    )


def _goes_elsewhere(visit: Visit, kept: Kept) -> bool:
    return kept.notice.kind == TICKET_MOVED and bool(visit.office.sms.gateways)


async def _notice(visit: Visit) -> tuple[Kept, list[Attempt]]:
    found = await visit.office.database.read(one(_number_in(visit)))
    if found is None:
        raise not_there("没有这条通知", "可能已经过了保存期限。")
    return found


def _number_in(visit: Visit) -> int:
    return id_of(visit.match["notice"]) or 0
