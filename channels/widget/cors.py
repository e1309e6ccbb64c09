"""Which other sites may embed the widget."""

from collections.abc import Awaitable, Callable

from aiohttp import web

_PUBLIC = ("/api/v1/widget/", "/widget.js", "/static/")


def allow_embedding(app: web.Application, origins: tuple[str, ...]) -> None:
    """Let the listed origins use the widget's addresses; "*" means any.

    The headers are set as a response begins, so that errors and event streams carry them, too.
    """

    def allowed_origin(request: web.Request) -> str | None:
        origin = request.headers.get("Origin")
        known = origin and (origin in origins or "*" in origins)
        return origin if known and request.path.startswith(_PUBLIC) else None

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if origin := allowed_origin(request):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, Last-Event-ID"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Max-Age"] = "86400"
            response.headers["Vary"] = "Origin"

    @web.middleware
    async def answer_preflight(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.method == "OPTIONS" and allowed_origin(request):
            return web.Response(status=204)
        return await handler(request)

    app.on_response_prepare.append(add_headers)
    app.middlewares.append(answer_preflight)
