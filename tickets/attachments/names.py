"""A file's name as it may be shown and saved under: no path, no tricks, the ending of what it is."""

import re
import unicodedata
from urllib.parse import quote

from tickets.attachments.kinds import KINDS, Kind

_LONGEST = 80
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # a Windows machine of a unit cannot save these
_ENDINGS = {ending for kind in KINDS for ending in kind.endings}


def safe_name(name: str, kind: Kind) -> str:
    """The sender's name for a file, made safe; it ends as files of its kind do."""
    base = re.split(r"[/\\]", name)[-1]
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C")  # controls, and marks that turn text
    stem = _FORBIDDEN.sub("_", shown).strip(" .")
    before, dot, ending = stem.rpartition(".")
    if dot and f".{ending.lower()}" in _ENDINGS:
        stem = before
    return (stem[:_LONGEST].strip(" .") or "附件") + kind.stored_as[0]


def download_headers(name: str, media_type: str, size: int) -> dict[str, str]:
    """Headers under which a browser saves a file and neither shows nor runs it (RFC 6266, RFC 5987)."""
    ending = name.rpartition(".")[2]
    plain = f"attachment.{ending}" if ending.isascii() and ending.isalnum() else "attachment"
    return {
        "Content-Type": media_type,
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
