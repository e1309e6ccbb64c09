"""The body of a request from outside, as far as it may be long and as fast as it has to come."""

import asyncio

from aiohttp import web

SECONDS = 10.0
"""Who sends slower holds a connection and nothing else."""


async def read_limited(request: web.Request, limit: int) -> bytes:
    """The body.

    Args:
        limit: bytes it may have, told or not.

    Raises:
        web.HTTPRequestEntityTooLarge: it has more.
        web.HTTPRequestTimeout: it does not come to its end.
    """
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    raw = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            while more := await request.content.read(limit + 1 - len(raw)):
                raw += more
                if len(raw) > limit:
                    raise web.HTTPRequestEntityTooLarge(limit, len(raw))
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    return bytes(raw)
