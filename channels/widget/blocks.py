"""Plain text with simple lists, as blocks a page can render."""

import re
from typing import Any

_ORDERED = re.compile(r"^\s*\d{1,2}[.、．](?!\d)\s*")
_BULLET = re.compile(r"^\s*[-•·]\s*")


def blocks(text: str) -> list[dict[str, Any]]:
    """Paragraphs and lists of a text: `{"kind": "p" | "ol" | "ul", "items": [line, …]}`."""
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        kind, item = "p", line.strip()
        if _ORDERED.match(line):
            kind, item = "ol", _ORDERED.sub("", line).strip()
        elif _BULLET.match(line):
            kind, item = "ul", _BULLET.sub("", line).strip()
        if kind != "p" and found and found[-1]["kind"] == kind:
            found[-1]["items"].append(item)
        else:
            found.append({"kind": kind, "items": [item]})
    return found
