"""What the script of the page is answered: JSON; whatever is refused is `{"error": …}` in Chinese with status 409."""

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

from console.visit import Visit
from handover.talk import HandoverRefused
from tickets.refusal import MoveNotAllowed

_Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def refusals_told(handler: _Handler) -> _Handler:
    """Give a refusal as JSON."""

    @wraps(handler)
    async def tell(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except (HandoverRefused, MoveNotAllowed) as refused:
            return as_json({"error": str(refused)}, status=409)

    return tell


def as_json(told: dict[str, Any], status: int = 200) -> web.Response:
    """An answer for the page's script."""
    return web.json_response(text=json.dumps(told, ensure_ascii=False), status=status)
