"""How many SMS a number gets: a table for each gateway, and what it comes to."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from channels.sms.limit_kind import SCOPES, SMS_LIMITS
from channels.sms.limits import EVERYWHERE, LimitsRefused, What
from channels.sms.templates import SMS_TEXTS
from channels.sms.windows import WindowRefused, rolling
from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.kept import keep, replaced, version_of
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.texts import WORDS
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date
from service.kept.store import KeptSettings

_PATH = "/settings/sms-limits"
_EMPTY_ROWS = 2
_MOST_ROWS = 20
_WHAT = {
    What.NUMBER: "发到这个号码的全部短信",
    What.PURPOSE: "发到这个号码的同一种短信",
    What.TEXT: "发到这个号码、一字不差的短信",
}
_WINDOWS = ("30s", "60s", "10m", "1h", "24h", "minute", "hour", "day")
_CALENDAR = {"minute": "每一分钟（整分起）", "hour": "每小时（整点起）", "day": "每天（零点起）"}
_SPANS = {"s": "秒", "m": "分钟", "h": "小时"}


async def show_limits(visit: Visit) -> web.Response:
    """What holds now, in words, gateway by gateway."""
    store = _store(visit)
    contents = await store.contents()
    labels = _purposes(visit)
    return visit.page(
        "settings/sms_limits.html",
        tables=[
            (scope, SCOPES.get(scope, scope), [_told(each, labels) for each in limits])
            for scope, limits in contents.items()
        ],
        used={gateway.name for gateway in visit.office.sms.gateways},
        ours=EVERYWHERE,
        quiet=(visit.office.settings.sms_quiet_from, visit.office.settings.sms_quiet_until),
        coming=await store.coming(),
        kind=store.kind,
    )


async def show_scope(visit: Visit) -> web.Response:
    """The limits of one gateway, to be changed."""
    scope = await _scope(visit)
    limits = (await _store(visit).contents())[scope]
    values: dict[str, Any] = {"seen": await version_of(visit, SMS_LIMITS, scope)}
    for place, limit in enumerate(limits, 1):
        values |= {f"{name}-{place}": limit[name] for name in ("what", "only", "most", "per")}
    return await _page(visit, scope, Form.of(values))


async def change_scope(visit: Visit) -> web.Response:
    """Keep the limits of one gateway anew; rows without a number are left out."""
    scope, form = await _scope(visit), await visit.form()
    limits = [limit for place in range(1, _MOST_ROWS + 1) if (limit := _limit_in(form, place))]
    note, begins = read_note(form), read_begins(form, visit.now)
    content = None if form.raw("shipped") else limits
    if form.ok:
        try:
            await keep(visit, SMS_LIMITS, {scope: content}, note, begins, replaced(form, scope))
        except LimitsRefused as refused:
            form.complain("most-1", str(refused))
        else:
            when = f"已安排，{china_date(begins)} 起按它算。" if begins else "已保存，现在就按它算。"
            return visit.go(_PATH, when)
    return await _page(visit, scope, form, status=422)


def _limit_in(form: Form, place: int) -> dict[str, Any] | None:
    written = form.text(f"most-{place}")
    if not written:
        return None
    if not (written.isdecimal() and int(written[:6]) > 0 and len(written) < 6):
        form.complain(f"most-{place}", f"请写一个大于 0 的整数，现在是“{written[:10]}”。不要这一条，就把它清空。")
        return None
    per = form.raw(f"per-{place}")
    try:
        rolling(per)
    except WindowRefused:
        form.complain(f"per-{place}", "请选多长时间。")
    what = form.choice(f"what-{place}", list(What), missing="请选数什么。")
    return {"what": what, "most": int(written), "per": per, "only": form.raw(f"only-{place}")}


async def _page(visit: Visit, scope: str, form: Form, status: int = 200) -> web.Response:
    filled = max((place for place in range(1, _MOST_ROWS + 1) if form.raw(f"most-{place}")), default=0)
    rows = range(1, min(filled + _EMPTY_ROWS, _MOST_ROWS) + 1)
    windows = dict.fromkeys((*_WINDOWS, *(form.raw(f"per-{place}") for place in rows if form.raw(f"per-{place}"))))
    store = _store(visit)
    return visit.page(
        "settings/sms_limit.html",
        status=status,
        scope=scope,
        called=SCOPES.get(scope, scope),
        ours=scope == EVERYWHERE,
        form=form,
        rows=rows,
        whats=[(what.value, label) for what, label in _WHAT.items()],
        windows=[(window, _window_told(window)) for window in windows],
        purposes=[("", "所有短信"), *_purposes(visit).items()],
        coming=[each for each in await store.coming() if each.part == scope],
        kind=store.kind,
        history=history_path(SMS_LIMITS, scope),
    )


def _told(limit: Mapping[str, Any], purposes: Mapping[str, str]) -> str:
    """A limit as a sentence."""
    only = purposes.get(limit["only"], limit["only"])
    what = {
        What.NUMBER: f"一个号码的{only or '短信'}",
        What.PURPOSE: f"一个号码的{only}" if only else "一个号码同一种短信",
        What.TEXT: "一个号码一字不差的短信",
    }[What(limit["what"])]
    return f"{what}，{_window_told(limit['per'])}最多 {limit['most']} 条"


def _window_told(window: str) -> str:
    try:
        if rolling(window) is None:
            return _CALENDAR[window]
    except WindowRefused:
        return window
    return f"任意 {window[:-1]} {_SPANS[window[-1]]}内"


def _purposes(visit: Visit) -> dict[str, str]:
    """What messages are for, by the names they have in the files."""
    kind = visit.office.changeable.stores[SMS_TEXTS].kind
    return {name: kind.called(name) for name in visit.office.sms.texts.purposes}


def _store(visit: Visit) -> KeptSettings:
    return visit.office.changeable.stores[SMS_LIMITS]


async def _scope(visit: Visit) -> str:
    scope = visit.match["scope"]
    if scope not in _store(visit).kind.shipped():
        raise not_there("没有这个短信平台的限额")
    return scope


def _entries(_office: Office) -> Sequence[Entry]:
    return [
        Entry(f"短信限额：{called}", f"{_PATH}/{scope}", "验证码 轰炸 每天几条") for scope, called in SCOPES.items()
    ]


SECTIONS = (
    Section(
        "短信限额",
        "一个号码多长时间最多收几条，验证码几条",
        _PATH,
        ADMINISTRATORS,
        "send",
        (SMS_LIMITS,),
        words="频率 频控 轰炸 流控 静默 夜里",
        entries=_entries,
        group=WORDS,
    ),
)
ROUTES = (
    Route("GET", _PATH, ADMINISTRATORS, show_limits, "短信限额"),
    Route("GET", f"{_PATH}/{{scope}}", ADMINISTRATORS, show_scope, "一个短信平台的限额"),
    Route("POST", f"{_PATH}/{{scope}}", ADMINISTRATORS, change_scope, "改短信限额"),
)
