"""The menu of the public account: edited, looked at, kept, and then put on the account."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from channels.wechat.platform.menu import MenuRefused, read_menu
from channels.wechat.platform.menu_kind import MENU, WECHAT_MENU
from console.area import Route
from console.channels_page import MENU_PUT_ON
from console.forms import Form
from console.office import Office
from console.rights import ADMINISTRATORS
from console.settings.kept import keep, replaced, version_of
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.texts import WORDS
from console.settings.when import read_note
from console.visit import Visit
from service.audit import Search, found
from service.kept.store import KeptSettings

_PATH = "/settings/wechat-menu"
_TOP, _BELOW = (1, 2, 3), (1, 2, 3, 4, 5)
_SAY, _URL, _MINIPROGRAM, _BUTTONS = "say", "url", "miniprogram", "buttons"
_DEEDS: Mapping[str, str] = {
    "/list_matters": "看办事指南",
    "/request_help": "登记求助",
    "/complain": "登记投诉",
    "/report_wrongdoing": "登记举报",
    "/suggest": "登记建议",
    "/praise": "登记表扬",
    "/ask_ticket_status": "查进度",
    "/urge_ticket": "催办",
    "/ask_for_person": "转人工",
    _SAY: "像打字一样说一句话",
    _URL: "打开网页",
    _MINIPROGRAM: "打开小程序",
}


async def show_menu(visit: Visit) -> web.Response:
    """The menu as it is set, to be changed."""
    content = (await _store(visit).contents())[MENU]
    return await _page(visit, _form_of(content, await version_of(visit, WECHAT_MENU, MENU)), content)


async def change_menu(visit: Visit) -> web.Response:
    """Look at what a form would make, or keep it."""
    form = await visit.form()
    content = _menu_in(form)
    looking = form.raw("do") == "look"
    note = "" if looking else read_note(form)
    if form.ok:
        try:
            if looking:
                read_menu(content, visit.office.settings.public_url)
            else:
                wanted = None if form.raw("do") == "shipped" else content
                await keep(visit, WECHAT_MENU, {MENU: wanted}, note, None, replaced(form, MENU))
                return visit.go(_PATH, "已保存。公众号上还是原来的，看好了再点“换到公众号上”。")
        except MenuRefused as refused:
            form.complain(_place_of(str(refused), form), str(refused))
    return await _page(visit, form, content, looking=looking, status=200 if form.ok else 422)


def _menu_in(form: Form) -> list[dict[str, Any]]:
    """The menu a form describes, as the file has it; buttons without a name are left out."""
    menu = []
    for top in _TOP:
        name = form.text(f"name-{top}", limit=20)
        if not name:
            continue
        if form.raw(f"does-{top}") == _BUTTONS:
            below = [
                {"name": called} | _action(form, f"{top}-{place}")
                for place in _BELOW
                if (called := form.text(f"name-{top}-{place}", limit=30))
            ]
            menu.append({"name": name, "buttons": below})
        else:
            menu.append({"name": name} | _action(form, str(top)))
    return menu


def _action(form: Form, place: str) -> dict[str, Any]:
    does, what = form.raw(f"does-{place}"), form.text(f"what-{place}", limit=1024)
    if does in (_SAY, _URL, _MINIPROGRAM) and not what:
        form.complain(f"what-{place}", {_SAY: "请写说什么。", _URL: "请写网址。"}.get(does, "请写小程序的 AppID。"))
    if does == _URL:
        return {"url": what}
    if does == _MINIPROGRAM:
        return {"miniprogram": what, "page": form.text(f"page-{place}", limit=200)}
    if does == _SAY and what.startswith("/"):
        form.complain(f"what-{place}", "说的话不能以 / 开头；要做什么，请在前面选。")
    return {"send": what if does == _SAY else does}


def _form_of(content: Sequence[Mapping[str, Any]], seen: int) -> Form:
    values: dict[str, Any] = {"seen": seen}
    for top, button in enumerate(content, 1):
        values |= _values(button, str(top))
        for place, below in enumerate(button.get("buttons", ()), 1):
            values |= _values(below, f"{top}-{place}")
    return Form.of(values)


def _values(button: Mapping[str, Any], place: str) -> dict[str, Any]:
    does, what = _BUTTONS, ""
    if "send" in button:
        send = str(button["send"])
        does, what = (send, "") if send.startswith("/") else (_SAY, send)
    elif "url" in button:
        does, what = _URL, button["url"]
    elif "miniprogram" in button:
        does, what = _MINIPROGRAM, button["miniprogram"]
    shown = {"name": button["name"], "does": does, "what": what, "page": button.get("page", "")}
    return {f"{name}-{place}": value for name, value in shown.items()}


def _place_of(complaint: str, form: Form) -> str:
    """The button a complaint names, else the first."""
    names = {form.raw(name): name for name, _ in form.typed() if name.startswith("name-") and form.raw(name)}
    return next((name for called, name in names.items() if f"“{called}”" in complaint), "name-1")


async def _page(
    visit: Visit, form: Form, content: Sequence[Mapping[str, Any]], *, looking: bool = False, status: int = 200
) -> web.Response:
    put_on = await visit.office.database.read(found(Search(subject=MENU_PUT_ON), 1))
    deeds = dict(_DEEDS) | {
        does: does for name, does in form.typed() if name.startswith("does-") and does not in _DEEDS
    }
    deeds.pop(_BUTTONS, None)
    return visit.page(
        "settings/wechat_menu.html",
        status=status,
        form=form,
        tops=_TOP,
        belows=_BELOW,
        buttons=_BUTTONS,
        deeds=list(deeds.items()),
        content=content,
        looking=looking,
        put_on=put_on[0].done if put_on else None,
        has_wechat=visit.office.wechat is not None,
        history=history_path(WECHAT_MENU, MENU),
    )


def _store(visit: Visit) -> KeptSettings:
    return visit.office.changeable.stores[WECHAT_MENU]


def _entries(_office: Office) -> Sequence[Entry]:
    return [Entry("公众号菜单", _PATH, "微信 按钮 小程序")]


SECTIONS = (
    Section(
        "公众号菜单",
        "公众号下面的三个按钮，点开做什么",
        _PATH,
        ADMINISTRATORS,
        "chat",
        (WECHAT_MENU,),
        words="微信 服务号 按钮",
        entries=_entries,
        group=WORDS,
    ),
)
ROUTES = (
    Route("GET", _PATH, ADMINISTRATORS, show_menu, "公众号菜单"),
    Route("POST", _PATH, ADMINISTRATORS, change_menu, "改公众号菜单"),
)
