"""Files as citizens send them, and as attackers do."""

import io
import zipfile
import zlib
from pathlib import Path

import docx
import openpyxl
from PIL import Image

HEIC = Path(__file__).with_name("with_place.heic").read_bytes()  # 64×48, GPS in its EXIF
VIDEO_HEAD = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"


def picture(kind="JPEG", size=(64, 48), mode="RGB", **options):
    written = io.BytesIO()
    Image.new(mode, size, "red").save(written, kind, **options)
    return written.getvalue()


def exif(orientation=6):
    """EXIF with a place, an owner and which side is up."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x013B] = "ZhangSan"
    place = made.get_ifd(0x8825)
    place[1], place[2], place[29] = "N", (39.0, 54.0, 20.0), "2026:11:21"
    return made


def word():
    written = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("电梯的照片和维修记录")
    document.save(written)
    return written.getvalue()


def excel():
    written = io.BytesIO()
    openpyxl.Workbook().save(written)
    return written.getvalue()


def with_part(archive, name, content):
    """An archive with one more part, or another content of one."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return written.getvalue()


def zipped(**parts):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def fetching(relationship):
    """A Word file that fetches something from elsewhere when it is opened."""
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        f' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{relationship}"'
        ' Target="https://example.invalid/x" TargetMode="External"/></Relationships>'
    )
    return with_part(word(), "word/_rels/settings.xml.rels", link)


def oversized_picture():
    """A PNG of a few bytes that claims 40,000 × 40,000 pixels."""
    small = bytearray(picture("PNG", (1, 1)))
    small[16:24] = (40_000).to_bytes(4, "big") * 2
    small[29:33] = zlib.crc32(small[12:29]).to_bytes(4, "big")
    return bytes(small)


def swelling():
    """A Word file that says it is 300 MB when unpacked."""
    written = io.BytesIO(word())
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr("word/media/a.bin", b"x")
        archive.filelist[-1].file_size = 300 * 1024 * 1024
    return written.getvalue()
