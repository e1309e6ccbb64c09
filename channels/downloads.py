"""An attachment on its way to whoever may have it; who took it away is recorded."""

from aiohttp import web

from service.audit import Recorded, record_within
from tickets.attachments.names import download_headers
from tickets.attachments.store import Attachment, Attachments


async def send_attachment(
    request: web.Request, attachments: Attachments, attachment: Attachment, taken: Recorded
) -> web.StreamResponse:
    """Send a file, only ever to be saved.

    Args:
        taken: who takes it; a picture of an identity card cannot be masked, so that is to be found.

    Raises:
        AttachmentDamaged: it cannot be opened; nothing was sent or recorded.
    """
    pieces = attachments.read(attachment)
    first = await anext(pieces)  # a file that cannot be opened is told of before the answer begins
    await attachments.database.write(lambda connection: record_within(connection, taken))
    headers = download_headers(attachment.name, attachment.media_type, attachment.size)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response
