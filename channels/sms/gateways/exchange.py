"""One request to a gateway, with an honest ending: answered, surely not taken, or nobody knows."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError

from channels.outcomes import Remedy, SendRefused, SendUnknown

CALL_SECONDS = 15.0
"""The longest a call takes; then its answer counts as lost."""

_CONNECT_SECONDS = 5.0
_ANSWER_LIMIT = 256 * 1024  # bytes
_TRIES = 2  # only while no connection came about
_PAUSE_SECONDS = 0.3
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Call:
    """A request, ready to go."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


async def call(session: ClientSession, service: str, request: Call) -> Any:
    """Send a request; the JSON it was answered with.

    It is sent again by itself only where no connection came about, so nothing can have been taken.

    Raises:
        SendRefused: no connection came about.
        SendUnknown: the request went out, and no readable answer came back.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await _once(session, service, request)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            if not left:
                reason = f"连不上短信平台（{type(error).__name__}），请检查网络和接口地址；会自动再试。"
                raise SendRefused(service, "no_connection", reason, Remedy.RETRY) from error
            await asyncio.sleep(_PAUSE_SECONDS)
        except (ClientError, TimeoutError) as error:
            raise SendUnknown(service, f"短信平台没有回音（{type(error).__name__}），先查询是否已发出。") from error
    raise AssertionError


async def _once(session: ClientSession, service: str, request: Call) -> Any:
    timeout = ClientTimeout(total=CALL_SECONDS, sock_connect=_CONNECT_SECONDS)
    async with session.request(
        request.method,
        request.url,
        data=request.body,
        headers=request.headers,
        timeout=timeout,
        allow_redirects=False,
    ) as response:
        raw = await response.content.read(_ANSWER_LIMIT)
        while len(raw) < _ANSWER_LIMIT and (more := await response.content.read(_ANSWER_LIMIT)):
            raw += more
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        # A proxy's own page: below 500 it turned the request away, above it may have let it pass.
        if response.status < _SERVER_ERROR and not response.ok:
            reason = f"接口地址的回答不是短信平台的（HTTP {response.status}），请检查地址和代理设置。"
            raise SendRefused(service, str(response.status), reason, Remedy.ALARM) from error
        raise SendUnknown(service, f"短信平台的回答读不懂（HTTP {response.status}），先查询是否已发出。") from error
