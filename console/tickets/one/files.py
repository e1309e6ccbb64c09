"""Files that came with a ticket, only ever to be saved; who saved one is recorded."""

from aiohttp import web

from channels.downloads import send_attachment
from console.refusal import not_there
from console.tickets.own import number_in, own
from console.visit import Visit
from service.audit import Deed, Recorded
from tickets.attachments.refusal import AttachmentDamaged


async def download(visit: Visit) -> web.StreamResponse:
    """A file of a ticket."""
    office = visit.office
    ticket, _ = await office.database.read(own(office.desk.lifecycle, visit.actor, number_in(visit)))
    found = {str(each.id): each for each in await office.attachments.of_ticket(ticket.id)}
    attachment = found.get(visit.match["file"])
    if attachment is None:
        raise not_there("没有这个附件", "请回到工单再看一次有哪些附件。")
    taken = Recorded(visit.now, visit.actor.name, Deed.FILE, ticket.number, details={"file": attachment.id})
    try:
        return await send_attachment(visit.request, office.attachments, attachment, taken)
    except AttachmentDamaged as damaged:
        raise not_there("这个附件打不开", str(damaged)) from damaged
