"""Bytes that no client would send, where the outside world calls: no 500, no hang, and the next request is served."""

import asyncio
from dataclasses import replace

from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pushed_wechat import TOKEN, served

SECRET = "a-secret-of-more-than-24-letters"
WAITS = 3.0  # seconds for what may never be answered
PATHS = (
    b"/wechat",
    b"/wechat?signature=x&timestamp=1&nonce=2&encrypt_type=aes",
    f"/sms/{SECRET}/console/report".encode(),
    f"/sms/{SECRET}/aliyun/reply".encode(),
    b"/api/v1/widget/messages",
    b"/api/v1/widget/sessions",
    b"/api/v1/widget/events?session=x",
    b"/sms/%00%ff/%2e%2e/report",
)
HEADERS = (
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Transfer-Encoding: chunked",
    b"Content-Type: application/json",
    b"Content-Type: multipart/form-data; boundary=x",
    b"Content-Encoding: gzip",
    b"X-Forwarded-For: \xff, ,::1",
    b"Expect: 100-continue",
    b"Cookie: \x00=;;;=",
)
BODIES = st.binary(max_size=80) | st.sampled_from(
    [b"{}", b"[]", b'5\r\n{"a"\r\n0\r\n\r\n', b"\x1f\x8b", b"<xml>", b"[" * 5000]
)


@st.composite
def requests(draw):
    """Nearly a request, or no request at all."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    method = draw(st.sampled_from([b"POST", b"GET", b"PUT", b"post", b"\x00"]))
    headers = draw(st.lists(st.sampled_from(HEADERS), max_size=4, unique=True))
    head = b"\r\n".join([method + b" " + draw(st.sampled_from(PATHS)) + b" HTTP/1.1", b"Host: x", *headers])
    return head + b"\r\n\r\n" + draw(BODIES)


async def answered(port, sent):
    """The first line of what is answered; nothing where the server hangs up, or waits for more than was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        async with asyncio.timeout(WAITS):
            return await reader.readline()
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


async def test_no_bytes_on_the_socket_break_the_server(parts):
    found = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(requests())
    def collect(sent):
        found.append(sent)

    collect()
    values = {"wechat_appid": "wx", "wechat_token": TOKEN, "wechat_mode": "plain", "sms_callback_secret": SECRET}
    async with served(replace(parts, settings=parts.settings.model_copy(update=values))) as address:
        port = int(address.rpartition(":")[2])
        lines = await asyncio.gather(*(answered(port, sent) for sent in found))
        async with ClientSession() as http, http.get(f"{address}/healthz") as response:
            assert response.status == 200

    assert [sent for sent, line in zip(found, lines, strict=True) if line and line.split()[1] >= b"500"] == []
    assert sum(bool(line) for line in lines) > 20  # it is the server that was asked, and not the wall
