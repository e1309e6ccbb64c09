"""A guide sent to the caller by SMS, with their consent: once for each request, a few a day to each number."""

from aiohttp import web

from channels.hotline.guides import Guides, GuideSms, GuidesRefused, OtherOrder
from channels.outcomes import SendRefused, SendUnknown
from console.visit import Visit
from knowledge_base.entry import Entry
from service.privacy import mask_personal_data
from tickets.intake.phone import display_phone, is_mobile, parse_phone

NO_GATEWAY = "还没有设置短信平台，发不了短信，请把要点念给来电人听。"
_KEY_LIMIT = 100


async def send_guide(visit: Visit) -> web.Response:
    """Send the guide of an entry."""
    form = await visit.form()
    sms, entry = visit.office.guide_sms, visit.office.knowledge.entry(form.raw("entry"))
    phone, key = parse_phone(form.raw("phone")), form.raw("order")[:_KEY_LIMIT]
    if sms is None:
        return _refused(NO_GATEWAY)
    if entry is None:
        return _refused("这一条不对市民公开，不能用短信发，请挑能说的念给来电人听。")
    if phone is None or not is_mobile(phone):
        return _refused("请先问来电人的手机号，写在“来电号码”里；座机收不到短信。")
    try:
        await _send(visit.office.guides, sms, visit.actor.name, key, entry, phone)
    except (GuidesRefused, _NotSent) as refused:
        return _refused(str(refused))
    return web.json_response({"said": f"办事指南已发到 {mask_personal_data(display_phone(phone))}。"})


class _NotSent(Exception):
    """Nothing reached the caller, as far as is known; the message says why, in Chinese."""


async def _send(guides: Guides, sms: GuideSms, staff: str, key: str, entry: Entry, phone: str) -> None:
    told = sms.text_of(entry)
    if told is None:
        raise _NotSent("这一条没有可以发的短信，请把要点念给来电人听。")
    try:
        order = await guides.begin_for(staff, key, entry, told.text, phone)
        await sms.send(order, phone, entry)
    except OtherOrder as error:
        raise _NotSent("这条短信已经发过了；要再发，请重新打开这一条。") from error
    except SendUnknown as error:
        raise _NotSent("短信平台还没有说是否收下，过半分钟再按一次，不会发两遍。") from error
    except SendRefused as refused:
        await guides.refused(order, f"{refused.service} {refused.code}")
        raise _NotSent(f"短信没有发出去：{refused.reason}") from refused
    await guides.database.write(lambda connection: guides.sent_within(connection, order))


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=409)
