"""A ticket's draft out of what a citizen said in a talk, for the agent to correct."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.transcript import Message, Sender
from handover.talk import Handover
from tickets.intake.name import find_name
from tickets.intake.phone import parse_phone
from tickets.intake.place import find_place
from tickets.intake.story import read_story
from tickets.ticket import Draft, Kind

_BEFORE_ASKING = timedelta(minutes=30)  # what was told to the assistant first belongs to the story
_STORY_LIMIT = 1000  # characters
_WHO = 10  # characters beside a number; "我叫王小明，电话是" and no more
_NUMBER = re.compile(r"[\d\s+-]{7,}")
_SHORTEST = 4  # characters; less is a greeting, a yes, a number of a choice


def draft_of(talk: Handover, said: Sequence[Message], draft_id: str) -> Draft:
    """A draft of the citizen's own words; what was not said is left empty.

    Args:
        said: the conversation, oldest first.
    """
    own = [
        message.body["text"]
        for message in said
        if message.sender is Sender.CITIZEN
        and not message.body.get("clicked")
        and message.at >= talk.asked_at - _BEFORE_ASKING
    ]
    story = [text for text in own if len(text) >= _SHORTEST and read_story(text) and not _tells_who(text)]
    return Draft(
        id=draft_id,
        kind=Kind.HELP,
        channel=talk.channel,
        conversation=talk.conversation or "",
        description="\n".join(dict.fromkeys(story))[-_STORY_LIMIT:],
        place=_last(own, find_place) or "",
        name=_last(own, find_name) or "",
        phone=_last(own, parse_phone),
    )


def _tells_who(text: str) -> bool:
    """Whether words say no more than a name or a phone number."""
    rest = _NUMBER.sub("", text)
    return len(rest) <= _WHO and (parse_phone(text) is not None or find_name(text) is not None)


def _last(texts: Sequence[str], find: Callable[[str], str | None]) -> str | None:
    return next((found for text in reversed(texts) if (found := find(text))), None)
