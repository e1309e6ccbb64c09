"""Keys for other systems: which there are, what each may do, when it was last used; made, shown once, revoked."""

from collections.abc import Callable, Iterable
from datetime import date

from aiohttp import web
from sqlalchemy import Connection

from console.area import Route
from console.forms import Form
from console.rights import ADMINISTRATORS
from console.settings.section import Changed, Section
from console.settings.when import read_note
from console.visit import Visit
from service.audit import Deed, Search, found
from service.clock import china_date
from service.identity.api_keys import HOTLINE_ROLES, ApiKey, KeyRefused, NewKey, Scope, add_within, every, revoke_within
from service.identity.roles import UNIT_ROLES, Role
from tickets.units import directory

_ROLES = tuple(role for role in Role if role in HOTLINE_ROLES | UNIT_ROLES)
_SCOPES = {
    Scope.READ: ("看工单", "按它的角色和单位"),
    Scope.WRITE: ("登记和办理工单", "能做什么看角色"),
    Scope.PERSONAL: ("看诉求人完整信息", "每次都记进审计记录；能不给就不给"),
    Scope.OPEN311: ("门户网站登记诉求", "Open311 接口，不用角色"),
    Scope.HOTLINE_ASK: ("语音问答", "电话系统问知识库，不用角色"),
    Scope.HOTLINE_SMS: ("发办事指南短信", "电话系统用，不用角色"),
}
_SOON_DAYS = 30


async def list_keys(visit: Visit) -> web.Response:
    """Every key, those in use first."""
    keys = await visit.office.database.read(every)
    today = china_date(visit.now)
    return visit.page(
        "settings/api_keys.html",
        keys=sorted(keys, key=lambda key: (not key.counts_at(visit.now), key.name)),
        scopes={scope: words for scope, (words, _) in _SCOPES.items()},
        states={key.name: _state(key, today, counts=key.counts_at(visit.now)) for key in keys},
        names={unit.code: unit.name for unit in await visit.office.database.read(directory)},
    )


async def show_new(visit: Visit) -> web.Response:
    """The form for a new key."""
    return await _form_page(visit, Form())


async def add(visit: Visit) -> web.Response:
    """Make a key, and show it once."""
    form = await visit.form()
    note = read_note(form)
    known = {unit.code for unit in await visit.office.database.read(directory)}
    wanted = NewKey(
        name=form.text("name", missing="请写名称，如 city-portal。").lower(),
        scopes=frozenset(scope for scope in Scope if scope in form.several("scopes")),
        roles=frozenset(role for role in _ROLES if role in form.several("roles")),
        units=frozenset(form.several("units")) & known,
        expires_on=form.day("expires_on", without="一直有效就不填"),
    )
    if form.ok:
        at, by = visit.now, visit.actor.name
        try:
            text = await visit.office.database.write(lambda c: add_within(c, wanted, at, by, note))
        except KeyRefused as refused:
            form.complain(refused.field or "name", str(refused))
        else:
            return visit.page("settings/api_key.html", name=wanted.name, key=text)
    return await _form_page(visit, form, status=422)


async def revoke(visit: Visit) -> web.Response:
    """End a key at once."""
    name, form = visit.match["name"], await visit.form()
    at, by, reason = visit.now, visit.actor.name, form.text("note")[:500]
    try:
        await visit.office.database.write(lambda connection: revoke_within(connection, name, at, by, reason))
    except KeyRefused:
        return visit.go("/settings/api-keys", f"密钥 {name} 已经停用，或者没有这个密钥。", good=False)
    return visit.go("/settings/api-keys", f"密钥 {name} 已停用，用它的系统马上就进不来了。")


def _state(key: ApiKey, today: date, *, counts: bool) -> tuple[str, str]:
    if key.revoked_at:
        return "已停用", "bad"
    if not counts:
        return "已到期", "bad"
    if key.expires_on and (key.expires_on - today).days < _SOON_DAYS:
        return f"{key.expires_on} 到期", "warn"
    return "在用", "good"


async def _form_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    units: Iterable[tuple[str, str, None]] = [
        (unit.code, unit.name, None) for unit in await visit.office.database.read(directory) if unit.active
    ]
    return visit.page(
        "settings/api_key_new.html",
        status=status,
        form=form,
        scopes=[(scope.value, words, note) for scope, (words, note) in _SCOPES.items()],
        roles=[(role.value, role.label, None) for role in _ROLES],
        units=units,
    )


def _latest(limit: int) -> Callable[[Connection], list[Changed]]:
    def look(connection: Connection) -> list[Changed]:
        lines = [line.done for deed in _DEEDS for line in found(Search(deed=deed), limit)(connection)]
        return [
            Changed(
                each.at, each.actor, f"接口密钥：{each.subject}", "/settings/api-keys", each.reason or each.deed.label
            )
            for each in lines
        ]

    return look


_DEEDS = (Deed.KEY_ADDED, Deed.KEY_REVOKED)

SECTIONS = (
    Section(
        "接口密钥",
        "别的系统凭密钥登记、查看工单；给多少权，用到哪天，随时停用",
        "/settings/api-keys",
        ADMINISTRATORS,
        "keyboard",
        words="API 对接 门户 网格 语音",
        latest=_latest,
    ),
)

ROUTES = (
    Route("GET", "/settings/api-keys", ADMINISTRATORS, list_keys, "接口密钥"),
    Route("GET", "/settings/api-keys/new", ADMINISTRATORS, show_new, "新建接口密钥"),
    Route("POST", "/settings/api-keys/new", ADMINISTRATORS, add, "新建接口密钥"),
    Route("POST", "/settings/api-keys/{name}/revoke", ADMINISTRATORS, revoke, "停用接口密钥"),
)
