"""What a typed number or title means: a button of what was said last."""

import re
import unicodedata
from collections.abc import Sequence

from actions.reply import Button
from channels.wechat.rendering import Reply, offered

_NUMBER = re.compile(r"(?:选|选择|第)?\s*(\d{1,2})\s*(?:个|项|条)?")
_CHINESE = re.compile(r"(?:选|选择|第)\s*([一二三四五六七八九十])\s*(?:个|项|条)?")
_DIGITS = "一二三四五六七八九十"
_ENDS = " 　.。,，、!！~～"


def chosen(text: str, replies: Sequence[Reply]) -> Button | None:
    """The button a message means; None where it is simply a message.

    Args:
        replies: of the assistant's last turn, whose numbers the citizen sees.
    """
    buttons = offered(replies)
    plain = _plain(text)
    number = _number(plain)
    if number is not None:
        return buttons[number - 1] if 1 <= number <= len(buttons) else None
    return next((button for button in buttons if _plain(button["title"]) == plain), None)


def _number(plain: str) -> int | None:
    if found := _NUMBER.fullmatch(plain):
        return int(found.group(1))
    if found := _CHINESE.fullmatch(plain):
        return _DIGITS.index(found.group(1)) + 1
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_ENDS).casefold()
