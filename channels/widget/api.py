"""The widget's HTTP API: sessions, messages, history and server-sent events."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response
from sqlalchemy import Connection

from actions.present import ask_about
from bot.assistant import Assistant, Incoming, new_id
from bot.payloads import PayloadRefused
from bot.transcript import Message, Sender
from channels.delivery.receipts import Receipts
from channels.widget.arrivals import Arrivals
from channels.widget.errors import bad_request, session_invalid, too_large
from channels.widget.limits import RateLimits, client_address
from channels.widget.session import SessionInvalid, WidgetSessions
from handover.asking import Standing, standing_within
from handover.wording import agent_name
from knowledge_base.knowledge import Knowledge
from service.clock import CHINA
from service.settings import Settings

TEXT_LIMIT = 1000  # characters
BODY_LIMIT = 16 * 1024  # bytes
_ID_LIMIT = 64
_TITLE_LIMIT = 100
_POPULAR = 6


@dataclass(frozen=True, slots=True)
class WidgetApi:
    """The handlers and what they work with."""

    assistant: Assistant
    knowledge: Knowledge
    sessions: WidgetSessions
    limits: RateLimits
    arrivals: Arrivals
    receipts: Receipts
    settings: Settings

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers are."""
        return [
            web.post("/api/v1/widget/sessions", self.open_session),
            web.post("/api/v1/widget/messages", self.post_message),
            web.get("/api/v1/widget/history", self.get_history),
            web.get("/api/v1/widget/events", self.get_events, allow_head=False),
        ]

    async def open_session(self, request: web.Request) -> web.Response:
        """Begin a conversation."""
        await _read_json(request)
        await self.limits.check_session(client_address(request, self.settings.trusted_proxies))
        token, expires = self.sessions.issue()
        body = {"session": token, "expires_at": expires.astimezone(CHINA).isoformat(timespec="seconds")}
        return _json(body | self._welcome(), status=201)

    async def post_message(self, request: web.Request) -> web.Response:
        """Run one turn and give its replies. The same id again gives the same replies."""
        body = await _read_json(request)
        conversation = self._conversation(body.get("session"))
        incoming = _incoming(conversation, body)
        await self.limits.check_message(conversation)
        try:
            outcome = await self.assistant.turn(incoming)
        except PayloadRefused as refused:
            raise bad_request("这个按钮不能用了，请直接打字告诉我。") from refused
        self.arrivals.announce(conversation)
        replies = [_reply(message) for message in outcome.replies]
        return _json({"replies": replies, "citizen_message_id": outcome.incoming.id})

    async def get_history(self, request: web.Request) -> web.Response:
        """What was said so far."""
        conversation = self._conversation(request.query.get("session"))
        transcript = self.assistant.transcript
        history, standing = await self.assistant.database.read(
            lambda connection: (
                transcript.history_within(connection, conversation),
                standing_within(connection, conversation),
            )
        )
        await self.receipts.shown(conversation, [message.turn for message in history])
        messages = [_message(message) for message in history]
        return _json({"messages": messages, "handover": self._standing(standing)} | self._welcome())

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """What is said from now on, as it is said, and where the way to a person stands (server-sent events)."""
        conversation = self._conversation(request.query.get("session"))
        last = _last_id(request)
        # A page that shows a way to a person has to hear when there is none any longer.
        told: Standing | str | None = request.query.get("handover") or None

        def look(connection: Connection) -> tuple[list[Message], Standing | None]:
            after = self.assistant.transcript.after_within(connection, conversation, last)
            return after, standing_within(connection, conversation)

        async with sse_response(request) as stream:
            async for _ in self.arrivals.of(conversation):
                said, standing = await self.assistant.database.read(look)
                for message in said:
                    data = json.dumps(_message(message), ensure_ascii=False)
                    await stream.send(data, id=str(message.id), event="message")
                    last = message.id
                if standing != told:
                    await stream.send(json.dumps(self._standing(standing), ensure_ascii=False), event="handover")
                    told = standing
                if not stream.is_connected():
                    break
                await self.receipts.shown(conversation, [message.turn for message in said])
        return stream

    def _welcome(self) -> dict[str, Any]:
        popular = [ask_about(entry) for entry in self.knowledge.popular(_POPULAR)]
        hotline = {"name": self.settings.hotline_name, "phone": self.settings.hotline_phone}
        return {"hotline": hotline, "popular": popular, "privacy_url": "/privacy"}

    def _standing(self, standing: Standing | None) -> dict[str, Any] | None:
        """Where the way to a person stands, for the widget's head."""
        if standing is None:
            return None
        agent = standing.number and agent_name(self.settings.agent_title, standing.number)
        return {"state": standing.state.value, "ahead": standing.ahead, "agent": agent}

    def _conversation(self, token: Any) -> str:
        if not isinstance(token, str) or not token:
            raise bad_request("缺少 session。")
        try:
            return self.sessions.conversation(token)
        except SessionInvalid as error:
            raise session_invalid() from error


def _incoming(conversation: str, body: dict[str, Any]) -> Incoming:
    text, payload = body.get("text", ""), body.get("payload", "")
    title, message_id = body.get("title", ""), body.get("id") or new_id()
    if not all(isinstance(value, str) for value in (text, payload, title, message_id)):
        raise bad_request("text、payload、title 和 id 都应是文字。")
    if bool(text.strip()) == bool(payload):
        raise bad_request("请写点内容再发送。" if not payload else "text 和 payload 只能有一个。")
    if len(text) > TEXT_LIMIT:
        raise too_large(f"一次最多 {TEXT_LIMIT} 个字，请分几次发。")
    if len(message_id) > _ID_LIMIT or len(title) > _TITLE_LIMIT:
        raise bad_request("id 或 title 太长。")
    # A NUL or a lone surrogate is no text, and PostgreSQL and UTF-8 refuse them.
    text = text.replace("\u3000", " ")
    text = "".join(character for character in text if character.isprintable() or character in "\n\t")
    if not text.strip() and not payload:
        raise bad_request("请写点内容再发送。")
    return Incoming(conversation, "widget", message_id, text.strip(), payload, title)


async def _read_json(request: web.Request) -> dict[str, Any]:
    if request.content_length is not None and request.content_length > BODY_LIMIT:
        raise too_large("内容太长了。")
    raw = await request.content.read(BODY_LIMIT + 1)
    while len(raw) <= BODY_LIMIT and (more := await request.content.read(BODY_LIMIT + 1)):
        raw += more
    if len(raw) > BODY_LIMIT:
        raise too_large("内容太长了。")
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise bad_request("请求不是有效的 JSON。") from error
    if not isinstance(body, dict):
        raise bad_request("请求应是一个 JSON 对象。")
    return body


def _last_id(request: web.Request) -> int:
    text = request.headers.get("Last-Event-ID") or request.query.get("after") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise bad_request("after 应是消息编号。")
    return int(text)


def _reply(message: Message) -> dict[str, Any]:
    return {"id": message.id, "at": _china_time(message)} | message.body


def _message(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": message.id, "at": _china_time(message), "from": message.sender.value}
    if message.sender is Sender.CITIZEN:
        return shown | {"text": message.body["text"]}
    return shown | {"reply": _reply(message)}


def _china_time(message: Message) -> str:
    return message.at.astimezone(CHINA).isoformat(timespec="seconds")


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.json_response(text=text, status=status, headers={"Cache-Control": "no-store"})
