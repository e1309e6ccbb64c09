"""Requests that do not end as they should."""

from aiohttp import web


def end_without_answer(request: web.Request) -> web.StreamResponse:
    """The connection is gone; the caller will never know."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def garbled() -> web.StreamResponse:
    """A proxy's page stands where the answer should."""
    return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
