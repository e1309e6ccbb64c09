"""Office files (XLSX, DOCX) are ZIP archives of XML: what is checked before any library reads one.

A small file can hold what unpacks to terabytes, or XML whose entities do. Here the sizes are added up from the
archive's directory, each part of XML is unpacked in pieces no further than announced, and none may declare a document
type, without which there are no entities. XML in anything but UTF-8 is refused, so that nothing hides from this look.
"""

import re
import zlib
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

UNPACKED_LIMIT = 512 * 1024 * 1024  # bytes of all parts
PARTS_LIMIT = 3_000
_PIECE = 1 << 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # a compound file: Office before 2007, or encrypted
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")


class ArchiveRefused(Exception):
    """The file is broken, locked or a trap; the message says so in Chinese."""


def check_archive(path: Path, kind: str, limit: int = UNPACKED_LIMIT) -> None:
    """See that an office file can be read without harm.

    Args:
        kind: what the file is called in messages: XLSX.
        limit: bytes of all its parts unpacked.

    Raises:
        ArchiveRefused: it cannot.
    """
    try:
        with path.open("rb") as file:
            check_archive_file(file, kind, limit)
    except OSError as error:
        raise _broken(kind) from error


def check_archive_file(file: IO[bytes], kind: str, limit: int = UNPACKED_LIMIT) -> None:
    """See that an open office file can be read without harm; see `check_archive`."""
    try:
        head = file.read(4)
        if head == _OLD_OFFICE:
            raise ArchiveRefused(f"这个文件加了密码，或者是旧版格式；请取消密码，另存为 {kind} 后再试")
        with ZipFile(file) as archive:
            _check_sizes(archive.infolist(), kind, limit)
            for part in archive.infolist():
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(archive, part, kind)
    except (BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _broken(kind) from error


def _broken(kind: str) -> ArchiveRefused:
    return ArchiveRefused(f"打不开这个 {kind} 文件，它可能已损坏或不完整，请重新另存后再试")


def _check_sizes(parts: list[ZipInfo], kind: str, limit: int) -> None:
    if len(parts) > PARTS_LIMIT:
        raise ArchiveRefused(f"这个 {kind} 文件里有 {len(parts)} 个部分，不像正常的文件，没有打开")
    if sum(part.file_size for part in parts) > limit:
        size = limit // 1024 // 1024
        raise ArchiveRefused(f"这个 {kind} 文件解开后超过 {size} MB，没有打开；请分成几个文件")
    if len({part.filename for part in parts}) < len(parts):
        raise ArchiveRefused(f"这个 {kind} 文件里有重名的部分，可能被改动过，请重新另存后再试")
    if any(part.flag_bits & 1 for part in parts):
        raise ArchiveRefused(f"这个 {kind} 文件加了密码，请取消密码后再试")


def _check_xml(archive: ZipFile, part: ZipInfo, kind: str) -> None:
    """Unpack one part as far as it was announced, which `zipfile` does not exceed."""
    odd = ArchiveRefused(f"这个 {kind} 文件的写法不正常（{part.filename}），没有打开；请用 Excel、WPS 或 Word 重新另存")
    with archive.open(part) as file:
        before = b""
        while piece := file.read(_PIECE):
            text = before + piece
            declared = _ENCODING.match(text.removeprefix(b"\xef\xbb\xbf")) if not before else None
            if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
                raise odd
            if b"\0" in piece or text.startswith((b"\xff\xfe", b"\xfe\xff")) or _DOCTYPE.search(text):
                raise odd
            before = text[-16:]
