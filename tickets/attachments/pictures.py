"""Pictures are written anew: without the place where they were taken, and without anything hidden in them."""

import io
import threading
from typing import Any

import pi_heif
from PIL import Image, UnidentifiedImageError

from tickets.attachments.kinds import HEIC, JPEG, PNG, WEBP, Kind
from tickets.attachments.refusal import AttachmentRefused

_ORIENTATION = 0x0112  # the EXIF field that says which side is up
_UPRIGHT = 1
_READERS = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), WEBP: ("WEBP",), HEIC: ("HEIF",)}
_ONE_AT_A_TIME = threading.Lock()  # an unpacked picture takes up to four bytes a pixel

pi_heif.register_heif_opener(thumbnails=False)


def cleaned(content: bytes, kind: Kind, megapixels: int) -> bytes:
    """The same picture and nothing else: no EXIF but which side is up, no XMP, comments, thumbnails or appended bytes.

    JPEG keeps its quality, PNG every pixel; HEIC becomes JPEG.

    Args:
        megapixels: more are refused before they are unpacked.

    Raises:
        AttachmentRefused: too many pixels, moving, or not readable.
    """
    try:
        with _ONE_AT_A_TIME, Image.open(io.BytesIO(content), formats=_READERS[kind]) as picture:
            if picture.width * picture.height > megapixels * 1_000_000:
                raise AttachmentRefused(f"这张图片超过 {megapixels * 100} 万像素，请缩小一些再发。")
            if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:  # MPO: a photo and its preview
                raise AttachmentRefused("这是动图，请改发照片或者视频。")
            return _written(picture, kind)
    except Image.DecompressionBombError as error:
        raise AttachmentRefused(f"这张图片超过 {megapixels * 100} 万像素，请缩小一些再发。") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise AttachmentRefused("这张图片打不开，可能没有传完整，请重新发一次。") from error


def _written(picture: Image.Image, kind: Kind) -> bytes:
    orientation = picture.getexif().get(_ORIENTATION, _UPRIGHT)
    kept: dict[str, Any] = {"exif": Image.Exif(), "icc_profile": picture.info.get("icc_profile")}
    if kind is not HEIC:  # its reader has turned it already
        kept["exif"][_ORIENTATION] = orientation
    picture.load()
    shown = {"transparency", "background"} & picture.info.keys()
    picture.info = {name: picture.info[name] for name in shown}
    written = io.BytesIO()
    if kind is PNG:
        picture.save(written, "PNG", **kept)
    elif kind is WEBP:
        picture.save(written, "WEBP", quality=90, **kept)
    elif picture.format == "JPEG":
        picture.save(written, "JPEG", quality="keep", **kept)
    else:
        picture.convert("RGB").save(written, "JPEG", quality=92, **kept)
    return written.getvalue()
