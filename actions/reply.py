"""What the assistant says, in a form every channel can render."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

TITLE_LIMIT = 100  # characters of a button's title, as the API takes it back

Button = dict[str, str]
"""`{"title": …, "payload": …}`; the payload is what comes back on a click, or a `tel:` link."""


class ReplyKind(StrEnum):
    """What a reply is for; a channel may render each differently."""

    ANSWER = "answer"
    CHOICES = "choices"
    PROMPT = "prompt"
    TICKET = "ticket"
    NOTICE = "notice"
    EMERGENCY = "emergency"
    HANDOVER = "handover"
    AGENT = "agent"
    NO_ANSWER = "no_answer"


@dataclass(slots=True)
class Reply:
    """One bubble.

    Attributes:
        entry: the knowledge entry behind an answer, for its card.
        ticket: the ticket shown, for its card.
    """

    kind: ReplyKind
    text: str
    buttons: list[Button] = field(default_factory=list)
    entry: dict[str, Any] | None = None
    ticket: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The reply as JSON carries it."""
        buttons = [button.copy() for button in self.buttons]  # some are shared by many replies
        return {"kind": self.kind, "text": self.text, "buttons": buttons, "entry": self.entry, "ticket": self.ticket}


def button(title: str, intent: str, **values: str) -> Button:
    """A button that says an intent when clicked, with values for it."""
    suffix = json.dumps(values, ensure_ascii=False) if values else ""
    return {"title": title[:TITLE_LIMIT], "payload": f"/{intent}{suffix}"}


def notice(text: str, *buttons: Button) -> dict[str, Any]:
    """A plain bubble."""
    return Reply(ReplyKind.NOTICE, text, list(buttons)).as_dict()


def prompt(text: str, *buttons: Button) -> dict[str, Any]:
    """A question to the citizen."""
    return Reply(ReplyKind.PROMPT, text, list(buttons)).as_dict()


def call(number: str) -> Button:
    """A button that dials."""
    return {"title": f"拨打{number}", "payload": f"tel:{number}"}


TO_PERSON = button("转人工", "ask_for_person")
REGISTER = button("帮我登记", "request_help")
TELL_ME = button("有答案了告诉我", "tell_me")
CANCEL = button("取消", "cancel")
RESUME = button("接着填", "resume_ticket")
LEAVE_DRAFT = button("不填了", "cancel")
