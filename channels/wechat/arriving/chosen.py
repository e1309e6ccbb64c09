"""What a typed number or title means: a button of what was said last."""

import unicodedata
from collections.abc import Sequence

from actions.reply import Button
from bot.picking import place_named
from channels.wechat.rendering import Reply, offered

_ENDS = " 　.。,，、!！~～"


def chosen(text: str, replies: Sequence[Reply]) -> Button | None:
    """The button a message means; None where it is simply a message.

    Args:
        replies: of the assistant's last turn, whose numbers the citizen sees.
    """
    buttons = offered(replies)
    place = place_named(text)
    if place is not None and place.number >= 0:  # which is the last one, the assistant knows better
        return place.among(buttons)
    plain = _plain(text)
    return next((button for button in buttons if _plain(button["title"]) == plain), None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_ENDS).casefold()
