"""What the script of the page is told when something is refused: `{"error": …}` in Chinese, with status 409."""

from functools import wraps

from aiohttp import web

from console.area import Handler
from console.visit import Visit
from handover.talk import HandoverRefused
from tickets.refusal import MoveNotAllowed


def refusals_told(handler: Handler) -> Handler:
    """Give a refusal as JSON."""

    @wraps(handler)
    async def tell(visit: Visit) -> web.StreamResponse:
        try:
            return await handler(visit)
        except (HandoverRefused, MoveNotAllowed) as refused:
            return web.json_response({"error": str(refused)}, status=409)

    return tell
