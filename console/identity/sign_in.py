"""Signing in and out."""

from urllib.parse import quote, urlsplit

from aiohttp import web

from console.area import Area, Route
from console.forms import Form
from console.rights import ANYONE, HALF_SIGNED_IN, Stage
from console.visit import Visit
from service.identity.sessions import session_of
from service.identity.sign_in import SignInRefused


async def show_sign_in(visit: Visit) -> web.Response:
    """The page that asks who somebody is."""
    if visit.stage is Stage.SIGNED_IN:
        return visit.go(_wanted(visit.query.get("next", "")))
    return visit.page("sign_in/password.html", form=Form(), next=visit.query.get("next", ""))


async def sign_in(visit: Visit) -> web.Response:
    """Look at name and password."""
    form = await visit.form()
    username, password = form.text("username", missing="请写用户名。"), form.raw("password")
    wanted = form.text("next")
    if not password:
        form.complain("password", "请写密码。")
    if form.ok:
        try:
            token = await visit.office.sign_in.by_password(username, password, visit.place)
        except SignInRefused as refused:
            form.complain("password", str(refused))
        else:
            return await _go_on(visit, token, wanted)
    return visit.page("sign_in/password.html", form=form, next=wanted, status=422)


async def show_code(visit: Visit) -> web.Response:
    """The page that asks for the second factor."""
    if visit.stage is not Stage.CODE_OWED:
        return visit.go("/")
    return visit.page("sign_in/code.html", form=Form(), next=visit.query.get("next", ""))


async def give_code(visit: Visit) -> web.Response:
    """Look at the second factor."""
    if visit.stage is not Stage.CODE_OWED:
        return visit.go("/")
    form = await visit.form()
    code, wanted = form.text("code", missing="请输入动态码。"), form.text("next")
    if form.ok:
        try:
            token = await visit.office.sign_in.by_code(visit.signed_in, code, visit.place)
        except SignInRefused as refused:
            form.complain("code", str(refused))
        else:
            return await _go_on(visit, token, wanted)
    return visit.page("sign_in/code.html", form=form, next=wanted, status=422)


async def sign_out(visit: Visit) -> web.Response:
    """End the session."""
    await visit.office.sign_in.sign_out(visit.signed_in, visit.place)
    visit.session = None
    return visit.go("/sign-in", "已退出。")


async def _go_on(visit: Visit, token: str, wanted: str) -> web.Response:
    """To what is still owed, else to the page that was wanted."""
    office = visit.office
    visit.change_token(token)
    visit.session = await office.database.read(session_of(token, visit.now, office.sign_in.lifetimes))
    if visit.stage is Stage.CODE_OWED:
        return visit.go(f"/sign-in/code?next={quote(wanted, safe='')}" if wanted else "/sign-in/code")
    if visit.signed_in.password_owed:
        return visit.go("/me/password")
    if visit.signed_in.second_factor_wanted:
        return visit.go("/me/second-factor")
    return visit.go(_wanted(wanted))


def _wanted(address: str) -> str:
    """A page of ours somebody wanted before they signed in; anything else is the start page."""
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/console/")
    return address if ours and address.isprintable() and "\\" not in address else "/"


AREA = Area(
    routes=(
        Route("GET", "/sign-in", ANYONE, show_sign_in, "登录"),
        Route("POST", "/sign-in", ANYONE, sign_in, "登录"),
        Route("GET", "/sign-in/code", HALF_SIGNED_IN, show_code, "输入动态码"),
        Route("POST", "/sign-in/code", HALF_SIGNED_IN, give_code, "输入动态码"),
        Route("POST", "/sign-out", HALF_SIGNED_IN, sign_out, "退出"),
    )
)
