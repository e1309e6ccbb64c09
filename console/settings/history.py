"""The history of a setting: who changed what and why, what is planned; to withdraw it, or to go back."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.refusal import changed_meanwhile, not_there, not_yours
from console.settings.overview import OVERVIEW, history_path
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.kept.differences import Difference, differences
from service.kept.store import KeptSettings
from service.kept.versions import SettingsVersion

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class _Told:
    """A version, what it changed against the one that counted before it, and how it stands."""

    version: SettingsVersion
    changed: list[Difference]
    state: str


async def show_history(visit: Visit) -> web.Response:
    """Every version of a part, the newest first."""
    store, part = _asked(visit, visit.query)
    return await _page(visit, store, part, Form())


async def withdraw(visit: Visit) -> web.Response:
    """Take back what does not count yet."""
    form = await visit.form()
    store, part = _asked(visit, dict(form.typed()))
    try:
        await store.withdraw(visit.actor, part, _number(form), note="撤回")
    except store.kind.refused as refused:
        raise changed_meanwhile(str(refused)) from refused
    return visit.go(history_path(store.kind.name, part), "已撤回，不会生效。")


async def go_back(visit: Visit) -> web.Response:
    """Set it as an earlier version had it."""
    form = await visit.form()
    store, part = _asked(visit, dict(form.typed()))
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok:
        try:
            written = await store.go_back(visit.actor, part, _number(form), note=note, effective_from=begins)
        except store.kind.refused as refused:
            form.complain("version", str(refused))
        else:
            said = "已取回那一版。" if written else "和现在的一样，没有要改的。"
            return visit.go(history_path(store.kind.name, part), said)
    return await _page(visit, store, part, form, status=422)


async def _page(visit: Visit, store: KeptSettings, part: str, form: Form, status: int = 200) -> web.Response:
    versions = await store.history(part)
    told = _told(versions, store.kind.shipped().get(part), store.kind.names, visit)
    return visit.page(
        "settings/history.html",
        status=status,
        kind=store.kind,
        part=part,
        told=told[:_SHOWN],
        form=form,
        earlier=[(each.version.version, _named(each.version)) for each in told if each.state == "past"],
    )


def _told(versions: list[SettingsVersion], shipped: object, names: Mapping[str, str], visit: Visit) -> list[_Told]:
    """Versions in the order in which they count, the last first."""
    at, told = visit.now, list[_Told]()
    counted = [each for each in versions if each.withdrawn_at is None]
    counted.sort(key=lambda each: (each.effective_from, each.version))
    begun = [each for each in counted if each.effective_from <= at]
    before = shipped
    for each in counted:
        content = shipped if each.content is None else each.content
        state = "coming" if each.is_coming(at) else "now" if each is begun[-1] else "past"
        told.append(_Told(each, differences(before, content, names), state))
        before = content
    told += [_Told(each, [], "withdrawn") for each in versions if each.withdrawn_at is not None]
    return sorted(told, key=lambda each: each.version.version, reverse=True)


def _named(version: SettingsVersion) -> str:
    return f"第 {version.version} 版（{version.actor}：{version.note[:20]}）"


def _asked(visit: Visit, asked: Mapping[str, str]) -> tuple[KeptSettings, str]:
    store = visit.office.changeable.stores.get(asked.get("kind", ""))
    if store is None or not asked.get("part"):
        raise not_there("没有这一项设置")
    if not visit.actor.is_any(*store.kind.editors):
        raise not_yours()
    return store, asked["part"]


def _number(form: Form) -> int:
    number = form.number("version")
    if number is None:
        form.complain("version", "请选一个版本。")
    return number or 0


ROUTES = (
    Route("GET", "/settings/history", OVERVIEW, show_history, "一项设置的历史"),
    Route("POST", "/settings/history/withdraw", OVERVIEW, withdraw, "撤回还没生效的设置"),
    Route("POST", "/settings/history/go-back", OVERVIEW, go_back, "取回以前的设置"),
)
