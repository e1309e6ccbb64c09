"""What is said to citizens on the way to a person and back."""

from typing import Any

from actions.reply import LEAVE_DRAFT, REGISTER, RESUME, TO_PERSON, Button, Reply, ReplyKind, button, call
from handover.asking import Standing
from handover.talk import State
from handover.wording import Words, agent_name, position, spoken
from service.settings import Settings

LEAVE = button("不等了", "end_handover")
FINISH = button("结束人工", "end_handover")

_BUTTONS: dict[Words, tuple[Button, ...]] = {
    Words.QUEUED: (LEAVE,),
    Words.PATIENCE: (LEAVE, REGISTER),
    Words.APOLOGY: (REGISTER, LEAVE),
    Words.QUEUED_DRAFT: (LEAVE,),
    Words.NOBODY: (REGISTER,),
    Words.NOBODY_DRAFT: (RESUME, LEAVE_DRAFT),
    Words.NOBODY_LEFT: (REGISTER,),
    Words.GAVE_UP: (REGISTER,),
    Words.LEFT: (REGISTER,),
    Words.ALREADY_WAITING: (LEAVE, REGISTER),
    Words.ALREADY_TALKING: (FINISH,),
    Words.IDLE: (TO_PERSON,),
    Words.NOT_OPEN: (TO_PERSON,),
}
_WITH_CALL = frozenset({Words.APOLOGY, Words.NOBODY, Words.NOBODY_DRAFT, Words.NOBODY_LEFT, Words.GAVE_UP})


def say(words: Words, settings: Settings, standing: Standing | None = None) -> dict[str, Any]:
    """A reply of these words.

    Args:
        standing: where the citizen stands, for words that tell it.
    """
    ahead, number = (standing.ahead, standing.number) if standing else (0, None)
    phone = settings.hotline_phone
    facts = {
        "position": position(ahead),
        "agent": agent_name(settings.agent_title, number),
        "phone": phone,
        "promise": settings.handover_promise_minutes,
    }
    calls = [call(phone)] if words in _WITH_CALL else []
    text = spoken[words].format_map(facts)
    return Reply(ReplyKind.HANDOVER, text, [*calls, *_BUTTONS.get(words, ())]).as_dict()


def asked(standing: Standing, settings: Settings) -> dict[str, Any]:
    """The answer to one who asks for a person."""
    return say(Words.QUEUED if standing.state is State.WAITING else Words.NOBODY, settings, standing)


def asked_with_draft(standing: Standing, settings: Settings) -> dict[str, Any]:
    """The same, to one whose half-filled ticket is kept meanwhile."""
    return say(Words.QUEUED_DRAFT if standing.state is State.WAITING else Words.NOBODY_DRAFT, settings, standing)


def by_agent(reply: dict[str, Any], settings: Settings, number: int | None) -> dict[str, Any]:
    """A reply as a person gives it: marked with who that is, without the buttons that rate the assistant."""
    return reply | {"buttons": [], "agent": agent_name(settings.agent_title, number)}
