"""The files of tickets: encrypted in a folder that nothing serves, each with a row that says whose it is.

A file is first kept under `incoming/`, whole and durable. The transaction that adds its row moves it to its place
before it commits, so every row has its file, whenever the power fails; a file without a row is swept a day later.
"""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Row, func, insert, select

from service.clock import Clock, now
from service.encryption import Cipher, Keyring, Undecipherable
from service.settings import Settings
from service.storage import Database, hold
from tickets.attachments.kinds import DOCX, HEAD_BYTES, Check, Kind, kind_of
from tickets.attachments.limits import MEGABYTE, AttachmentLimits
from tickets.attachments.names import safe_name
from tickets.attachments.office import office_kind
from tickets.attachments.pictures import cleaned
from tickets.attachments.received import Received
from tickets.attachments.refusal import AttachmentDamaged, AttachmentRefused
from tickets.attachments.sealed_file import FILE_KEY_BYTES, Altered, SealingWriter, sealed_size, unsealed
from tickets.attachments.tables import attachments

_WAITS = timedelta(hours=12)  # a file that was taken in can be added to a ticket so long
_SWEPT_AFTER = timedelta(hours=24)  # longer than it waits, so that no file is swept while it is being added
_SWEPT_AT_ONCE = 500
_PIECES_AT_ONCE = 16
_STORED_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a ticket."""

    id: int
    ticket_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    at: datetime
    stored_name: str


@dataclass(frozen=True, slots=True)
class Attachments:
    """Takes files in, adds them to tickets, and gives them back."""

    folder: Path
    database: Database
    cipher: Cipher
    settings: Settings
    clock: Clock = now

    @classmethod
    def open(cls, settings: Settings, database: Database, keyring: Keyring, clock: Clock = now) -> "Attachments":
        """The files of an installation, with their own key.

        Raises:
            ValueError: the settings name a kind of file that does not exist.
        """
        AttachmentLimits.of(settings)
        return cls(settings.attachments_dir, database, keyring.cipher("attachments"), settings, clock)

    @property
    def limits(self) -> AttachmentLimits:
        """What may be added now."""
        return AttachmentLimits.of(self.settings)

    async def take_in(self, stream: AsyncIterable[bytes], name: str) -> Received:
        """Check a file as it arrives and keep it; it belongs to no ticket yet.

        Args:
            stream: the content in pieces of any size. It is read no further than a file may be large.
            name: as the sender calls it.

        Raises:
            AttachmentRefused: see there.
        """
        pieces = aiter(stream)
        head = b""
        async for piece in pieces:
            head += piece
            if len(head) >= HEAD_BYTES:
                break
        if not head:
            raise AttachmentRefused("这个文件是空的，请重新选一个。")
        found = kind_of(head)
        kind = DOCX if found is DOCX else self.limits.check_kind(found)  # any office file, until it is there as a whole
        limited = _limited(head, pieces, self.limits.bytes_of(kind), self.limits.too_large(kind))
        if kind.check is not Check.NOTHING:
            content = b"".join([piece async for piece in limited])
            kind, content = await asyncio.to_thread(self._checked, kind, content)
            limited = _once(content)
        return await self._keep(limited, safe_name(name, kind), kind.stored_as[1])

    def put_within(
        self, connection: Connection, ticket_id: int, received: Received, added_by: str, at: datetime
    ) -> Attachment:
        """Add a file to a ticket, within the transaction that makes it so. A file it already has is not added again.

        Raises:
            AttachmentRefused: the ticket has as many as it may, or the file waited too long.
        """
        if at - received.at > _WAITS:
            raise AttachmentRefused("这个文件放得太久了，请重新发一次。")
        hold(connection, f"attachments of {ticket_id}")
        of_ticket = attachments.c.ticket_id == ticket_id
        same = select(attachments).where(of_ticket, attachments.c.sha256 == received.sha256)
        if found := connection.execute(same).one_or_none():
            return self._attachment(found)
        if (connection.scalar(select(func.count()).where(of_ticket)) or 0) >= self.limits.per_ticket:
            raise AttachmentRefused(f"一张工单最多放 {self.limits.per_ticket} 个文件，已经满了。")
        values = {
            "ticket_id": ticket_id,
            "stored_name": received.stored_name,
            "file_key": self.cipher.encrypt(received.file_key),
            "name": self.cipher.encrypt_text(received.name),
            "media_type": received.media_type,
            "size": received.size,
            "sha256": received.sha256,
            "added_by": added_by,
            "at": at,
        }
        row = connection.execute(insert(attachments).values(values).returning(attachments)).one()
        self._put_in_place(received.stored_name)
        return self._attachment(row)

    async def of_ticket(self, ticket_id: int) -> list[Attachment]:
        """The files of a ticket, oldest first."""
        statement = select(attachments).where(attachments.c.ticket_id == ticket_id).order_by(attachments.c.id)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [self._attachment(row) for row in rows]

    async def read(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The content of a file, in pieces of up to a megabyte; send it with `names.download_headers` only.

        The first piece is known to be good when it is given; a later one that is not ends with the error.

        Raises:
            AttachmentDamaged: the file has gone or was altered.
        """
        statement = select(attachments.c.file_key).where(attachments.c.id == attachment.id)
        sealed = await self.database.read(lambda connection: connection.scalar(statement))
        if sealed is None:
            raise AttachmentDamaged("没有这个附件。")
        try:
            key = self.cipher.decrypt(sealed)
        except Undecipherable as error:
            raise _damaged(attachment, "密钥不对") from error
        file = await asyncio.to_thread(self._opened, attachment)
        try:
            pieces = unsealed(file, key)
            while block := await asyncio.to_thread(lambda: b"".join(islice(pieces, _PIECES_AT_ONCE))):
                yield block
        except Altered as error:
            raise _damaged(attachment, "内容被改动过") from error
        finally:
            await asyncio.to_thread(file.close)

    async def sweep(self) -> int:
        """Delete files that were taken in a day ago and belong to no ticket; how many."""
        before = (self.clock() - _SWEPT_AFTER).timestamp()
        old = iter(await asyncio.to_thread(lambda: list(self._older(before))))
        swept = 0
        while some := list(islice(old, _SWEPT_AT_ONCE)):
            names = select(attachments.c.stored_name).where(attachments.c.stored_name.in_([path.name for path in some]))
            owned = await self.database.read(lambda connection, this=names: set(connection.scalars(this)))  # type: ignore[misc]
            orphans = [path for path in some if path.name not in owned]
            await asyncio.to_thread(_delete, orphans)
            swept += len(orphans)
        return swept

    def _checked(self, kind: Kind, content: bytes) -> tuple[Kind, bytes]:
        """What a file really is, and what is kept of it."""
        if kind.check is Check.OFFICE:
            return self.limits.check_kind(office_kind(content)), content
        return kind, cleaned(content, kind, self.limits.megapixels)

    async def _keep(self, pieces: AsyncIterable[bytes], name: str, media_type: str) -> Received:
        """Write a file under `incoming/`; when anything fails nothing stays."""
        stored_name, file_key = secrets.token_hex(16), secrets.token_bytes(FILE_KEY_BYTES)
        path = self.folder / "incoming" / stored_name
        digest, size = hashlib.sha256(), 0
        file = await asyncio.to_thread(_new_file, path)
        try:
            writer = SealingWriter(file, file_key)
            async for piece in pieces:
                digest.update(piece)
                size += len(piece)
                await asyncio.to_thread(writer.write, piece)
            await asyncio.to_thread(_finish, writer, file)
        except BaseException:  # also when the sender hung up
            file.close()
            path.unlink(missing_ok=True)
            raise
        return Received(stored_name, file_key, name, media_type, size, digest.hexdigest(), self.clock())

    def _put_in_place(self, stored_name: str) -> None:
        place = self._place(stored_name)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            (self.folder / "incoming" / stored_name).rename(place)
        except FileNotFoundError as error:
            if not place.exists():  # else a transaction before this one moved it, and was rolled back
                raise AttachmentRefused("这个文件已经不在了，请重新发一次。") from error
        for folder in (place.parent, self.folder):
            _sync(folder)

    def _place(self, stored_name: str) -> Path:
        if not _STORED_NAME.fullmatch(stored_name):
            raise AttachmentDamaged("附件的存放名不对。")
        return self.folder / stored_name[:2] / stored_name

    def _opened(self, attachment: Attachment) -> IO[bytes]:
        try:
            file = self._place(attachment.stored_name).open("rb")
        except FileNotFoundError as error:
            raise _damaged(attachment, "文件不见了") from error
        if os.fstat(file.fileno()).st_size != sealed_size(attachment.size):
            file.close()
            raise _damaged(attachment, "长度不对")
        return file

    def _older(self, before: float) -> Iterator[Path]:
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):  # another process sweeps as well
                if path.stat().st_mtime < before:
                    yield path

    def _attachment(self, row: Row[Any]) -> Attachment:
        return Attachment(
            id=row.id,
            ticket_id=row.ticket_id,
            name=self.cipher.decrypt_text(row.name) or "",
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            added_by=row.added_by,
            at=row.at,
            stored_name=row.stored_name,
        )


async def _limited(
    head: bytes, pieces: AsyncIterator[bytes], limit: int, too_large: AttachmentRefused
) -> AsyncIterator[bytes]:
    """A file's head and what follows, in pieces worth a write, until there is more than may be."""
    size, waiting = len(head), bytearray(head)
    async for piece in pieces:
        size += len(piece)
        if size > limit:
            raise too_large
        waiting += piece
        if len(waiting) >= MEGABYTE:
            yield bytes(waiting)
            waiting.clear()
    if size > limit:
        raise too_large
    yield bytes(waiting)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _new_file(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finish(writer: SealingWriter, file: IO[bytes]) -> None:
    writer.finish()
    file.flush()
    os.fsync(file.fileno())
    file.close()


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(attachment: Attachment, why: str) -> AttachmentDamaged:
    return AttachmentDamaged(f"附件 {attachment.id} 打不开：{why}，请从备份恢复 {attachment.stored_name}。")
