"""Both clouds on one port: `/aliyun`, `/tencent`, and at `/` a page with the phones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, web
from jinja2 import Environment, FileSystemLoader

from simulators.sms.account import Account
from simulators.sms.aliyun import SimulatedAliyun
from simulators.sms.aliyun import shown as china_time
from simulators.sms.carrier import Arrived, Carrier
from simulators.sms.pushing import Pusher
from simulators.sms.tencent import SimulatedTencent

_SHOWN = 100
_STATES = {None: "在路上", True: "已送达", False: "没有送达"}


@dataclass(slots=True)
class SimulatedSms:
    """The clouds, the phones, and what is pushed.

    Attributes:
        callback: the customer's address of callbacks, up to the gateway's name; empty: nothing is pushed.
        report_after: seconds until a message is reported by itself; None: only when it is asked for.
        told: hears of every message that arrives.
    """

    account: Account
    carrier: Carrier
    callback: str = ""
    report_after: float | None = None
    told: Callable[[Arrived], None] = field(default=lambda message: None)
    pauses: tuple[float, ...] = (60.0, 300.0, 600.0)
    pusher: Pusher = field(init=False)

    def app(self) -> web.Application:
        """The application."""
        app = web.Application()
        aliyun, tencent = SimulatedAliyun(self.account, self.carrier), SimulatedTencent(self.account, self.carrier)
        app.add_routes(
            [
                web.post("/aliyun/", aliyun.handle),
                web.post("/tencent/", tencent.handle),
                web.get("/", self._page),
                web.post("/reply", self._reply),
            ]
        )
        app.cleanup_ctx.append(self._run)
        return app

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        async with ClientSession() as session:
            self.pusher = Pusher(session, self.carrier, self.callback, self.pauses)
            watching = asyncio.create_task(self._watch())
            yield
            watching.cancel()

    async def _watch(self) -> None:
        """Tell of what arrives, and report it when its time has come."""
        seen = 0
        async with asyncio.TaskGroup() as reporting:
            while True:
                for message in self.carrier.arrived[seen:]:
                    self.told(message)
                    if self.report_after is not None:
                        reporting.create_task(self._report(message, self.report_after))
                seen = len(self.carrier.arrived)
                await asyncio.sleep(0.1)

    async def _report(self, message: Arrived, after: float) -> None:
        await asyncio.sleep(after)
        await self.pusher.report(message)

    async def _page(self, _request: web.Request) -> web.Response:
        pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
        messages = [
            {
                "phone": each.phone.removeprefix("+86"),
                "gateway": each.gateway,
                "at": china_time(each.at),
                "parts": each.parts,
                "state": _STATES[each.delivered],
                "sign": each.sign,
                "text": each.text,
            }
            for each in reversed(self.carrier.arrived[-_SHOWN:])
        ]
        return web.Response(text=pages.get_template("page.html").render(messages=messages), content_type="text/html")

    async def _reply(self, request: web.Request) -> web.Response:
        form = await request.post()
        gateway, phone, text = (str(form.get(name, "")) for name in ("gateway", "phone", "text"))
        if gateway not in ("aliyun", "tencent") or not phone.isdigit() or not text:
            raise web.HTTPBadRequest(text="请写上回复的内容。")
        taken = await self.pusher.reply(gateway, f"+86{phone}", text)
        if not taken:
            raise web.HTTPBadGateway(text="聊天办没有收下这条回复：请检查回调地址和 LTB_SMS_CALLBACK_SECRET。")
        raise web.HTTPSeeOther("/")
