"""A choice that was offered is picked by its place: 1, 第一个, 选第二个."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from actions.reply import Button, ReplyKind

_DIGITS = "一二三四五六七八九"
_ENDS = " 　.。,，、!！~～)）"
_BARE = re.compile(r"选?(\d|[一二三四五六七八九])")
_ORDINAL = re.compile(r"(?:我?(?:要|想)?选(?:择)?|就|要)?第(\d|[一二三四五六七八九])(?:个|项|条|件)?(?:吧|那个)?")
_LAST = re.compile(r"(?:选|就)?最后(?:那|一)?个")


def place_named(text: str) -> int | None:
    """The place a message names and nothing else, from 1; -1 for the last; None where it names none."""
    plain = unicodedata.normalize("NFKC", text).strip(_ENDS)
    found = _BARE.fullmatch(plain) or _ORDINAL.fullmatch(plain)
    if found is None:
        return -1 if _LAST.fullmatch(plain) else None
    said = found.group(1)
    return _DIGITS.index(said) + 1 if said in _DIGITS else int(said)


def picked(place: int, replies: Sequence[dict[str, Any]]) -> Button | None:
    """The choice at a place of what was said last; None where there is none, or nothing was to be chosen."""
    offered = [
        button
        for reply in replies
        if reply["kind"] == ReplyKind.CHOICES
        for button in reply["buttons"]
        if not button["payload"].startswith("tel:")
    ]
    if place == -1:
        entries = [button for button in offered if "entry" in button["payload"]]
        return entries[-1] if entries else None
    return offered[place - 1] if 1 <= place <= len(offered) else None
