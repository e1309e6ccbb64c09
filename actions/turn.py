"""What the citizen said in this turn, read from Rasa's tracker."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet

FORM_SLOTS = (
    "ticket_draft",
    "ticket_kind",
    "ticket_description",
    "ticket_place",
    "ticket_phone",
    "ticket_name",
    "ticket_consent",
    "ticket_confirmed",
    "ticket_previous",
    "failed_inputs",
    "verify_phone",
    "verify_code",
    "verify_number",
    "verify_notice",
    "note_number",
    "note_text",
    "note_purpose",
)


SURE = 0.6
"""An intent has to be this likely to take a form's turn away."""

_NOT = re.compile(r"不|没|别|先等")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a citizen.

    Attributes:
        clicked: whether a button said it, so that there is no text of the citizen's own.
        published: whether the words are exactly those of a published entry (`bot.exact_wording`).
        values: what the button carried.
    """

    conversation: str
    channel: str
    text: str
    intent: str
    confidence: float
    clicked: bool
    published: bool
    values: dict[str, str]

    @classmethod
    def of(cls, tracker: Tracker) -> "Turn":
        """The latest message of a tracker."""
        message: dict[str, Any] = tracker.latest_message
        intent = message.get("intent") or {}
        values = {item["entity"]: item["value"] for item in message.get("entities") or []}
        metadata = message.get("metadata") or {}
        return cls(
            conversation=tracker.sender_id,
            channel=metadata.get("channel", "widget"),
            text=(message.get("text") or "").strip(),
            intent=intent.get("name") or "nlu_fallback",
            confidence=float(intent.get("confidence") or 0),
            clicked=bool(metadata.get("clicked")),
            published=bool(metadata.get("published")),
            values=values,
        )


def comes_back(tracker: Tracker, form: str) -> bool:
    """Whether a form is being resumed after its turn was answered by something else: there is nothing to validate."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] not in (form, "action_listen"):
            return True
    return False


def nothing_said_yet(tracker: Tracker) -> bool:
    """Whether the citizen's last message has got no reply so far."""
    for event in reversed(tracker.events):
        if event["event"] in ("user", "bot"):
            return bool(event["event"] == "user")
    return True


def close_forms() -> list[EventType]:
    """Events that end whatever form is open and forget what it gathered."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), *(SlotSet(name, None) for name in FORM_SLOTS)]


def says_yes(turn: Turn) -> bool:
    """Whether the citizen agrees: by the button, or in words that are surely a yes and hold no "not"."""
    sure = turn.clicked or (turn.confidence > SURE and not _NOT.search(turn.text))
    return turn.intent == "affirm" and sure


def new_draft_id() -> str:
    """An id for a form's content, by which sending it twice is noticed."""
    return uuid.uuid4().hex
