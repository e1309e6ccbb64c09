"""A choice that was offered is picked by its place: 1, 第一个, 选第二个."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actions.reply import Button, ReplyKind

_MATTERS = ("/ask_policy{", "/list_matters{")
_DIGITS = "一二三四五六七八九十"
_ENDS = " 　.。,，、!！~～)）"
_NUMBER = rf"\s*(\d{{1,2}}|[{_DIGITS}])\s*"
_BARE = re.compile(rf"(?:选|选择)?{_NUMBER}(?:个|项|条)?")
_ORDINAL = re.compile(rf"(?:我?(?:要|想)?选(?:择)?|就|要)?第{_NUMBER}(?:个|项|条|件)?(?:吧|那个)?")
_LAST = re.compile(r"(?:选|就)?最后(?:那|一)?个")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in what was offered.

    Attributes:
        number: from 1; -1 for the last.
        bare: whether nothing but the number was said, which may mean other things as well.
    """

    number: int
    bare: bool

    def among(self, offered: Sequence[Any]) -> Any | None:
        """What stands there; None where nothing does."""
        if self.number == -1:
            return offered[-1] if offered else None
        return offered[self.number - 1] if 1 <= self.number <= len(offered) else None


def place_named(text: str) -> Place | None:
    """The place a message names, and nothing else; None where it names none."""
    plain = unicodedata.normalize("NFKC", text).strip(_ENDS)
    bare = _BARE.fullmatch(plain)
    found = bare or _ORDINAL.fullmatch(plain)
    if found is None:
        return Place(-1, bare=False) if _LAST.fullmatch(plain) else None
    said = found.group(1)
    return Place(_DIGITS.index(said) + 1 if said in _DIGITS else int(said), bare=bare is not None)


def picked(place: Place, replies: Sequence[dict[str, Any]]) -> Button | None:
    """What stands at a place of what was said last; None where there is none, or nothing was to be chosen.

    A bare number picks only where one was asked to choose; 第一个 also from a list of matters.
    """
    choices = [button for reply in replies if reply["kind"] == ReplyKind.CHOICES for button in reply["buttons"]]
    if choices:
        if place.number == -1:  # the last of the matters; "none of these" stands behind them
            choices = [button for button in choices if "entry" in button["payload"]]
        return place.among(choices)
    listed = [button for reply in replies for button in reply["buttons"] if button["payload"].startswith(_MATTERS)]
    return None if place.bare or len(listed) < 2 else place.among(listed)
