"""Files of tickets for other systems: sent and fetched as streams, under the limits that hold for citizens."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from channels.api.answered import Answer, fingerprint_of_digest
from channels.api.models import AttachmentList, AttachmentShown, UploadQuery
from channels.api.operations import Operation, Request
from channels.api.shown import shown_file
from channels.api.tickets import ONE, TicketApi, number_in, once, told
from channels.downloads import send_attachment
from channels.widget.errors import ApiError, too_large
from service.audit import Deed, Recorded
from service.identity.api_keys import Scope
from tickets.attachments.limits import MEGABYTE
from tickets.attachments.store import Attachment, Attachments
from tickets.ticket import Ticket

_PIECE = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class FileApi:
    """What can be asked about the files of tickets."""

    tickets: TicketApi
    attachments: Attachments

    def operations(self) -> list[Operation]:
        """Every operation, as it is served and documented."""
        files, read = ONE + "/attachments", Scope.READ
        return [
            Operation("GET", files, "listAttachments", "一张工单的附件", read, self.list, AttachmentList),
            Operation(
                "POST",
                files,
                "addAttachment",
                "加一个附件，请求的内容就是文件",
                Scope.WRITE,
                self.add,
                AttachmentShown,
                201,
                query=UploadQuery,
                takes_file=True,
            ),
            Operation("GET", files + "/{attachment}", "getAttachment", "下载一个附件", read, self.get, None),
        ]

    async def list(self, request: Request) -> web.StreamResponse:
        """The files of a ticket."""
        ticket = await self._ticket(request)
        found = await self.attachments.of_ticket(ticket.id)
        return told(AttachmentList(number=ticket.number, attachments=[shown_file(each) for each in found]))

    async def add(self, request: Request) -> web.StreamResponse:
        """Take a file in and add it to a ticket."""
        ticket = await self._ticket(request)
        self._refuse_at_once(request.web)
        digest = hashlib.sha256()
        received = await self.attachments.take_in(_hashed(request.web, digest), request.query.name)
        actor, at = request.key.actor, self.attachments.clock()

        def work(connection: Connection) -> Answer:
            attachment = self.attachments.put_within(connection, ticket.id, received, actor.name, at)
            return Answer(201, shown_file(attachment).model_dump_json())

        print_of = fingerprint_of_digest("POST", request.web.path_qs, digest.hexdigest())
        return await once(self.tickets.answered, request, print_of, work)

    async def get(self, request: Request) -> web.StreamResponse:
        """A file, only ever to be saved."""
        attachment = await self._attachment(request)
        at, number = self.attachments.clock(), number_in(request)
        taken = Recorded(at, request.key.actor.name, Deed.FILE, number, details={"file": attachment.id})
        return await send_attachment(request.web, self.attachments, attachment, taken)

    async def _ticket(self, request: Request) -> Ticket:
        own = partial(self.tickets.own, actor=request.key.actor, number=number_in(request))
        ticket, _ = await self.tickets.lifecycle.database.read(own)
        return ticket

    async def _attachment(self, request: Request) -> Attachment:
        ticket = await self._ticket(request)
        for attachment in await self.attachments.of_ticket(ticket.id):
            if str(attachment.id) == request.web.match_info["attachment"]:
                return attachment
        raise ApiError(404, "not_found", "这张工单没有这个附件。")

    def _refuse_at_once(self, request: web.Request) -> None:
        if request.content_type.startswith("multipart/"):
            raise ApiError(415, "unsupported_type", "请直接把文件作为请求的内容发，不要用表单。")
        limits = self.attachments.limits
        most = max(limits.megabytes, limits.video_megabytes)
        if (request.content_length or 0) > most * MEGABYTE:
            raise too_large(f"文件超过 {most} MB 了，请压缩或者分成几个再发。")


async def _hashed(request: web.Request, digest: Any) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(_PIECE):
        digest.update(piece)
        yield piece
