"""One request to the platform and its answer; knows what is certain when there is none."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.errors import SERVICE

TIMEOUT = ClientTimeout(total=20, sock_connect=5, sock_read=10)
"""Seconds. The platform answers within one; sending stops waiting long before a citizen would."""


Body = Mapping[str, Any] | None
"""What is posted; None asks with GET."""


class Transport:
    """Requests below the platform's address."""

    def __init__(self, http: ClientSession, address: str) -> None:
        self.http = http
        self._address = address.rstrip("/")

    def url(self, path: str) -> str:
        """Where an interface is."""
        return self._address + path

    async def exchange(self, path: str, body: Body, params: Mapping[str, str]) -> dict[str, Any]:
        """Ask, and read the answer's fields, whatever they say.

        Raises:
            SendRefused: the request never reached the platform (retry), or something else answers there (alarm).
            SendUnknown: it was sent, and no answer came.
        """
        method = "GET" if body is None else "POST"
        try:
            request = self.http.request(method, self.url(path), params=params, timeout=TIMEOUT, **_payload(body))
            async with request as response:
                return answer_of(response.status, await response.read())
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise unreachable(error) from error
        except (ClientError, TimeoutError, OSError) as error:
            raise unanswered(error) from error


def _payload(body: Body) -> dict[str, Any]:
    if body is None:
        return {}
    # Not escaped: people would see \uXXXX as it stands.
    content = json.dumps(body, ensure_ascii=False).encode()
    return {"data": content, "headers": {"Content-Type": "application/json; charset=utf-8"}}


def answer_of(status: int, content: bytes) -> dict[str, Any]:
    """The fields of an answer.

    Raises:
        SendRefused: it is not the platform that answers at this address.
        SendUnknown: the platform stumbled.
    """
    try:
        answer = json.loads(content, strict=False)  # the platform does not escape control characters
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    if status < 500:
        reason = f"这个地址上答话的不是微信（HTTP {status}），请检查 LTB_WECHAT_API_URL 和中间的代理。"
        raise SendRefused(SERVICE, f"http_{status}", reason, Remedy.ALARM)
    raise SendUnknown(SERVICE, f"微信或中间的代理出错（HTTP {status}），不知道发出去没有。")


def told(answer: Mapping[str, Any], field: str) -> str:
    """A field that an answer which grants must have.

    Raises:
        SendUnknown: it has none.
    """
    if not answer.get(field):
        raise SendUnknown(SERVICE, f"微信的回答里没有 {field}。")
    return str(answer[field])


def unreachable(error: Exception) -> SendRefused:
    """No connection came about, so nothing was sent."""
    reason = f"连不上微信（{type(error).__name__}），会自动再试；一直连不上的话，请检查网络和 LTB_WECHAT_API_URL。"
    return SendRefused(SERVICE, "unreachable", reason, Remedy.RETRY)


def unanswered(error: Exception) -> SendUnknown:
    """It was sent, and no answer came."""
    return SendUnknown(SERVICE, f"微信没有回答（{type(error).__name__}），不知道发出去没有。")
