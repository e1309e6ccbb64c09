"""GeoReport v2 as it is served (wiki.open311.org/GeoReport_v2): discovery, services, requests, tokens."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, insert

from channels.api.access import Access
from channels.api.answered import KEY_LIMIT, Answer, AnsweredRequests, OtherRequest, fingerprint
from channels.open311.arrivals import FORM_LIMIT, read_form, read_request
from channels.open311.requests import Wanted, listed
from channels.open311.services import definition, leaf, services
from channels.open311.tables import open311_places
from channels.open311.wording import Refused, answer, errors
from channels.widget.errors import ApiError
from channels.widget.limits import client_address
from service.identity.api_keys import ApiKey, Scope
from service.settings import Settings
from tickets.categories.tree import Categories
from tickets.lifecycle import Lifecycle
from tickets.parties import CITIZEN

ROOT = "/open311/v2"
_CHANGED = "2026-11-21T00:00:00+08:00"  # when this description last changed
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_NOTICE = "已经登记，会转给负责的单位；凭编号可以随时查进度。情况危急请直接拨打 110、119、120。"

Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Open311:
    """The handlers and what they work with."""

    lifecycle: Lifecycle
    access: Access
    answered: AnsweredRequests
    categories: Categories
    settings: Settings

    def install(self, app: web.Application) -> None:
        """Add the handlers to an application."""
        form = "{form:json|xml}"
        for path, handler in (
            (f"{ROOT}/discovery.{form}", self.discovery),
            (f"{ROOT}/services.{form}", self.services),
            (f"{ROOT}/services/{{code}}.{form}", self.definition),
            (f"{ROOT}/requests.{form}", self.list),
            (f"{ROOT}/requests/{{number}}.{form}", self.get),
            (f"{ROOT}/tokens/{{token}}.{form}", self.token),
        ):
            app.router.add_get(path, self._served(handler))
        app.router.add_post(f"{ROOT}/requests.{form}", self._served(self.post))

    async def discovery(self, request: web.Request) -> web.Response:
        """Where everything is."""
        root = self.settings.public_url.rstrip("/") or str(request.url.origin())
        endpoint = {
            "specification": _SPECIFICATION,
            "url": root + ROOT,
            "changeset": _CHANGED,
            "type": "production",
            "formats": ["application/json", "text/xml"],
        }
        content = {
            "changeset": _CHANGED,
            "contact": f"{self.settings.contact}，电话 {self.settings.hotline_phone}",
            "key_service": f"要接口密钥请联系{self.settings.contact}",
            "endpoints": [endpoint],
        }
        return _answer(request, "discovery", content)

    async def services(self, request: web.Request) -> web.Response:
        """What requests can be about."""
        return _answer(request, "services", services(self.categories))

    async def definition(self, request: web.Request) -> web.Response:
        """What else can be said with a request about one thing."""
        category = leaf(self.categories, request.match_info["code"])
        return _answer(request, "service_definition", definition(category))

    async def list(self, request: web.Request) -> web.Response:
        """Requests by time, service and status."""
        await self._check_reader(request)
        return await self._listed(request, Wanted.of(request.query, self.lifecycle.clock()))

    async def get(self, request: web.Request) -> web.Response:
        """One request, as a list of one."""
        await self._check_reader(request)
        number = request.match_info["number"]
        return await self._listed(request, Wanted.of({"service_request_id": number}, self.lifecycle.clock()), one=True)

    async def token(self, request: web.Request) -> web.Response:
        """The number behind a token. Every request gets its number at once, so a number is its own token."""
        await self._check_reader(request)
        token = request.match_info["token"]
        wanted = Wanted.of({"service_request_id": token}, self.lifecycle.clock())
        found = await self.lifecycle.database.read(listed(wanted, self.lifecycle.cipher))
        if not found:
            raise Refused(404, "没有这个 token。这里登记后马上给编号，不用 token。")
        rows = [{"service_request_id": row["service_request_id"], "token": token} for row in found]
        return _answer(request, "service_requests", rows)

    async def post(self, request: web.Request) -> web.Response:
        """Register a request of a citizen, who spoke to the portal; once, where it has an Idempotency-Key."""
        raw = await _read(request)
        form = read_form(raw)
        self._check_jurisdiction(form.get("jurisdiction_id"))
        key = await self._key(form.get("api_key") or request.query.get("api_key", ""), Scope.OPEN311)
        arrived = read_request(form, self.categories, key.name)

        def work(connection: Connection) -> str:
            ticket = self.lifecycle.submit_within(connection, CITIZEN, arrived.draft)
            if arrived.coordinates is not None:
                place = self.lifecycle.cipher.encrypt_text("{:.6f} {:.6f}".format(*arrived.coordinates))
                connection.execute(insert(open311_places).values(ticket_id=ticket.id, coordinates=place))
            return ticket.number

        number = await self._once(request, key, raw, work)
        row = {"service_request_id": number, "service_notice": _NOTICE, "account_id": form.get("account_id")}
        return _answer(request, "service_requests", [row], 201)

    async def _once(self, request: web.Request, key: ApiKey, raw: bytes, work: Callable[[Connection], str]) -> str:
        called = request.headers.get("Idempotency-Key", "").strip()
        if not called:
            return await self.lifecycle.database.write(work)
        if len(called) > KEY_LIMIT or not called.isprintable():
            raise Refused(400, f"Idempotency-Key 只能用可见的字符，最多 {KEY_LIMIT} 个。")
        same = fingerprint("POST", request.path_qs, raw)
        try:
            answered = await self.answered.once(key.id, called, same, lambda connection: Answer(201, work(connection)))
        except OtherRequest as error:
            raise Refused(422, "这个 Idempotency-Key 已经用在另一个请求上了，请用一个新的值。") from error
        return answered.body

    async def _listed(self, request: web.Request, wanted: Wanted, *, one: bool = False) -> web.Response:
        found = await self.lifecycle.database.read(listed(wanted, self.lifecycle.cipher))
        if one and not found:
            raise Refused(404, "没有这个编号的公开诉求，请核对。")
        return _answer(request, "service_requests", found)

    async def _check_reader(self, request: web.Request) -> None:
        if not self.settings.open311_public:
            await self._key(request.query.get("api_key", ""), Scope.READ)
            return
        await self.access.limits.check(f"open311 {client_address(request, self.settings.trusted_proxies)}")

    def _check_jurisdiction(self, given: str | None) -> None:
        own = self.settings.open311_jurisdiction
        if own and given and given != own:
            raise Refused(404, f"没有这个 jurisdiction_id，这里是 {own}。")

    async def _key(self, text: str, scope: Scope) -> ApiKey:
        key = await self.access.key(text)
        if key is None or scope not in key.scopes:
            raise Refused(403, f"请写明有效的 api_key，范围要有 {scope}；没有请联系热线。")
        return key

    def _served(self, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.Response:
            try:
                self._check_jurisdiction(request.query.get("jurisdiction_id"))
                return await handler(request)
            except Refused as refused:
                return errors(request.match_info["form"], refused)
            except ApiError as error:  # the rate is told in the form of the API
                message = json.loads(error.text or "{}")["error"]["message"]
                kept = {"Retry-After": error.headers["Retry-After"]}
                return errors(request.match_info["form"], Refused(error.status, message, kept))

        return serve


def install(
    app: web.Application,
    settings: Settings,
    lifecycle: Lifecycle,
    access: Access,
    answered: AnsweredRequests,
    categories: Categories,
) -> None:
    """Add GeoReport v2 to an application."""
    Open311(lifecycle, access, answered, categories, settings).install(app)


async def _read(request: web.Request) -> bytes:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(400, "请求的内容应是表单（Content-Type: application/x-www-form-urlencoded）。")
    raw = b""
    while piece := await request.content.read(FORM_LIMIT + 1):
        raw += piece
        if len(raw) > FORM_LIMIT:
            raise Refused(400, f"内容太长了，最多 {FORM_LIMIT // 1024} KB。")
    return raw


def _answer(request: web.Request, root: str, content: Any, status: int = 200) -> web.Response:
    return answer(request.match_info["form"], root, content, status)
