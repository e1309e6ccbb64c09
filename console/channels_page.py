"""WeChat and SMS for administrators: whether they work, the menu, a message to oneself. It says what `doctor` says."""

from aiohttp import web

from channels.outcomes import SendRefused, SendUnknown
from channels.sms.checkup import examine_sms
from channels.sms.numbers import NotMobile, mobile, national
from channels.sms.trial import trial_order
from channels.wechat.checkup import check_account
from channels.wechat.menu import MenuRefused, push_menu, read_menu
from channels.wechat.menu_kind import MENU, WECHAT_MENU
from console.area import Area, RailItem, Route
from console.forms import Form
from console.rights import ADMINISTRATORS
from console.visit import Visit
from service.audit import Deed
from service.checkups import Checkup, keep_within, last_checkup
from service.jobs import JobRefused, Outcome, Tell
from service.privacy import mask_personal_data

MENU_PUT_ON = "公众号菜单"
"""What the audit calls it."""

_UNSET = "还没有接入公众号，或者没有设置 AppSecret，见 docs/wechat.md。"


async def show_channels(visit: Visit) -> web.Response:
    """The last check-up, what to enter at the platforms, and what can be tried."""
    return await _page(visit, Form())


async def check(visit: Visit) -> web.Response:
    """Ask the platforms, in a job of its own; nothing is sent and nothing changed."""
    office, by = visit.office, visit.actor.name

    async def work(tell: Tell) -> Outcome:
        menu = (await office.changeable.stores[WECHAT_MENU].contents())[MENU]
        found = await check_account(office.settings, office.clock, menu)
        tell(0.5)
        found += await examine_sms(office.settings, office.clock)
        checkup = Checkup(office.clock(), by, tuple(found))
        await office.database.write(lambda connection: keep_within(connection, checkup))
        wrong = sum(not finding.fine for finding in found)
        return Outcome(f"查完了，有 {wrong} 处要处理。" if wrong else "查完了，都正常。", "/channels")

    return await visit.start("检查微信和短信", work)


async def change_menu(visit: Visit) -> web.Response:
    """Make our menu the account's."""
    office, client = visit.office, visit.office.wechat
    store = office.changeable.stores[WECHAT_MENU]

    async def work(tell: Tell) -> Outcome:
        if client is None:
            raise JobRefused(_UNSET)
        try:
            content = (await store.contents())[MENU]
            tell(0.3)
            await push_menu(client.calls, read_menu(content, office.settings.public_url))
        except MenuRefused as refused:
            raise JobRefused(f"菜单要先改正：{refused}") from refused
        except (SendRefused, SendUnknown) as error:
            raise JobRefused(error.reason) from error
        await visit.record(Deed.SETTINGS, MENU_PUT_ON, details={"buttons": [each["name"] for each in content]})
        return Outcome("菜单已换上，关注的人五分钟内能看到；想马上看到，取消关注再关注一次。", "/channels")

    return await visit.start("更换公众号菜单", work)


async def try_sms(visit: Visit) -> web.Response:
    """Send one message of ours to a phone; it costs what any message costs."""
    form, desk = await visit.form(), visit.office.sms
    phone = _phone(form, "sms_phone")
    purpose = form.choice("purpose", desk.texts.purposes, missing="请选一条文案。")
    if not form.ok:
        return await _page(visit, form, status=422)
    await _record(visit, "短信", phone)
    try:
        sent = await desk.send(trial_order(desk.texts, phone, purpose, visit.now))
    except (SendRefused, SendUnknown) as error:
        form.complain("sms_phone", error.reason)
        return await _page(visit, form, status=422)
    return visit.go("/channels", f"{sent.gateway} 已收下，{sent.parts} 条，{sent.cost_fen / 100:.3f} 元。请看手机。")


async def try_wechat(visit: Visit) -> web.Response:
    """Send a customer message to whoever has proved a phone in the account's chat."""
    form, trial = await visit.form(), visit.office.wechat_trial
    phone = _phone(form, "wechat_phone")
    if trial is None:
        form.complain("wechat_phone", _UNSET)
    if trial is None or not form.ok:
        return await _page(visit, form, status=422)
    await _record(visit, "微信", phone)
    try:
        await trial.say_hello(phone)
    except (SendRefused, SendUnknown) as error:
        form.complain("wechat_phone", error.reason)
        return await _page(visit, form, status=422)
    return visit.go("/channels", "微信已收下，请看手机。")


def _phone(form: Form, name: str) -> str:
    typed = form.text(name, missing="请写自己的手机号。")
    try:
        return mobile(typed) if typed else ""
    except NotMobile as refused:
        form.complain(name, refused.reason)
        return ""


async def _record(visit: Visit, channel: str, phone: str) -> None:
    await visit.record(Deed.TRIAL, channel, details={"to": mask_personal_data(national(phone))})


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    office = visit.office

    return visit.page(
        "channels/channels.html",
        status=status,
        form=form,
        checkup=await office.database.read(last_checkup),
        has_wechat=office.wechat is not None,
        answers_wechat=bool(office.settings.wechat_appid and office.settings.wechat_token),
        gateways=[gateway.name for gateway in office.sms.gateways],
        site=office.settings.public_url.rstrip("/") or "https://（您的域名）",
        takes_callbacks=bool(office.settings.sms_callback_secret),
        purposes=_purposes(visit),
    )


def _purposes(visit: Visit) -> list[tuple[str, str]]:
    """The texts that can be tried, with how they look."""
    texts = visit.office.sms.texts
    examples = {name: variable.example for name, variable in texts.variables.items()}
    found = []
    for name in texts.purposes:
        shown = next((each.filled(examples) for each in texts.wordings(name) if each.complete), None)
        if shown is not None:
            found.append((name, shown))
    return found


AREA = Area(
    routes=(
        Route("GET", "/channels", ADMINISTRATORS, show_channels, "渠道：微信和短信"),
        Route("POST", "/channels/check", ADMINISTRATORS, check, "检查微信和短信"),
        Route("POST", "/channels/menu", ADMINISTRATORS, change_menu, "更换公众号菜单"),
        Route("POST", "/channels/sms", ADMINISTRATORS, try_sms, "试发短信"),
        Route("POST", "/channels/wechat", ADMINISTRATORS, try_wechat, "试发微信"),
    ),
    rail=(RailItem("渠道", "antenna", "/channels", about="微信和短信好不好用，换菜单，试发"),),
)
