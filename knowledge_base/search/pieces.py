"""Long answers in pieces that a sentence vector can hold."""

import re

PIECE = 110  # characters of answer that go into one vector


def pieces(text: str) -> list[str]:
    """A long text in parts of about `PIECE` characters, cut at sentence ends."""
    parts, current = [], ""
    for sentence in re.findall(r"[^。！？；\n]+[。！？；\n]?", text):
        if current and len(current) + len(sentence) > PIECE:
            parts.append(current.strip())
            current = ""
        current += sentence
    if current.strip():
        parts.append(current.strip())
    return parts
