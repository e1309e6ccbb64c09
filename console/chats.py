"""Conversations with citizens who want a person (人工会话): the queue, live talks, entries and tickets beside them.

The page is one frame that its script (static/chats.js) fills from the JSON here; whatever is refused comes back as
`{"error": …}` in Chinese with status 409.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import wraps
from secrets import token_hex
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response
from sqlalchemy import Connection

from console.addresses import id_of
from console.area import Area, Need, RailItem, Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import only
from console.visit import Visit
from handover.phrases import PHRASE_LIMIT, may_change
from handover.presence import SIGN_EVERY
from handover.queue import count_waiting_within, handover_within
from handover.talk import HandoverRefused
from knowledge_base.entry import Facet
from service.identity.roles import Actor, Role
from tickets.intake import ANONYMOUS, UNKNOWN_PLACE
from tickets.phone import display_phone, parse_phone
from tickets.refusal import MoveNotAllowed
from tickets.ticket import Draft, Kind

_AGENTS = only(Role.AGENT)
_READERS = only(Role.AGENT, Role.SUPERVISOR)
_STREAM_SECONDS = 60.0  # then the page comes in by the door again, where session and rights are checked
_CHANGES_BY_ITSELF = ("at", "waited_seconds")
_STORY_LIMIT, _PLACE_LIMIT, _NAME_LIMIT = 1000, 100, 20

_Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def told(handler: _Handler) -> _Handler:
    """Give a refusal as JSON."""

    @wraps(handler)
    async def tell(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except (HandoverRefused, MoveNotAllowed) as refused:
            return as_json({"error": str(refused)}, status=409)

    return tell


async def show_chats(visit: Visit) -> web.Response:
    """The page."""
    kinds = [(kind.value, kind.label) for kind in Kind]
    actor = visit.actor
    return visit.page(
        "chats/page.html",
        form=Form(),
        kinds=kinds,
        is_agent=actor.is_any(Role.AGENT),
        for_everybody=may_change(actor, None),
        phrase_limit=PHRASE_LIMIT,
    )


@told
async def stream_news(visit: Visit) -> web.StreamResponse:
    """The board, and the open talk, whenever they change (server-sent events); an agent's sign of being there."""
    number, after = id_of(visit.query.get("talk", "")), id_of(visit.query.get("after", ""))
    if after is None:
        raise not_there()
    teller = _Teller(visit, number, after)
    conversation = await teller.conversation()
    async with sse_response(visit.request) as stream:
        async for _ in visit.office.chat_desk.arrivals.of(conversation):
            for event, told in await teller.look():
                await stream.send(json.dumps(told, ensure_ascii=False), event=event)
            if teller.is_over or not stream.is_connected():
                break
    return stream


class _Teller:
    """What an open page has been told so far."""

    def __init__(self, visit: Visit, number: int | None, after: int) -> None:
        self._visit = visit
        self._number = number
        self._after = after
        self._before: dict[str, Any] = {}
        self._began = asyncio.get_running_loop().time()
        self._signed = float("-inf")

    @property
    def is_over(self) -> bool:
        return self._now() - self._began >= _STREAM_SECONDS

    async def conversation(self) -> str:
        """The conversation of the open talk; empty where none is open."""
        number = self._number
        if number is None:
            return ""
        talk = await self._visit.office.database.read(lambda connection: handover_within(connection, number))
        return (talk and talk.conversation) or ""

    async def look(self) -> list[tuple[str, dict[str, Any]]]:
        """What is new, by event."""
        await self._give_sign()
        actor, chats = self._visit.actor, self._visit.office.chats
        news = [("board", await chats.board(actor))]
        if self._number is not None:
            try:
                talk = await chats.talk(actor, self._number, self._after)
            except HandoverRefused as refused:
                talk = {"error": str(refused)}
            for message in talk.pop("messages", ()):
                news.append(("message", message))
                self._after = message["id"]
            news.append(("talk", talk))
        return [(event, told) for event, told in news if event == "message" or self._is_new(event, told)]

    def _is_new(self, event: str, told: dict[str, Any]) -> bool:
        bare, before = _without_clocks(told), self._before.get(event)
        self._before[event] = bare
        return bool(bare != before)

    async def _give_sign(self) -> None:
        actor = self._visit.actor
        if actor.is_any(Role.AGENT) and self._now() - self._signed >= SIGN_EVERY.total_seconds():
            await self._visit.office.chat_desk.give_sign(actor)
            self._signed = self._now()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


@told
async def find_entries(visit: Visit) -> web.Response:
    """Entries for some words, by the very search that answers citizens."""
    return as_json({"entries": await visit.office.chats.entries(visit.actor, (await visit.form()).raw("q"))})


@told
async def change_duty(visit: Visit) -> web.Response:
    """On duty, or off."""
    desk, on = visit.office.chat_desk, (await visit.form()).raw("on") == "yes"
    await (desk.come(visit.actor) if on else desk.leave(visit.actor))
    return as_json({})


@told
async def take(visit: Visit) -> web.Response:
    """Take one who waits."""
    await visit.office.chat_desk.take(visit.actor, _number(visit))
    return as_json({})


@told
async def say(visit: Visit) -> web.Response:
    """Say something."""
    form = await visit.form()
    await visit.office.chat_desk.say(visit.actor, _number(visit), form.raw("message"), form.raw("text"))
    return as_json({})


@told
async def send_entry(visit: Visit) -> web.Response:
    """Send an entry's answer, or a facet of it."""
    form = await visit.form()
    facet = form.raw("facet")
    chosen = Facet(facet) if facet in set(Facet) else None
    desk = visit.office.chat_desk
    await desk.send_entry(visit.actor, _number(visit), form.raw("message"), form.raw("slug"), chosen)
    return as_json({})


@told
async def release(visit: Visit) -> web.Response:
    """Back into the queue."""
    await visit.office.chat_desk.release(visit.actor, _number(visit))
    return as_json({})


@told
async def transfer(visit: Visit) -> web.Response:
    """On to a colleague."""
    await visit.office.chat_desk.transfer(visit.actor, _number(visit), (await visit.form()).raw("to"))
    return as_json({})


@told
async def end(visit: Visit) -> web.Response:
    """Back to the assistant."""
    await visit.office.chat_desk.end(visit.actor, _number(visit))
    return as_json({})


@told
async def show_draft(visit: Visit) -> web.Response:
    """A ticket's draft out of what the citizen said."""
    draft = await visit.office.chat_desk.draft(visit.actor, _number(visit))
    return as_json(
        {
            "draft": draft.id,
            "kind": draft.kind.value,
            "description": draft.description,
            "place": draft.place,
            "name": draft.name,
            "phone": display_phone(draft.phone) if draft.phone else "",
        }
    )


@told
async def open_ticket(visit: Visit) -> web.Response:
    """Register what the citizen told."""
    number, form = _number(visit), await visit.form()
    kind = form.choice("kind", set(Kind), missing="请选一个类型。")
    description = form.text("description", missing="请写清楚是什么事。", limit=_STORY_LIMIT)
    phone = parse_phone(form.text("phone", missing="请留一个能联系到市民的电话。"))
    if phone is None:
        form.complain("phone", "这个电话号码不对，请核对。")
    place, name = form.text("place", limit=_PLACE_LIMIT), form.text("name", limit=_NAME_LIMIT)
    if not form.ok:
        return as_json({"errors": form.errors}, status=422)
    draft = Draft(
        id=form.raw("draft")[:50] or token_hex(16),
        kind=Kind(kind),
        channel="",  # the talk's
        conversation="",
        description=description,
        place=place or UNKNOWN_PLACE,
        name=name or ANONYMOUS,
        phone=phone,
    )
    ticket = await visit.office.chat_desk.open_ticket(visit.actor, number, draft)
    return as_json({"number": ticket.number})


def _number(visit: Visit) -> int:
    number = id_of(visit.match["number"])
    if number is None:
        raise not_there("没有找到这个会话")
    return number


def _without_clocks(told: Any) -> Any:
    """What is told, without what changes as time goes by."""
    if isinstance(told, dict):
        return {name: _without_clocks(value) for name, value in told.items() if name not in _CHANGES_BY_ITSELF}
    return [_without_clocks(each) for each in told] if isinstance(told, list) else told


def as_json(told: dict[str, Any], status: int = 200) -> web.Response:
    """An answer for the page's script."""
    return web.json_response(text=json.dumps(told, ensure_ascii=False), status=status)


def _count_waiting(_office: Office, _actor: Actor) -> Callable[[Connection], int]:
    return count_waiting_within


AREA = Area(
    routes=(
        Route("GET", "/chats", _READERS, show_chats, "人工会话"),
        Route("GET", "/chats/news", _READERS, stream_news, "会话的新动静", watches=True),
        Route("POST", "/chats/entries", _AGENTS, find_entries, "给市民找条目"),
        Route("POST", "/chats/duty", _AGENTS, change_duty, "上线、下线"),
        Route("POST", "/chats/{number}/take", _AGENTS, take, "接入"),
        Route("POST", "/chats/{number}/say", _AGENTS, say, "对市民说"),
        Route("POST", "/chats/{number}/entry", _AGENTS, send_entry, "发送条目"),
        Route("POST", "/chats/{number}/release", _READERS, release, "退回排队"),
        Route("POST", "/chats/{number}/transfer", _AGENTS, transfer, "转给同事"),
        Route("POST", "/chats/{number}/end", _AGENTS, end, "结束会话"),
        Route("GET", "/chats/{number}/draft", _AGENTS, show_draft, "从会话起草工单"),
        Route("POST", "/chats/{number}/ticket", _AGENTS, open_ticket, "从会话登记工单"),
    ),
    rail=(RailItem("人工会话", "chat", "/chats", need="chats_waiting", about="上线后，要人工的市民会排到您"),),
    needs=(Need("chats_waiting", "位市民在等人工", "/chats", _count_waiting),),
)
