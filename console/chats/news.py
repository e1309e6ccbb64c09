"""What an open page of talks is told as it happens: the board, and the open talk (server-sent events)."""

import asyncio
import json
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response

from console.addresses import id_of
from console.chats.refusals import refusals_told
from console.refusal import not_there
from console.visit import Visit
from handover.presence import SIGN_EVERY
from handover.queue import handover_within
from handover.talk import HandoverRefused
from service.identity.roles import Role

_STREAM_SECONDS = 60.0  # then the page comes in by the door again, where session and rights are checked
_CHANGES_BY_ITSELF = ("at", "waited_seconds")


@refusals_told
async def stream_news(visit: Visit) -> web.StreamResponse:
    """The board, and the open talk, whenever they change (server-sent events); an agent's sign of being there."""
    number, after = id_of(visit.query.get("talk", "")), id_of(visit.query.get("after", ""))
    if after is None:
        raise not_there()
    teller = _Teller(visit, number, after)
    conversation = await teller.conversation()
    async with sse_response(visit.request) as stream:
        async for _ in visit.office.chat_desk.arrivals.of(conversation):
            for event, what in await teller.look():
                await stream.send(json.dumps(what, ensure_ascii=False), event=event)
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


def _without_clocks(told: Any) -> Any:
    """What is told, without what changes as time goes by."""
    if isinstance(told, dict):
        return {name: _without_clocks(value) for name, value in told.items() if name not in _CHANGES_BY_ITSELF}
    return [_without_clocks(each) for each in told] if isinstance(told, list) else told
