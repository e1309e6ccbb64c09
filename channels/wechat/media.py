"""Pictures, voices and videos: taken from the platform, which keeps them three days."""

from dataclasses import dataclass

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ConnectionTimeoutError

from channels.outcomes import SendUnknown
from channels.wechat.calls import Calls
from channels.wechat.errors import SERVICE
from channels.wechat.transport import TIMEOUT, answer_of, told, unanswered, unreachable
from service.settings import Settings
from tickets.attachments.kinds import HEAD_BYTES, Kind, kind_of
from tickets.attachments.limits import AttachmentLimits

_GET = "/cgi-bin/media/get"
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Medium:
    """A file a citizen sent.

    Attributes:
        kind: told by its content, whatever the platform calls it.
    """

    kind: Kind
    content: bytes


class Media:
    """The account's temporary media."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self._calls = calls
        self._settings = settings

    async def download(self, media_id: str) -> Medium:
        """A file a citizen sent; at once, since the platform forgets it after three days.

        Raises:
            AttachmentKindRefused: no file of a kind we take; says so to the citizen.
            AttachmentTooLarge: likewise.
            SendRefused: the platform no longer has it, or cannot be reached.
            SendUnknown: it does not answer.
        """
        url = self._calls.transport.url(_GET)

        async def fetch(token: str) -> Medium:
            return await self._fetch(url, {"access_token": token, "media_id": media_id})

        return await self._calls.again(lambda: self._calls.authorised(fetch))

    async def _fetch(self, url: str, params: dict[str, str]) -> Medium:
        try:
            async with self._calls.transport.http.get(url, params=params, timeout=TIMEOUT) as response:
                if not _is_answer(response):
                    return await self._read(response)
                answer = answer_of(response.status, await response.read())
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise unreachable(error) from error
        except (ClientError, TimeoutError, OSError) as error:
            raise unanswered(error) from error
        self._calls.check(_GET, answer)
        if not params:
            raise SendUnknown(SERVICE, "微信说的地址上没有视频。")
        return await self._fetch(told(answer, "video_url"), {})  # videos lie elsewhere

    async def _read(self, response: ClientResponse) -> Medium:
        """Read no more than the limit of what it turns out to be."""
        content, limits = bytearray(), AttachmentLimits.of(self._settings)
        kind: Kind | None = None
        async for piece in response.content.iter_chunked(_PIECE):
            content += piece
            if kind is None and len(content) >= HEAD_BYTES:
                kind = limits.check_kind(kind_of(bytes(content[:HEAD_BYTES])))
            if kind is not None and len(content) > limits.bytes_of(kind):
                raise limits.too_large(kind)
        kind = kind or limits.check_kind(kind_of(bytes(content)))
        return Medium(kind, bytes(content))


def _is_answer(response: ClientResponse) -> bool:
    return response.status != 200 or response.content_type in {"application/json", "text/plain"}
