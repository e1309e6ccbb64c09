"""Names, thresholds and limits: a form for each group of `service.running_settings`."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.kept import keep
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from knowledge_base.threshold_effects import Effect, effect, lately_stated
from service.kept.kind import SettingRefused
from service.running_settings import GROUPS, RUNNING, Group, Setting
from service.settings import Settings

_GROUPS = {group.name: group for group in GROUPS}
_ICONS = {"hotline": "phone", "answering": "book", "attachments": "inbox", "handover": "chat"}
_TRIED = (0.80, 0.85, 0.90, 0.95)


def _path(group: Group) -> str:
    return f"/settings/values/{group.name}"


async def show_values(visit: Visit) -> web.Response:
    """The settings of a group as they are."""
    group = _group(visit)
    contents = await visit.office.changeable.stores[RUNNING].contents()
    return await _page(visit, group, Form.of({name: _text(value) for name, value in contents.items()}))


async def change_values(visit: Visit) -> web.Response:
    """Change them."""
    group, form = _group(visit), await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    fixed = visit.office.changeable.running.fixed
    contents = {each.name: _value(form, each) for each in group.settings if each.name not in fixed}
    if form.ok:
        try:
            written = await keep(visit, RUNNING, contents, note, begins)
        except SettingRefused as refused:
            form.complain(refused.part or "note", str(refused))
        else:
            if not written:
                return visit.go(_path(group), "和原来一样，没有要改的。")
            return visit.go(_path(group), "已保存，到那天自动生效。" if begins else "已保存，几秒内生效。")
    return await _page(visit, group, form, status=422)


async def _page(visit: Visit, group: Group, form: Form, status: int = 200) -> web.Response:
    changeable = visit.office.changeable
    names = {each.name for each in group.settings}
    coming = [each for each in await changeable.stores[RUNNING].coming() if each.part in names]
    return visit.page(
        "settings/values.html",
        status=status,
        group=group,
        form=form,
        types={name: _input(name) for name in names},
        now_used={name: _text(getattr(changeable.running.settings, name)) for name in names},
        fixed={name: changeable.running.where_fixed(name) for name in names},
        histories={name: history_path(RUNNING, name) for name in names},
        coming=coming,
        kind=changeable.running.kind,
        effects=await _effects(visit) if group.name == "answering" else None,
    )


async def _effects(visit: Visit) -> list[Effect]:
    """What is set now, and a few others, on the questions asked lately; nothing where nobody asked."""
    settings = visit.office.settings
    stated = await visit.office.database.read(lately_stated(visit.now))
    tried = sorted({settings.answer_at, *_TRIED}) if stated else []
    return [effect(stated, answer_at, min(settings.offer_at, answer_at)) for answer_at in tried]


def _group(visit: Visit) -> Group:
    group = _GROUPS.get(visit.match["group"])
    if group is None:
        raise not_there("没有这一组设置")
    return group


def _value(form: Form, setting: Setting) -> Any:
    """What was typed, as JSON; a number that is none stays text, and is refused by the setting itself."""
    typed = form.text(setting.name, missing=f"请填“{setting.title}”。")
    wanted = Settings.model_fields[setting.name].annotation
    try:
        return wanted(typed) if wanted in (int, float) else f"{typed}:00" if _is_minute(typed, wanted) else typed
    except ValueError:
        return typed


def _is_minute(typed: str, wanted: Any) -> bool:
    return wanted not in (int, float, str) and typed.count(":") == 1


def _input(name: str) -> str:
    wanted = Settings.model_fields[name].annotation
    return "number" if wanted in (int, float) else "text" if wanted is str else "time"


def _text(value: Any) -> str:
    """As an input shows it; times to the minute."""
    text = str(value)
    return text[:5] if text.count(":") == 2 else text


def _entries(group: Group) -> Iterable[Entry]:
    return [Entry(each.title, f"{_path(group)}#{each.name}", f"{group.title}{each.about}") for each in group.settings]


def _section(group: Group) -> Section:
    def entries(_office: Office) -> Iterable[Entry]:
        return _entries(group)

    icon = _ICONS.get(group.name, "settings")
    return Section(
        group.title, group.about, _path(group), ADMINISTRATORS, icon, (RUNNING,), entries=entries, group="热线"
    )


SECTIONS = tuple(_section(group) for group in GROUPS)
ROUTES = (
    Route("GET", "/settings/values/{group}", ADMINISTRATORS, show_values, "名称、把握和限额"),
    Route("POST", "/settings/values/{group}", ADMINISTRATORS, change_values, "改名称、把握和限额"),
)
