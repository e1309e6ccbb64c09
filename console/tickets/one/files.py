"""Files that came with a ticket, only ever to be saved."""

from aiohttp import web

from console.refusal import not_there
from console.tickets.own import number_in, own
from console.visit import Visit
from tickets.attachments.names import download_headers
from tickets.attachments.refusal import AttachmentDamaged


async def download(visit: Visit) -> web.StreamResponse:
    """A file of a ticket."""
    office = visit.office
    ticket, _ = await office.database.read(own(office.desk.lifecycle, visit.actor, number_in(visit)))
    found = {str(each.id): each for each in await office.attachments.of_ticket(ticket.id)}
    attachment = found.get(visit.match["file"])
    if attachment is None:
        raise not_there("没有这个附件", "请回到工单再看一次有哪些附件。")
    pieces = office.attachments.read(attachment)
    try:
        first = await anext(pieces)  # a file that cannot be opened is told of before the answer begins
    except AttachmentDamaged as damaged:
        raise not_there("这个附件打不开", str(damaged)) from damaged
    headers = download_headers(attachment.name, attachment.media_type, attachment.size)
    response = web.StreamResponse(headers=headers)
    await response.prepare(visit.request)
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response
