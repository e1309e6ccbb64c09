"""Where the gateways push reports and replies: `/sms/<secret>/<gateway>/report` and `…/reply`.

Neither cloud signs what it pushes. The secret in the path is what tells them from others, and the addresses they call
from where these are set up (`callers.py`); what is then taken in must name a message of ours with its number, or a
number of the mainland.
"""

import hmac
import json
import logging
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from channels.sms.callers import Callers, is_signed
from channels.sms.gateways.gateway import Gateway
from channels.sms.pushed import Malformed, Pushes, pushes_of
from channels.sms.replies import Replies
from channels.sms.reports import Reports
from channels.sms.sending import SmsDesk
from service.clock import Clock
from service.limited_body import read_limited
from service.settings import Settings
from tickets.lifecycle import Lifecycle

BODY_LIMIT = 512 * 1024
"""Bytes: several hundred reports."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The handlers and what they work with."""

    secret: str
    callers: Callers
    desk: SmsDesk
    reports: Reports
    replies: Replies
    clock: Clock

    @classmethod
    def open(cls, settings: Settings, desk: SmsDesk, lifecycle: Lifecycle) -> "Callbacks":
        """The handlers of a desk; replies move tickets by `lifecycle`."""
        reports = Reports(desk.database, desk.ledger, desk.clock)
        replies = Replies(desk.database, desk.ledger, desk.texts, lifecycle)
        return cls(settings.sms_callback_secret, Callers.of(settings), desk, reports, replies, desk.clock)

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers are."""
        return [
            web.post("/sms/{secret}/{gateway}/report", self.report),
            web.post("/sms/{secret}/{gateway}/reply", self.reply),
        ]

    async def report(self, request: web.Request) -> web.Response:
        """A gateway tells what became of messages."""
        gateway, pushes = self._gateway(request)
        reports = await self._read(request, gateway, pushes.reports)
        await self.reports.take(gateway, reports)
        return _json(pushes.acknowledged)

    async def reply(self, request: web.Request) -> web.Response:
        """A gateway tells what somebody answered."""
        gateway, pushes = self._gateway(request)
        arrived = await self._read(request, gateway, pushes.replies)
        await self.replies.take(gateway, arrived)
        return _json(pushes.acknowledged)

    def _gateway(self, request: web.Request) -> tuple[Gateway, Pushes]:
        given = request.match_info["secret"].encode("utf-8", "replace")
        right = hmac.compare_digest(given, self.secret.encode())
        gateway = self.desk.gateway(request.match_info["gateway"])
        pushes = None if gateway is None else pushes_of(gateway)
        if not right or gateway is None or pushes is None:
            raise web.HTTPNotFound
        if not self.callers.come_from_it(request, gateway):
            _log.warning("a push of %s came from an address that is not one of its own", gateway.name)
            raise web.HTTPForbidden(text="这个地址不在 sms_callback_networks 里。")
        return gateway, pushes

    async def _read(self, request: web.Request, gateway: Gateway, read: Any) -> Any:
        raw = await read_limited(request, BODY_LIMIT)
        if not is_signed(request, raw, gateway):
            _log.warning("a push of %s is not signed as it should be", gateway.name)
            raise web.HTTPForbidden(text="签名不对。")
        try:
            return read(json.loads(raw), self.clock())
        except (ValueError, RecursionError, Malformed) as error:
            _log.warning("a push of %s could not be read", gateway.name)
            raise web.HTTPBadRequest(text="读不懂推送的内容。") from error


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
