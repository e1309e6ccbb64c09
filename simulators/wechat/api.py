"""The platform's interfaces over one account, as an aiohttp application speaking the real protocol.

    api = PlatformApi(Account())
    runner = web.AppRunner(api.app())

Refusals are HTTP 200 with errcode and errmsg, as the platform answers; what goes wrong on the way is planned in
`api.faults`.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from service.clock import china_date
from simulators.wechat import sending, standing
from simulators.wechat.account import Account
from simulators.wechat.faults import Faults, Handler
from simulators.wechat.refused import Refused

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105  # an address
DAILY = {
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/menu/create": 1_000,
    "/cgi-bin/media/get": 200_000,
}
"""How often an interface may be called a day."""

_INTERFACE = ("/cgi-bin/", "/wxaapi/", "/customservice/")
_CLEARS_A_MONTH = 10
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")

Interface = Callable[[Account, Mapping[str, Any]], dict[str, Any]]
"""Takes the account and what was posted, gives the fields of the answer."""

_INTERFACES: dict[str, Interface] = {
    "/cgi-bin/message/custom/send": sending.customer_message,
    "/cgi-bin/message/template/send": sending.template_message,
    "/cgi-bin/message/subscribe/bizsend": sending.subscription_message,
    "/customservice/msgrecord/getmsglist": sending.records,
    "/cgi-bin/qrcode/create": standing.create_code,
    "/cgi-bin/menu/create": standing.create_menu,
}
_QUESTIONS: dict[str, Callable[[Account], dict[str, Any]]] = {
    "/cgi-bin/menu/get": standing.menu,
    "/cgi-bin/template/get_all_private_template": standing.templates,
    "/wxaapi/newtmpl/gettemplate": standing.subscription_templates,
    "/cgi-bin/getcallbackip": standing.callback_addresses,
}


class PlatformApi:
    """The interfaces of one account.

    Attributes:
        faults: what will go wrong.
        daily: how often an interface may be called a day, by its path.
        calls: how often each was called today.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.faults = Faults()
        self.daily = dict(DAILY)
        self.calls: Counter[str] = Counter()
        self._day = china_date(account.clock())
        self._cleared: list[tuple[int, int]] = []  # year and month

    def app(self) -> web.Application:
        """The application; pages may be added to it outside the interfaces' addresses."""
        app = web.Application(middlewares=[self._door], client_max_size=16 * 1024 * 1024)
        router = app.router
        router.add_post(STABLE_TOKEN, self._stable_token)
        router.add_post("/cgi-bin/clear_quota", self._clear_quota)
        router.add_get("/cgi-bin/media/get", self._download)
        router.add_get("/video/{media_id}", self._video)
        for path, interface in _INTERFACES.items():
            router.add_post(path, self._posted(interface))
        for path, question in _QUESTIONS.items():
            router.add_get(path, self._asked(question))
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Faults first, then the day's count and the token; every refusal in the platform's own form."""
        if not request.path.startswith(_INTERFACE):
            return await handler(request)
        try:
            way = self.faults.next(request.path)
            return await (self._admit(request, handler) if way is None else way(request, self._admitting(handler)))
        except Refused as refused:
            rid = "-".join(secrets.token_hex(4) for _ in range(3))
            return _answer({"errcode": refused.code, "errmsg": f"{refused.message} rid: {rid}"})

    def _admitting(self, handler: Handler) -> Handler:
        return lambda request: self._admit(request, handler)

    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != STABLE_TOKEN:
            self._count(request.path)
            self.account.tokens.check(request.query.get("access_token", ""))
        return await handler(request)

    def _count(self, path: str) -> None:
        today = china_date(self.account.clock())
        if today != self._day:
            self._day = today
            self.calls.clear()
        self.calls[path] += 1
        if path in self.daily and self.calls[path] > self.daily[path]:
            raise Refused(45009, "reach max api daily quota limit")

    def _posted(self, interface: Interface) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return _answer({"errcode": 0, "errmsg": "ok"} | interface(self.account, await _posted(request)))

        return handle

    def _asked(self, question: Callable[[Account], dict[str, Any]]) -> Handler:
        async def handle(_request: web.Request) -> web.StreamResponse:
            return _answer(question(self.account))

        return handle

    async def _stable_token(self, request: web.Request) -> web.StreamResponse:
        asked = await _posted(request)
        if asked.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        tokens = self.account.tokens
        tokens.check_asker(str(asked.get("appid")), str(asked.get("secret")), request.remote or "")
        text, seconds = tokens.forced() if asked.get("force_refresh") else tokens.stable()
        return _answer({"access_token": text, "expires_in": seconds})

    async def _clear_quota(self, _request: web.Request) -> web.StreamResponse:
        today = china_date(self.account.clock())
        month = (today.year, today.month)
        if self._cleared.count(month) >= _CLEARS_A_MONTH:
            raise Refused(48006, "forbid to clear quota because of reaching the limit")
        self._cleared.append(month)
        self.calls.clear()
        return _answer({"errcode": 0, "errmsg": "ok"})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        media_id = request.query.get("media_id", "")
        medium = self.account.media.get(media_id)
        if medium.content_type.startswith("video/"):
            return _answer({"video_url": str(request.url.origin() / "video" / media_id)})
        return web.Response(body=medium.content, content_type=medium.content_type)

    async def _video(self, request: web.Request) -> web.StreamResponse:
        medium = self.account.media.get(request.match_info["media_id"])
        return web.Response(body=medium.content, content_type=medium.content_type)


async def _posted(request: web.Request) -> dict[str, Any]:
    """What was posted as JSON.

    Raises:
        Refused: 44002 nothing, 40033 escaped as ASCII, which followers would see as it stands, 47001 no JSON.
    """
    content = await request.read()
    if not content:
        raise Refused(44002, "empty post data")
    if _ESCAPED.search(content):
        raise Refused(40033, "invalid charset. please check your request, if include \\uxxxx will create fail!")
    try:
        posted = json.loads(content)
    except ValueError as error:
        raise Refused(47001, "data format error") from error
    if not isinstance(posted, dict):
        raise Refused(47001, "data format error")
    return posted


def _answer(fields: dict[str, Any]) -> web.Response:
    """The platform calls its JSON plain text as often as not."""
    return web.Response(text=json.dumps(fields, ensure_ascii=False), content_type="text/plain")
