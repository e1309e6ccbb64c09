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

from channels.wechat.answering import Answering
from channels.wechat.arrival import Arrival
from channels.wechat.envelope import Envelope, EnvelopeRefused, Malformed, Seals
from channels.wechat.followers import Followers
from channels.wechat.receipts import KINDS as REPORTS
from channels.wechat.receipts import Receipts
from channels.wechat.remembered import Remembered
from channels.wechat.rendering import render
from channels.wechat.replays import Replays
from channels.wechat.sending import Sender
from channels.wechat.telling import Passive, Telling
from service.identity.citizens import Citizens

_log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024  # bytes
PASSIVE_SECONDS = 4.0  # of the five
_ANSWERED, _ANSWERED_SECONDS = 5_000, 60  # WeChat asks again for a quarter of a minute
_ECHO_LIMIT = 256  # characters; WeChat's have about twenty
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
    _running: dict[str, "asyncio.Task[list[str]]"] = field(default_factory=dict)
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
        body = await _read(request)
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
            conversation = await self.followers.conversation_of(arrival.openid)
            await self._follow(arrival, conversation, self._begun(arrival, conversation))
        if self.sender:
            await self.sender.settle()
            for conversation in await self.telling.ready():
                await self.sender.send(conversation)

    async def drain(self) -> None:
        """Wait for what is on its way."""
        while self._running or self._afterwards:
            await asyncio.gather(*self._running.values(), *self._afterwards, return_exceptions=True)

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
        conversation = await self._conversation(arrival)
        task = self._begun(arrival, conversation)
        await asyncio.wait({task}, timeout=until - now)
        if task.done() and request.transport is not None:  # else WeChat has hung up, and would not hear it
            passive = await self.telling.answer(arrival, conversation, task.result())
            self._answered.put(arrival.key, replace(passive, more=False), now)
            if passive.more:
                self._later(self._send_rest(conversation))
            return passive
        passive = await self.telling.postpone(arrival, conversation)
        if not passive.text:
            self._later(self._follow(arrival, conversation, task))
        return passive

    async def _conversation(self, arrival: Arrival) -> str:
        if arrival.kind.startswith("event.subscribe"):
            return await self.followers.followed(arrival.openid, arrival.sent)
        return await self.followers.conversation_of(arrival.openid)

    def _begun(self, arrival: Arrival, conversation: str) -> "asyncio.Task[list[str]]":
        """The task that answers an arrival, one for all its deliveries to this process."""
        task = self._running.get(arrival.key)
        if task is None:
            task = self._running[arrival.key] = asyncio.create_task(self._texts(arrival, conversation))
            task.add_done_callback(lambda _: self._running.pop(arrival.key, None))
        return task

    async def _texts(self, arrival: Arrival, conversation: str) -> list[str]:
        if arrival.text("Content").strip() in _CONTINUE and await self.telling.has_kept(conversation):
            return []
        return render(await self.answering.replies(arrival, conversation), self.site)

    async def _follow(self, arrival: Arrival, conversation: str, task: "asyncio.Task[list[str]]") -> None:
        """Have the answer go out once it is there."""
        try:
            texts = await asyncio.shield(task)
        except Exception:  # noqa: BLE001  # `recover` runs it once more
            _log.exception("an arrival of kind %s failed after it was put off", arrival.kind)
            return
        if await self.telling.follow(arrival, conversation, texts):
            self._answered.put(arrival.key, Passive(""), asyncio.get_running_loop().time())
            if self.sender:
                await self.sender.send(conversation)

    async def _send_rest(self, conversation: str) -> None:
        if self.sender:
            await asyncio.sleep(_AFTER_REPLY_SECONDS)
            await self.sender.send(conversation)

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


async def _read(request: web.Request) -> bytes:
    """The body, if it is not too large.

    Raises:
        web.HTTPRequestEntityTooLarge: it is.
    """
    raw = b""
    while len(raw) <= BODY_LIMIT and (more := await request.content.read(BODY_LIMIT + 1)):
        raw += more
    if len(raw) > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(raw))
    return raw
