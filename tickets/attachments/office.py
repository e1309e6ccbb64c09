"""Office files: what is checked beside the archive itself."""

import io
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

from service.office_archive import ArchiveRefused, check_archive_file
from tickets.attachments.kinds import DOCX, XLSX, Kind
from tickets.attachments.limits import MEGABYTE
from tickets.attachments.refusal import AttachmentRefused

_UNPACKED = 200 * MEGABYTE
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
}
_ACTIVE = ("vbaproject", "vbadata", "macrosheets/", "activex/", "embeddings/", "customui/")
_FETCHED = ("attachedTemplate", "oleObject", "frame", "subDocument", "image")  # opened as soon as the file is


def office_kind(content: bytes) -> Kind:
    """Which office file this is, once nothing in it acts or fetches by itself.

    Raises:
        AttachmentRefused: it is another archive, broken, a trap, or has macros or embedded objects.
    """
    try:
        check_archive_file(io.BytesIO(content), "Word 或 Excel", _UNPACKED)
    except ArchiveRefused as refused:
        raise AttachmentRefused(f"{refused}。") from refused
    with ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" not in names:
            raise AttachmentRefused("压缩包收不了，请把里面的照片或者文件直接发来。")
        if any(part in name.lower() for name in names for part in _ACTIVE):
            raise AttachmentRefused("这个文件里有宏或者嵌入的程序，请另存成不带宏的文件，或者导出成 PDF 再发。")
        kinds = {_MAIN[found] for found in _content_types(archive.read("[Content_Types].xml")) if found in _MAIN}
        if len(kinds) != 1:
            raise AttachmentRefused("只收 Word（docx）和 Excel（xlsx）文件，请另存后再发。")
        if any(_fetches(archive.read(name)) for name in names if name.lower().endswith(".rels")):
            raise AttachmentRefused("这个文件一打开就会连到别处，请导出成 PDF 再发。")
    return kinds.pop()


def _content_types(xml: bytes) -> list[str]:
    return [part.get("ContentType", "") for part in _elements(xml)]


def _fetches(xml: bytes) -> bool:
    return any(
        link.get("TargetMode") == "External" and link.get("Type", "").rpartition("/")[2] in _FETCHED
        for link in _elements(xml)
    )


def _elements(xml: bytes) -> list["etree._Element"]:
    try:
        return list(etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True)))
    except etree.XMLSyntaxError as error:
        raise AttachmentRefused("这个文件打不开，可能已损坏，请重新另存后再发。") from error
