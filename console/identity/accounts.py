"""Staff accounts, for administrators."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from aiohttp import web
from sqlalchemy import Connection

from console.area import Area, Finder, Found, RailItem, Route
from console.audit.details import shown_details
from console.forms import Form
from console.office import Office
from console.refusal import changed_meanwhile, not_there
from console.rights import ADMINISTRATORS
from console.visit import Visit
from service.audit import Deed, Recorded, done_to
from service.identity import accounts
from service.identity.accounts import NAME_LIMIT, Account, Wanted
from service.identity.api_keys import in_use_made_by
from service.identity.passwords import one_time_password
from service.identity.roles import Actor, Role
from service.identity.staff import AccountRefused, UnknownStaff, add_staff
from tickets.units import directory, names

_PAGE = 50
_FOUND = 5
_ABOUT = {
    Role.ADMINISTRATOR: "账号、设置；看不到也改不了审计记录",
    Role.AGENT: "接电话、登记、审核答复、回访",
    Role.CURATOR: "写知识条目",
    Role.REVIEWER: "审核、发布知识条目",
    Role.DISPATCHER: "派单、处理退单",
    Role.UNIT_CLERK: "签收、答复本单位的工单",
    Role.UNIT_HEAD: "退单、延期，管本单位的事",
    Role.SUPERVISOR: "督办、通报、导出",
    Role.AUDITOR: "查审计记录，不能同时是系统管理员",
}
_CHANGES = frozenset(
    {
        Deed.ACCOUNT_ADDED,
        Deed.ACCOUNT_DISABLED,
        Deed.ACCOUNT_ENABLED,
        Deed.RIGHTS,
        Deed.PASSWORD_RESET,
        Deed.SECOND_FACTOR_RESET,
    }
)
"""What administrators do to an account. What its owner does, and looks at, is for auditors."""

_SHOWN = 20
_STATES = (("", "在用"), ("disabled", "已停用"), ("all", "全部"))


async def list_accounts(visit: Visit) -> web.Response:
    """Every account, or those a filter lets through."""
    words, role, state = (visit.query.get(name, "") for name in ("q", "role", "state"))
    disabled = None if state == "all" else state == "disabled"
    wanted = Wanted(words.strip(), Role(role) if role in set(Role) else None, disabled)
    database, after = visit.office.database, visit.query.get("after", "")
    found = await database.read(accounts.found(wanted, _PAGE + 1, after))
    shown, later = visit.paged(found, _PAGE, lambda account: account.username)
    units = await database.read(names({unit for each in shown for unit in each.units}))
    return visit.page(
        "accounts/list.html",
        accounts=shown,
        units=units,
        total=await database.read(accounts.count(wanted)),
        later=later,
        roles=[("", "全部角色"), *((role.value, role.label) for role in Role)],
        states=_STATES,
    )


async def show_new(visit: Visit) -> web.Response:
    """The form for a new account."""
    return await _form_page(visit, "accounts/new.html", Form.of({"roles": visit.query.get("role", "")}))


async def add(visit: Visit) -> web.Response:
    """Make an account, and show its one-time password once."""
    form = await visit.form()
    username = form.text("username", missing="请写用户名。").lower()
    name = form.text("name", missing="请写同事怎么称呼他。", limit=NAME_LIMIT)
    roles, units = await _rights_in(visit, form)
    if form.ok:
        password = one_time_password()
        office, by = visit.office, visit.actor.name
        try:
            await add_staff(
                office.database, username, roles, password, units=units, name=name, by=by, clock=office.clock
            )
        except AccountRefused as refused:
            form.complain("username", str(refused))
        else:
            return visit.page("accounts/password.html", username=username, password=password)
    return await _form_page(visit, "accounts/new.html", form, status=422)


class Change(NamedTuple):
    """What an administrator did to an account, for the timeline."""

    at: datetime
    who: str
    words: str
    text: str


async def show_account(visit: Visit) -> web.Response:
    """One account, with what can be done with it."""
    account = await _account(visit)
    form = Form.of(asdict(account) | {"roles": sorted(account.roles), "units": sorted(account.units)})
    return await _account_page(visit, account, form)


async def change(visit: Visit) -> web.Response:
    """Change name, roles and units."""
    account, form = await _account(visit), await visit.form()
    name = form.text("name", missing="请写同事怎么称呼他。", limit=NAME_LIMIT)
    roles, units = await _rights_in(visit, form)

    def work(connection: Connection) -> None:
        accounts.change_rights_within(
            connection, visit.actor, account.username, visit.now, name=name, roles=roles, units=units
        )

    if form.ok:
        try:
            await visit.office.database.write(work)
        except AccountRefused as refused:
            form.complain("roles", str(refused))
        else:
            return visit.go(f"/accounts/{account.username}", "已保存。改了角色或单位的，他要重新登录。")
    return await _account_page(visit, account, form, status=422)


async def disable(visit: Visit) -> web.Response:
    """Let somebody no longer sign in."""
    username = visit.match["username"]
    reason = (await visit.form()).text("reason")[:200]
    await _do(visit, lambda c: accounts.disable_within(c, visit.actor, username, visit.now, reason))
    said = f"{username} 已停用，登录都已结束。"
    if keys := await visit.office.database.read(in_use_made_by(username, visit.now)):
        said += f"他新建的接口密钥还能用：{'、'.join(keys)}。不该再用的，请到“接口密钥”里停用。"
    return visit.go(f"/accounts/{username}", said, undo=f"/accounts/{username}/enable")


async def enable(visit: Visit) -> web.Response:
    """Let somebody sign in again."""
    username = visit.match["username"]
    await _do(visit, lambda c: accounts.enable_within(c, visit.actor, username, visit.now))
    return visit.go(f"/accounts/{username}", f"{username} 又可以登录了。")


async def reset_password(visit: Visit) -> web.Response:
    """Give a one-time password, shown once."""
    username = (await _account(visit)).username
    try:
        password = await accounts.reset_password(visit.office.database, visit.actor, username, visit.now)
    except AccountRefused as refused:
        raise changed_meanwhile(str(refused)) from refused
    return visit.page("accounts/password.html", username=username, password=password)


async def reset_second_factor(visit: Visit) -> web.Response:
    """Take a second factor away whose phone is lost."""
    username = visit.match["username"]
    await _do(visit, lambda c: accounts.reset_second_factor_within(c, visit.actor, username, visit.now))
    return visit.go(f"/accounts/{username}", f"{username} 的动态码已重置，下次登录时重新设。")


async def _account(visit: Visit) -> Account:
    try:
        return await visit.office.database.read(accounts.account_of(visit.match["username"]))
    except UnknownStaff as unknown:
        raise not_there("没有这个账号", str(unknown)) from unknown


async def _do(visit: Visit, deed: Callable[[Connection], None]) -> None:
    try:
        await visit.office.database.write(deed)
    except UnknownStaff as unknown:
        raise not_there("没有这个账号", str(unknown)) from unknown
    except AccountRefused as refused:
        raise changed_meanwhile(str(refused)) from refused


async def _rights_in(visit: Visit, form: Form) -> tuple[list[Role], list[str]]:
    known = {unit.code for unit in await visit.office.database.read(directory)}
    roles = [Role(value) for value in form.several("roles") if value in set(Role)]
    units = [code for code in form.several("units") if code in known]
    if not roles:
        form.complain("roles", "至少要选一个角色。")
    return roles, units


async def _account_page(visit: Visit, account: Account, form: Form, status: int = 200) -> web.Response:
    done = await visit.office.database.read(done_to(account.username, _CHANGES, _SHOWN))
    history = [Change(each.at, each.actor, each.deed.label, _text(each)) for each in done]
    return await _form_page(visit, "accounts/account.html", form, status, account=account, history=history)


def _text(done: Recorded) -> str:
    return "；".join(filter(None, (done.reason, shown_details(done))))


async def _form_page(visit: Visit, template: str, form: Form, status: int = 200, **context: object) -> web.Response:
    units = await visit.office.database.read(directory)
    return visit.page(
        template,
        status=status,
        form=form,
        roles=[(role.value, role.label, _ABOUT[role]) for role in Role],
        units=[(unit.code, unit.name, None) for unit in units],
        **context,
    )


def _find(_office: Office, _actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    fitting = accounts.found(Wanted(text), _FOUND)
    return lambda connection: [Found(a.name, f"/accounts/{a.username}", a.username) for a in fitting(connection)]


AREA = Area(
    routes=(
        Route("GET", "/accounts", ADMINISTRATORS, list_accounts, "账号"),
        Route("GET", "/accounts/new", ADMINISTRATORS, show_new, "新建账号"),
        Route("POST", "/accounts/new", ADMINISTRATORS, add, "新建账号"),
        Route("GET", "/accounts/{username}", ADMINISTRATORS, show_account, "一个账号"),
        Route("POST", "/accounts/{username}", ADMINISTRATORS, change, "改角色、单位"),
        Route("POST", "/accounts/{username}/disable", ADMINISTRATORS, disable, "停用账号"),
        Route("POST", "/accounts/{username}/enable", ADMINISTRATORS, enable, "启用账号"),
        Route("POST", "/accounts/{username}/password", ADMINISTRATORS, reset_password, "重置密码"),
        Route("POST", "/accounts/{username}/second-factor", ADMINISTRATORS, reset_second_factor, "重置动态码"),
    ),
    rail=(RailItem("账号", "people", "/accounts", about="谁能用，能做什么"),),
    finders=(Finder("账号", ADMINISTRATORS, _find, "同事的用户名、称呼"),),
)
