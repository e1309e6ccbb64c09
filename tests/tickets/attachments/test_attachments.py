import hashlib
import io
import os
import stat
from datetime import timedelta

import pytest
import samples
from PIL import Image
from sqlalchemy import select, text, update

from service.encryption import FileKeyring, Keyring
from service.keys.change import begin, forget_previous, move_all
from service.keys.file import KeyFile
from service.keys.rotation import Mover
from service.settings import Settings
from tickets.attachments.kinds import JPEG, PDF
from tickets.attachments.limits import MEGABYTE
from tickets.attachments.names import download_headers, safe_name
from tickets.attachments.received import Received
from tickets.attachments.refusal import AttachmentDamaged, AttachmentRefused
from tickets.attachments.store import Attachments
from tickets.attachments.tables import attachments as rows
from tickets.desk import TicketDesk
from tickets.ticket import Draft, Kind

DRAFT = Draft("draft-1", Kind.HELP, "widget", "c-1", "电梯坏了", "阳光小区", "王女士", "+8613800138000")
PDF_FILE = b"%PDF-1.7\n" + b"page " * 30_000


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


@pytest.fixture
def store(settings, database, keyring, clock):
    return Attachments.open(settings, database, keyring, clock)


@pytest.fixture
async def ticket(database, keyring, clock):
    return await TicketDesk.open(database, keyring, clock).submit(DRAFT)


async def sent(content, piece=10_000):
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def put(store, ticket, received, by="citizen"):
    return await store.database.write(
        lambda connection: store.put_within(connection, ticket.id, received, by, store.clock())
    )


async def add(store, ticket, content, name="文件"):
    return await put(store, ticket, await store.take_in(sent(content), name))


async def content_of(store, attachment):
    return b"".join([piece async for piece in store.read(attachment)])


def files(store):
    """The names of all files that lie there."""
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


async def test_what_was_added_comes_back_and_is_nowhere_readable(store, ticket, database):
    added = await add(store, ticket, PDF_FILE, "电梯维修合同.pdf")

    assert await store.of_ticket(ticket.id) == [added]
    assert (added.name, added.media_type, added.size) == ("电梯维修合同.pdf", "application/pdf", len(PDF_FILE))
    assert added.sha256 == hashlib.sha256(PDF_FILE).hexdigest()
    assert await content_of(store, added) == PDF_FILE
    place = store.folder / added.stored_name[:2] / added.stored_name
    assert b"page" not in place.read_bytes()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    row = await database.read(lambda connection: connection.execute(text("SELECT * FROM ticket_attachments")).one())
    assert "合同".encode() not in b"".join(value for value in row if isinstance(value, bytes))


@pytest.mark.parametrize(
    ("content", "stored", "media_type"),
    [
        (samples.picture("JPEG"), ".jpg", "image/jpeg"),
        (samples.picture("PNG"), ".png", "image/png"),
        (samples.picture("WEBP"), ".webp", "image/webp"),
        (samples.HEIC, ".jpg", "image/jpeg"),
        (samples.word(), ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.excel(), ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"#!AMR\n" + bytes(50), ".amr", "audio/amr"),
        (b"ID3\x04" + bytes(50), ".mp3", "audio/mpeg"),
        (b"\xff\xf3\x48\xc4" + bytes(50), ".mp3", "audio/mpeg"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42" + bytes(50), ".m4a", "audio/mp4"),
        (samples.VIDEO_HEAD + bytes(50), ".mp4", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(50), ".mov", "video/quicktime"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_kind_is_told_by_the_content_and_the_name_follows(content, stored, media_type, tmp_path, keyring):
    store = Attachments.open(Settings(data_dir=tmp_path), None, keyring)

    received = await store.take_in(sent(content, 7), "照片.exe")

    assert (received.name, received.media_type) == (f"照片.exe{stored}", media_type)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空的"),
        (b"MZ\x90\0" + bytes(100), "收不了。可以发：JPG"),
        (b"<html><script>alert(1)</script>", "收不了"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "收不了"),
        (b"#!/bin/sh\nrm -rf /", "收不了"),
        (b"GIF89a" + bytes(50), "收不了"),
        (samples.picture("JPEG")[:200], "打不开"),
        (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "打不开"),
        (samples.oversized_picture(), "5000 万像素"),
        (samples.HEIC[:300], "打不开"),
        (samples.zipped(a="not an office file"), "压缩包"),
        (samples.with_part(samples.word(), "word/vbaProject.bin", b"macro"), "宏"),
        (samples.with_part(samples.excel(), "xl/embeddings/oleObject1.bin", b"program"), "宏或者嵌入的程序"),
        (samples.fetching("attachedTemplate"), "连到别处"),
        (samples.fetching("image"), "连到别处"),
        (samples.swelling(), "200 MB"),
        (samples.with_part(samples.word(), "word/x.xml", b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'), "不正常"),
        (samples.word()[:-300], "已损坏"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "收不了"),
    ],
    ids=range(19),
)
async def test_what_is_harmful_or_broken_is_refused_in_plain_words_and_leaves_nothing(content, told, tmp_path, keyring):
    store = Attachments.open(Settings(data_dir=tmp_path), None, keyring)

    with pytest.raises(AttachmentRefused, match=told):
        await store.take_in(sent(content), "照片.jpg")

    assert files(store) == []


async def test_a_moving_picture_is_refused(tmp_path, keyring):
    store = Attachments.open(Settings(data_dir=tmp_path), None, keyring)
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])

    with pytest.raises(AttachmentRefused, match="动图"):
        await store.take_in(sent(written.getvalue()), "a.webp")


@pytest.mark.parametrize(
    "content",
    [
        samples.picture("JPEG", exif=samples.exif(), comment=b"ZhangSan 2026:11:21", xmp=b"<x>2026:11:21</x>"),
        samples.picture("JPEG") + b"2026:11:21 appended",
        samples.picture("PNG", exif=samples.exif()),
        samples.picture("WEBP", exif=samples.exif(), xmp=b"<x>2026:11:21</x>"),
        samples.HEIC,
    ],
    ids=["jpeg", "appended", "png", "webp", "heic"],
)
async def test_a_photo_does_not_tell_where_it_was_taken(content, store, ticket):
    added = await add(store, ticket, content)

    kept = await content_of(store, added)
    assert b"2026:11:21" not in kept
    assert b"ZhangSan" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        found = picture.getexif()
        assert set(found) <= {0x0112}
        assert not found.get_ifd(0x8825)


async def test_a_photo_stays_the_way_up_it_was_taken(store, ticket):
    added = await add(store, ticket, samples.picture("JPEG", exif=samples.exif(orientation=6)))

    with Image.open(io.BytesIO(await content_of(store, added))) as picture:
        assert picture.getexif()[0x0112] == 6


async def test_a_file_too_large_is_refused_before_it_is_read_to_its_end(settings, database, keyring, clock):
    read = 0

    async def endless():
        nonlocal read
        yield samples.VIDEO_HEAD
        while True:
            read += MEGABYTE
            yield bytes(MEGABYTE)

    small = settings.model_copy(update={"attachment_video_megabytes": 3})
    store = Attachments.open(small, database, keyring, clock)
    with pytest.raises(AttachmentRefused, match="3 MB"):
        await store.take_in(endless(), "a.mp4")
    assert read == 3 * MEGABYTE
    assert files(store) == []

    with pytest.raises(AttachmentRefused, match="10 MB"):
        await store.take_in(sent(b"%PDF-1.4" + bytes(10 * MEGABYTE), MEGABYTE), "a.pdf")


async def test_kinds_can_be_limited_and_a_wrong_one_is_named(settings, database, keyring):
    store = Attachments.open(settings.model_copy(update={"attachment_kinds": ("jpeg",)}), database, keyring)
    for content in (PDF_FILE, samples.word()):
        with pytest.raises(AttachmentRefused, match="可以发：JPG 照片。"):
            await store.take_in(sent(content), "a")

    with pytest.raises(ValueError, match="“gif”"):
        Attachments.open(settings.model_copy(update={"attachment_kinds": ("gif",)}), database, keyring)


async def test_a_ticket_takes_nine_files_and_each_only_once(store, ticket):
    for number in range(9):
        await add(store, ticket, PDF_FILE + bytes([number]))
    again = await add(store, ticket, PDF_FILE + b"\0")

    assert again == (await store.of_ticket(ticket.id))[0]
    with pytest.raises(AttachmentRefused, match="最多放 9 个"):
        await add(store, ticket, PDF_FILE)


async def test_a_file_of_a_transaction_that_failed_can_be_added_again(store, ticket, database, clock):
    received = await store.take_in(sent(PDF_FILE), "a.pdf")

    def fail(connection):
        store.put_within(connection, ticket.id, received, "citizen", clock())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert await store.of_ticket(ticket.id) == []

    assert await content_of(store, await put(store, ticket, received)) == PDF_FILE


async def test_a_file_waits_half_a_day_in_a_dialogue(store, ticket, clock):
    received = Received.from_json((await store.take_in(sent(PDF_FILE), "a.pdf")).as_json())
    late = Received.from_json((await store.take_in(sent(PDF_FILE + b"2"), "b.pdf")).as_json())
    clock.forward(hours=12)
    await put(store, ticket, received)

    clock.forward(minutes=1)
    with pytest.raises(AttachmentRefused, match="重新发"):
        await put(store, ticket, late)


async def test_only_files_without_a_ticket_are_swept_and_only_after_a_day(store, ticket, database, clock):
    added = await add(store, ticket, PDF_FILE)
    orphan = await store.take_in(sent(PDF_FILE + b"2"), "b.pdf")
    rolled_back = await store.take_in(sent(PDF_FILE + b"3"), "c.pdf")
    with pytest.raises(ZeroDivisionError):
        await database.write(lambda c: store.put_within(c, ticket.id, rolled_back, "x", clock()) and 1 / 0)
    for path in store.folder.rglob("*"):
        os.utime(path, (clock().timestamp(), clock().timestamp()))

    clock.forward(hours=23)
    assert await store.sweep() == 0
    clock.forward(hours=2)
    assert await store.sweep() == 2

    assert files(store) == [added.stored_name]
    with pytest.raises(AttachmentRefused, match="重新发"):
        await put(store, ticket, orphan)


@pytest.mark.parametrize("harm", ["gone", "altered", "cut", "swapped"])
async def test_a_missing_or_altered_file_is_told_plainly(harm, store, ticket):
    added = await add(store, ticket, PDF_FILE)
    other = await add(store, ticket, PDF_FILE[:-1] + b"x")
    place, others = (store.folder / item.stored_name[:2] / item.stored_name for item in (added, other))
    whole = place.read_bytes()
    if harm == "gone":
        place.unlink()
    elif harm == "swapped":
        place.write_bytes(others.read_bytes())
    else:
        place.write_bytes(whole[:-100] if harm == "cut" else whole[:-1] + bytes([whole[-1] ^ 1]))

    with pytest.raises(AttachmentDamaged, match="请从备份恢复"):
        await content_of(store, added)


async def test_files_open_after_the_keys_were_changed_and_lie_as_they_lay(settings, database, ticket, clock, tmp_path):
    ring = FileKeyring(KeyFile.open(tmp_path / "keys"), clock)
    store = Attachments.open(settings, database, ring, clock)
    added = await add(store, ticket, PDF_FILE, "合同.pdf")
    place = store.folder / added.stored_name[:2] / added.stored_name
    before = place.read_bytes()

    begin(ring.file)
    mover = Mover(database, ring)
    await move_all(mover, None, lambda done: None, timedelta(0))
    forget_previous(ring, None)

    only_new = Attachments.open(settings, database, Keyring(ring.keys().current.secret), clock)
    assert (await only_new.of_ticket(ticket.id))[0].name == "合同.pdf"
    assert await content_of(only_new, added) == PDF_FILE
    assert place.read_bytes() == before


async def test_a_stored_name_that_leads_elsewhere_is_not_followed(store, ticket, database):
    added = await add(store, ticket, PDF_FILE)
    await database.write(lambda c: c.execute(update(rows).values(stored_name="../../secret.key")))

    with pytest.raises(AttachmentDamaged):
        await content_of(store, (await store.of_ticket(ticket.id))[0])
    assert await database.read(lambda c: c.scalar(select(rows.c.id))) == added.id


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\照片\\电梯.JPEG", "电梯.jpg"),
        ("fdp\u202egpj.exe", "fdpgpj.exe.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie_ x.jpg"),
        ("", "附件.jpg"),
        ("...", "附件.jpg"),
        ("长" * 300 + ".png", "长" * 80 + ".jpg"),
    ],
)
def test_a_name_carries_no_path_and_no_tricks(name, safe):
    assert safe_name(name, JPEG) == safe


def test_a_download_is_saved_and_never_shown():
    headers = download_headers(safe_name('电梯"照片.pdf', PDF), "application/pdf", 5)

    assert headers["Content-Disposition"] == (
        "attachment; filename=\"attachment.pdf\"; filename*=UTF-8''%E7%94%B5%E6%A2%AF_%E7%85%A7%E7%89%87.pdf"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
