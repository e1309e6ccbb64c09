"""Where WeChat calls: within five seconds it wants an answer, else it asks again, three times.

The answer is worked out as a task. What is there within four seconds is the reply to the request; else the reply is
`success`, and the answer goes out by itself.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from aiohttp import web
from wechatpy.replies import TextReply

from channels.wechat.arriving.answering import Answering
from channels.wechat.arriving.arrival import Arrival
from channels.wechat.arriving.envelope import Envelope, EnvelopeRefused, Malformed, Seals
from channels.wechat.arriving.exchange import Exchange
from channels.wechat.arriving.replays import Replays
from channels.wechat.followers import Followers
from channels.wechat.receipts import KINDS as REPORTS
from channels.wechat.receipts import Receipts
from channels.wechat.remembered import Remembered
from channels.wechat.rendering import render
from channels.wechat.sending import Sender
from channels.wechat.telling import Passive, Telling
from service.identity.citizens import Citizens
from service.limited_body import read_limited

_log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024  # bytes
PASSIVE_SECONDS = 4.0  # of the five
_ANSWERED, _ANSWERED_SECONDS = 5_000, 60  # WeChat asks again for a quarter of a minute
_ECHO_LIMIT = 256  # characters; WeChat's have about twenty
_LONGEST_WAIT = 2.5  # seconds for a turn to begin, of those in which it has to be done
_AFTER_REPLY_SECONDS = 0.5  # what follows must not overtake the reply it follows
_CONTINUE = frozenset({"继续", "接着说", "接着看", "然后呢"})
_PLAIN = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """The handlers and what they work with.

    Attributes:
        site: where citizens reach this service, for links.
    """

    seals: Seals
    replays: Replays
    followers: Followers
    citizens: Citizens
    receipts: Receipts
    answering: Answering
    telling: Telling
    sender: Sender | None
    site: str = ""
    _answered: Remembered[Passive] = field(default_factory=lambda: Remembered(_ANSWERED, _ANSWERED_SECONDS))
    _running: dict[str, Exchange] = field(default_factory=dict)
    _afterwards: set["asyncio.Task[None]"] = field(default_factory=set)

    async def verify(self, request: web.Request) -> web.Response:
        """WeChat asks whether this address is ours (接入验证)."""
        try:
            self.seals.check(request.query)
        except EnvelopeRefused as refused:
            raise web.HTTPForbidden(text="signature") from refused
        return web.Response(text=request.query.get("echostr", "")[:_ECHO_LIMIT], headers=_PLAIN)

    async def receive(self, request: web.Request) -> web.Response:
        """A message or an event."""
        until = asyncio.get_running_loop().time() + PASSIVE_SECONDS
        body = await read_limited(request, BODY_LIMIT)
        try:
            envelope = self.seals.open(request.query, body)
            arrival = Arrival.of(envelope.xml)
            if not envelope.key:
                await self.replays.check(envelope.nonce, arrival.key)
        except EnvelopeRefused as refused:
            raise web.HTTPForbidden(text="signature") from refused
        except Malformed as malformed:
            raise web.HTTPBadRequest(text="malformed") from malformed
        text = await self._answer(arrival, request, until)
        return self._response(envelope, arrival, text)

    async def recover(self) -> None:
        """Go on with what a crash left: arrivals nobody answered, texts nobody sent."""
        for arrival in await self.telling.abandoned():
            if arrival.key not in self._running:
                exchange = self._begun(arrival, await self.followers.conversation_of(arrival.openid))
                self._leave_behind(exchange)
        if self.sender:
            await self.sender.settle()
            for conversation in await self.telling.waiting.ready():
                await self.sender.send(conversation)

    async def drain(self) -> None:
        """Wait for what is on its way. What was put off and not begun stays in the database, for `recover`."""
        self.answering.pace.end()
        while self._running or self._afterwards:
            tasks = [exchange.task for exchange in self._running.values()]
            await asyncio.gather(*tasks, *self._afterwards, return_exceptions=True)

    async def _answer(self, arrival: Arrival, request: web.Request, until: float) -> str:
        if arrival.kind in REPORTS:
            await self.receipts.record(arrival)
        elif arrival.kind == "event.unsubscribe":
            await self._leave(arrival)
        elif self.answering.answers(arrival):
            try:
                return (await self._told(arrival, request, until)).text
            except Exception:  # noqa: BLE001  # whatever fails, the citizen gets a sentence and a way on
                _log.exception("an arrival of kind %s failed", arrival.kind)
                return self.answering.failed()
        return ""

    async def _leave(self, arrival: Arrival) -> None:
        """Who leaves may give the account to somebody else: the phones they have proved count no longer."""
        await self.followers.left(arrival.openid, arrival.sent)
        if follower := await self.followers.of_openid(arrival.openid):
            await self.citizens.unbind(follower.conversation)

    async def _told(self, arrival: Arrival, request: web.Request, until: float) -> Passive:
        now = asyncio.get_running_loop().time()
        before = self._answered.get(arrival.key, now)
        if before is not None:
            return before
        exchange = self._running.get(arrival.key)
        if exchange is None:
            exchange = self._begun(arrival, await self._conversation(arrival))
        if not self._is_late(exchange) and await exchange.wait(request, until - now):
            return exchange.task.result()
        return await self._put_off(exchange)

    def _is_late(self, exchange: Exchange) -> bool:
        """Whether it is clear that the answer will not be there in time."""
        pace = self.answering.pace
        return pace.is_put_off(exchange.conversation) or pace.seconds_to_wait() > _LONGEST_WAIT

    async def _put_off(self, exchange: Exchange) -> Passive:
        """Let WeChat know that the answer comes later, once that is written down; once for all deliveries."""
        if exchange.put_off is None:
            exchange.put_off = asyncio.create_task(self.telling.postpone(exchange.arrival, exchange.conversation))
            self._leave_behind(exchange)
        return await asyncio.shield(exchange.put_off)

    def _leave_behind(self, exchange: Exchange) -> None:
        if not exchange.task.done():
            pace = self.answering.pace
            pace.put_off(exchange.conversation)
            exchange.task.add_done_callback(lambda _: pace.caught_up(exchange.conversation))

    async def _conversation(self, arrival: Arrival) -> str:
        if arrival.kind.startswith("event.subscribe"):
            return await self.followers.followed(arrival.openid, arrival.sent)
        return await self.followers.conversation_of(arrival.openid)

    def _begun(self, arrival: Arrival, conversation: str) -> Exchange:
        """The exchange that answers an arrival, one for all its deliveries to this process."""
        exchange = self._running.get(arrival.key)
        if exchange is None:
            exchange = self._running[arrival.key] = Exchange(arrival, conversation, self.telling, self.site)
            exchange.task = asyncio.create_task(exchange.decided(self._texts))
            exchange.task.add_done_callback(lambda task: self._ended(exchange, task))
        return exchange

    async def _texts(self, exchange: Exchange) -> list[str]:
        arrival, conversation = exchange.arrival, exchange.conversation
        if arrival.text("Content").strip() in _CONTINUE and await self.telling.waiting.has_kept(conversation):
            return []
        return render(await self.answering.replies(arrival, conversation, exchange.told), self.site)

    def _ended(self, exchange: Exchange, task: "asyncio.Task[Passive]") -> None:
        del self._running[exchange.arrival.key]
        if task.cancelled():
            return
        if error := task.exception():
            if exchange.put_off:  # no request tells of it; `recover` runs it once more
                _log.error("an arrival of kind %s failed", exchange.arrival.kind, exc_info=error)
            return
        passive = task.result()
        self._answered.put(exchange.arrival.key, replace(passive, more=False), asyncio.get_running_loop().time())
        if passive.more and self.sender:
            self._later(self._send(self.sender, exchange.conversation, _AFTER_REPLY_SECONDS if passive.text else 0))

    @staticmethod
    async def _send(sender: Sender, conversation: str, after: float) -> None:
        await asyncio.sleep(after)
        await sender.send(conversation)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    def _response(self, envelope: Envelope, arrival: Arrival, text: str) -> web.Response:
        if not text:
            return web.Response(text="success", headers=_PLAIN)
        at = int(self.seals.clock().timestamp())
        reply = TextReply(source=arrival.account, target=arrival.openid, content=text, time=at)
        xml = self.seals.seal(envelope, reply.render())
        return web.Response(text=xml, content_type="text/xml", headers=_PLAIN)
