"""The one door to every page: who asks, whether they may, and whether a form is their own.

A form counts only with the visitor's key in it (`form_key`, or the header X-Form-Key), and only from our own pages:
the browser says so by Sec-Fetch-Site, or by Origin where the page is not served by https.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aiohttp import web

from channels.widget.limits import client_address
from console.area import Area, Route
from console.browsers import browser_name
from console.cookies import token_in
from console.office import Office
from console.refusal import PageRefused, not_there, not_yours
from console.rights import Stage, stage_of
from console.visit import Visit
from service.identity.sessions import Place, Session, new_token, note_seen_within, session_of, should_note
from service.privacy import holds_personal_number

_FORM_KEY = "form_key"
_KEY_HEADER = "X-Form-Key"
_NOT_KEPT = frozenset({_FORM_KEY, "password", "old", "new", "again", "code"})  # nor shown on a page
_SAFE = frozenset({"GET", "HEAD"})
_NO_NUMBERS = "电话和证件号码不放进网址，免得留在浏览记录里。要按电话找工单，请写在最上面的搜索框里。"
_WAYS_ON = {
    Stage.CODE_OWED: "/console/sign-in/code",
    Stage.CHANGE_OWED: "/console/me/password",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Lets visitors in."""

    office: Office
    areas: tuple[Area, ...]

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """What aiohttp calls for a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if any("\0" in text for text in (*request.match_info.values(), *request.query.values())):
                raise not_there()
            visit = await self.visit(request.clone(client_max_size=route.largest), route)
            if (elsewhere := await self._way_on(visit, route)) is not None:
                return elsewhere
            if route.method in _SAFE and (bare := _without_numbers(request)) is not None:
                return visit.go(bare, _NO_NUMBERS, good=False)
            if route.method not in _SAFE and (anew := await self._check_form(visit)) is not None:
                return anew
            return await route.handler(visit)

        return handle

    async def visit(self, request: web.Request, route: Route | None) -> Visit:
        """Who asks, from their cookie."""
        visit = self.stranger(request, route)
        if not visit.token_is_new:
            visit.session = await self._session(visit.token, route)
        return visit

    def stranger(self, request: web.Request, route: Route | None) -> Visit:
        """Somebody asks, whoever it is."""
        settings = self.office.settings
        secure = _is_secure(request, settings.public_url, settings.trusted_proxies)
        address = client_address(request, settings.trusted_proxies)
        token = token_in(request, secure=secure)
        return Visit(
            request=request,
            office=self.office,
            areas=self.areas,
            route=route,
            session=None,
            token=token or new_token(),
            place=Place(address, browser_name(request.headers.get("User-Agent", ""))),
            secure=secure,
            token_is_new=not token,
        )

    async def _session(self, token: str, route: Route | None) -> Session | None:
        office, at = self.office, self.office.clock()
        session = await office.database.read(session_of(token, at, office.sign_in.lifetimes))
        # A page that asks by itself for news is nothing somebody does.
        if session is not None and route is not None and not route.watches and should_note(session, at):
            await office.database.write(lambda connection: note_seen_within(connection, session, at))
        return session

    async def _way_on(self, visit: Visit, route: Route) -> web.StreamResponse | None:
        """Where a visitor is sent who has not come as far as the route needs; none: they are let in.

        Raises:
            PageRefused: the route is not theirs.
        """
        stage = stage_of(visit.session, visit.now)
        if stage >= route.rights.stage:
            if visit.session is not None and not route.rights.allow(visit.session.actor):
                raise not_yours()
            return None
        if route.watches:
            raise PageRefused(401, "登录已经结束")
        if stage is Stage.NOBODY:
            return await self._to_sign_in(visit)
        if stage is Stage.CHANGE_OWED and not visit.signed_in.password_owed:
            return visit.go("/me/second-factor")
        return visit.go(_WAYS_ON[stage])

    async def _to_sign_in(self, visit: Visit) -> web.StreamResponse:
        if visit.request.method not in _SAFE:
            self._check_origin(visit.request)
            return await self._ask_anew(visit, 401)
        wanted = visit.request.path_qs
        return visit.go(f"/sign-in?next={quote(wanted, safe='')}" if wanted.rstrip("/") != "/console" else "/sign-in")

    async def _check_form(self, visit: Visit) -> web.Response | None:
        """See that a form was sent from our own page by who was given it; None: it was.

        A form of the session before is our own as well: whoever signed in meanwhile is asked whether they send it.

        Raises:
            PageRefused: 403.
        """
        self._check_origin(visit.request)
        by_script = visit.request.headers.get(_KEY_HEADER)
        brought = by_script or (await visit.form()).raw(_FORM_KEY)
        if hmac.compare_digest(brought.encode(errors="replace"), visit.csrf.encode()):
            return None
        if by_script or not brought or visit.session is None:
            raise PageRefused(403, "这个页面已经过期", "可能是在别的窗口重新登录过。请返回上一页，刷新后再提交。")
        return await self._ask_anew(visit, 403)

    async def _ask_anew(self, visit: Visit, status: int) -> web.Response:
        """What was typed, to be sent once more; passwords and codes are not shown again."""
        typed = [each for each in (await visit.form()).typed() if each[0] not in _NOT_KEPT]
        return visit.page("expired.html", status=status, typed=typed)

    def _check_origin(self, request: web.Request) -> None:
        if not self._from_here(request):
            raise PageRefused(403, "这个请求不是从本站发出的", "请从管理台的页面里操作；还是这样，请告诉系统管理员。")

    def _from_here(self, request: web.Request) -> bool:
        told = request.headers.get("Sec-Fetch-Site")
        if told is not None:
            return told == "same-origin"
        origin = urlsplit(request.headers.get("Origin", "")).netloc
        known = {request.host, urlsplit(self.office.settings.public_url).netloc}
        if request.remote in self.office.settings.trusted_proxies:
            known.add(request.headers.get("X-Forwarded-Host", ""))
        return bool(origin) and origin in known


def _without_numbers(request: web.Request) -> str | None:
    """The address without what holds a phone or identity number; None where it holds none."""
    query = request.query
    kept = [(name, value) for name, value in query.items() if not holds_personal_number(value)]
    return None if len(kept) == len(query) else str(request.rel_url.with_query(kept))


def _is_secure(request: web.Request, public_url: str, trusted_proxies: tuple[str, ...]) -> bool:
    """Whether the visitor's browser speaks https: with us, with the proxy before us, or by the settings' address."""
    if request.remote in trusted_proxies and "X-Forwarded-Proto" in request.headers:
        return request.headers["X-Forwarded-Proto"] == "https"
    return request.secure or public_url.startswith("https://")
