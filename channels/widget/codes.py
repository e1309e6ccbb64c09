"""QR codes: what they say, and how they are drawn."""

import io
from functools import lru_cache
from urllib.parse import quote

import segno

from knowledge_base.entry import Entry
from knowledge_base.scene import scene_of

_PNG_PIXELS = 1000  # at least; sharp on paper up to the size of a hand
_QUIET_MODULES = 4  # the white border that scanners need
_REMEMBERED = 512  # codes


def code_address(site: str, entry: Entry) -> str:
    """What the code of an entry says: an address of ours with the scene value that WeChat's code would carry, too.

    Args:
        site: where citizens reach this service, without a slash at the end.
    """
    return f"{site}/s/{quote(scene_of(entry.slug))}"


@lru_cache(maxsize=_REMEMBERED)
def qr_svg(text: str, *, border: int = _QUIET_MODULES) -> str:
    """A code as an SVG element without a size of its own."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(
        picture, kind="svg", scale=4, border=border, xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return picture.getvalue().decode()


@lru_cache(maxsize=_REMEMBERED)
def qr_png(text: str) -> bytes:
    """A code as a PNG, large enough for print."""
    code = segno.make(text, error="m")
    modules, _ = code.symbol_size(border=_QUIET_MODULES)
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=-(-_PNG_PIXELS // modules), border=_QUIET_MODULES)
    return picture.getvalue()
