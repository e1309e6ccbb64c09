"""What kinds of files a ticket may have, told by their content and never by their name.

The list is short and closed, so each kind is recognised strictly. (puremagic 1.30 was tried instead: it takes HEIC for
MP4, and knows no MP3 of MPEG-2, which cheap recorders write.)
"""

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096
"""So many bytes of a file, or all of it, tell its kind."""


class Check(StrEnum):
    """What has to be looked at beside a file's beginning."""

    NOTHING = "nothing"
    PICTURE = "picture"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Attributes:
        name: as settings call it.
        stored_as: its name's ending and its media type once taken in.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    stored_as: tuple[str, str]
    check: Check = Check.NOTHING
    video: bool = False


_JPEG = (".jpg", "image/jpeg")
_OFFICE = "application/vnd.openxmlformats-officedocument"

JPEG = Kind("jpeg", "JPG 照片", (".jpg", ".jpeg"), _JPEG, Check.PICTURE)
PNG = Kind("png", "PNG 图片", (".png",), (".png", "image/png"), Check.PICTURE)
WEBP = Kind("webp", "WebP 图片", (".webp",), (".webp", "image/webp"), Check.PICTURE)
HEIC = Kind("heic", "HEIC 照片", (".heic", ".heif"), _JPEG, Check.PICTURE)  # which few programs of units can open
PDF = Kind("pdf", "PDF", (".pdf",), (".pdf", "application/pdf"))
DOCX = Kind("docx", "Word（docx）", (".docx",), (".docx", f"{_OFFICE}.wordprocessingml.document"), Check.OFFICE)
XLSX = Kind("xlsx", "Excel（xlsx）", (".xlsx",), (".xlsx", f"{_OFFICE}.spreadsheetml.sheet"), Check.OFFICE)
AMR = Kind("amr", "AMR 录音", (".amr",), (".amr", "audio/amr"))
MP3 = Kind("mp3", "MP3 录音", (".mp3",), (".mp3", "audio/mpeg"))
M4A = Kind("m4a", "M4A 录音", (".m4a",), (".m4a", "audio/mp4"))
MP4 = Kind("mp4", "MP4 视频", (".mp4", ".m4v"), (".mp4", "video/mp4"), video=True)
MOV = Kind("mov", "MOV 视频", (".mov",), (".mov", "video/quicktime"), video=True)  # what an iPhone records

KINDS = (JPEG, PNG, WEBP, HEIC, PDF, DOCX, XLSX, AMR, MP3, M4A, MP4, MOV)

_BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"RIFF....WEBPVP8", re.DOTALL), WEBP),
    (re.compile(rb"%PDF-[12]\.\d"), PDF),
    (re.compile(rb"PK\x03\x04"), DOCX),  # or XLSX, which only the whole archive tells
    (re.compile(rb"#!AMR(-WB)?\n"), AMR),
    (re.compile(rb"ID3[\x02-\x04]"), MP3),
    (re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]"), MP3),  # a frame of layer III whose bit rate exists
    (re.compile(rb"....ftyp(heic|heix|heim|heis|mif1)", re.DOTALL), HEIC),
    (re.compile(rb"....ftyp(M4A |M4B )", re.DOTALL), M4A),
    (re.compile(rb"....ftyp(isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|3gp[4-7])", re.DOTALL), MP4),
    (re.compile(rb"....ftypqt  ", re.DOTALL), MOV),
)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins so; None for every other kind. Any office file counts as Word here."""
    return next((kind for pattern, kind in _BEGINNINGS if pattern.match(head)), None)
