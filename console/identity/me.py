"""Somebody's own account: password, second factor, where they are signed in."""

from collections.abc import Awaitable, Callable

import segno
from aiohttp import web
from markupsafe import Markup

from console.addresses import id_of
from console.area import Area, RailItem, Route
from console.forms import Form
from console.refusal import not_there
from console.rights import STAFF, UNSETTLED
from console.visit import Visit
from service.identity.passwords import SHORTEST, PasswordRefused
from service.identity.second_factor import provisioning_uri, recovery_codes_left
from service.identity.sessions import Place, Session, session_of, sessions_of
from service.identity.sign_in import SignInRefused
from tickets.units import directory


async def show_me(visit: Visit) -> web.Response:
    """Who I am, and what there is to set."""
    return await _account_page(visit, Form())


async def _account_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    office, mine = visit.office, visit.actor.name
    places = await office.database.read(sessions_of(mine, visit.now, office.sign_in.lifetimes))
    left = await office.database.read(lambda connection: recovery_codes_left(connection, mine))
    units = {unit.code: unit.name for unit in await office.database.read(directory)}
    return visit.page("me/account.html", status=status, form=form, places=places, codes_left=left, units=units)


async def show_password(visit: Visit) -> web.Response:
    """The form for another password."""
    return visit.page("me/password.html", form=Form(), shortest=SHORTEST)


async def change_password(visit: Visit) -> web.Response:
    """Take another password."""
    form, office = await visit.form(), visit.office
    old, new = form.raw("old"), form.raw("new")
    if not old:
        form.complain("old", "请写现在的密码。")
    if form.raw("again") != new:
        form.complain("again", "两次写的新密码不一样。")
    if form.ok:
        try:
            token = await office.sign_in.change_password(visit.signed_in, old, new, visit.place)
        except SignInRefused as refused:
            form.complain("old", str(refused))
        except PasswordRefused as refused:
            form.complain("new", str(refused))
        else:
            visit.change_token(token)
            visit.session = await office.database.read(session_of(token, visit.now, office.sign_in.lifetimes))
            path = "/me/second-factor" if visit.signed_in.second_factor_wanted else "/"
            return visit.go(path, "密码已改好，别处的登录都已退出。")
    return visit.page("me/password.html", form=form, shortest=SHORTEST, status=422)


async def show_second_factor(visit: Visit) -> web.Response:
    """The code to scan, or what there is already."""
    if visit.signed_in.second_factor:
        return visit.go("/me")
    return await _second_factor_page(visit, Form())


async def add_second_factor(visit: Visit) -> web.Response:
    """Have the second factor count, given a first right code; its recovery codes are shown once."""
    if visit.signed_in.second_factor:
        return visit.go("/me", "动态码已经设好了。")
    return await _recovery_codes(visit, visit.office.sign_in.add_second_factor, _second_factor_page)


async def _second_factor_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    hotline = visit.office.settings.hotline_name
    secret = await visit.office.sign_in.second_factor_secret(visit.signed_in)
    code = segno.make(provisioning_uri(secret, visit.actor.name, hotline), error="m")
    svg = code.svg_inline(omitsize=True, border=2)
    return visit.page("me/second_factor.html", status=status, form=form, secret=secret, code=Markup(svg))  # noqa: S704


async def renew_recovery_codes(visit: Visit) -> web.Response:
    """Other recovery codes instead of those from before, given a code from the app."""
    return await _recovery_codes(visit, visit.office.sign_in.renew_recovery_codes, _account_page)


async def _recovery_codes(
    visit: Visit,
    give: Callable[[Session, str, Place], Awaitable[list[str]]],
    asked_on: Callable[[Visit, Form, int], Awaitable[web.Response]],
) -> web.Response:
    """What somebody gets for a code from their app; else the page that asked for it, with what is wrong."""
    form = await visit.form()
    code = form.text("code", missing="请输入手机上显示的 6 位数字。")
    if form.ok:
        try:
            codes = await give(visit.signed_in, code, visit.place)
        except SignInRefused as refused:
            form.complain("code", str(refused))
        else:
            return visit.page("me/recovery_codes.html", codes=codes)
    return await asked_on(visit, form, 422)


async def end_session(visit: Visit) -> web.Response:
    """Sign out somewhere else."""
    number = id_of(visit.match["session"])
    if number is None or not await visit.office.sign_in.end_session(visit.signed_in, number):
        raise not_there("这个登录已经结束了", "可能是自己到期了。")
    return visit.go("/me", "那边的登录已结束。")


AREA = Area(
    routes=(
        Route("GET", "/me", STAFF, show_me, "我的账号"),
        Route("GET", "/me/password", UNSETTLED, show_password, "改密码"),
        Route("POST", "/me/password", UNSETTLED, change_password, "改密码"),
        Route("GET", "/me/second-factor", UNSETTLED, show_second_factor, "设动态码"),
        Route("POST", "/me/second-factor", UNSETTLED, add_second_factor, "设动态码"),
        Route("POST", "/me/recovery-codes", STAFF, renew_recovery_codes, "换恢复码"),
        Route("POST", "/me/sessions/{session}/end", STAFF, end_session, "结束别处的登录"),
    ),
    rail=(RailItem("我的账号", "person", "/me", about="密码、动态码、登录过的地方"),),
)
