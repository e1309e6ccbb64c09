"""What a button sends back when it is clicked: an intent, and values for it.

Only buttons may name an intent. What a citizen types is always plain text, also when it looks like
Rasa's own `/intent{...}`; and a payload naming anything not listed here is refused.
"""

import json
from typing import Any

from knowledge_base.feedback import Reason
from tickets.ticket import Satisfaction

END_HANDOVER = "end_handover"
"""The citizen wants no person any longer; heard by `bot.person`, never by Rasa."""

_TEXT_LIMIT = 100

_VALUES_OF_INTENT: dict[str, frozenset[str]] = {
    "ask_policy": frozenset({"entry"}),
    **{
        f"ask_{facet}": frozenset({"entry"})
        for facet in (
            "conditions",
            "materials",
            "steps",
            "time_limit",
            "fee",
            "place",
            "phone",
            "online",
            "legal_basis",
        )
    },
    "list_matters": frozenset({"category"}),
    "request_help": frozenset(),
    "complain": frozenset(),
    "report_wrongdoing": frozenset(),
    "suggest": frozenset(),
    "praise": frozenset(),
    "ask_ticket_status": frozenset({"number"}),
    "urge_ticket": frozenset({"number"}),
    "add_to_ticket": frozenset({"number"}),
    "withdraw_ticket": frozenset({"number"}),
    "correct_ticket": frozenset({"field"}),
    "ask_for_person": frozenset(),
    END_HANDOVER: frozenset(),
    "affirm": frozenset(),
    "deny": frozenset(),
    "cancel": frozenset(),
    "repeat": frozenset(),
    "answer_unhelpful": frozenset({"entry", "reason", "number"}),
    "solved": frozenset({"entry", "number", "satisfaction"}),
    "tell_me": frozenset(),
    "verify_phone": frozenset({"number", "step"}),
    "unbind_phone": frozenset(),
    "resume_ticket": frozenset(),
}
_ONE_OF = {
    "reason": frozenset(Reason),
    "satisfaction": frozenset(str(int(level)) for level in Satisfaction),
    "step": frozenset({"resend", "change"}),
}


class PayloadRefused(ValueError):
    """The payload is not one of ours."""


def parse_payload(text: str) -> dict[str, Any]:
    """Rasa's parse data for a clicked button.

    Raises:
        PayloadRefused: not of the form `/intent{"name": "value"}`, or not an intent that buttons carry.
    """
    name, brace, rest = text.removeprefix("/").partition("{")
    allowed = _VALUES_OF_INTENT.get(name)
    if not text.startswith("/") or allowed is None:
        raise PayloadRefused(name[:_TEXT_LIMIT])
    try:
        values = json.loads(brace + rest) if brace else {}
    except ValueError as error:
        raise PayloadRefused(name) from error
    if not isinstance(values, dict) or not values.keys() <= allowed:
        raise PayloadRefused(name)
    if not all(isinstance(value, str) and len(value) <= _TEXT_LIMIT for value in values.values()):
        raise PayloadRefused(name)
    if any(value not in _ONE_OF.get(key, (value,)) for key, value in values.items()):
        raise PayloadRefused(name)
    return {
        "text": "",
        "intent": {"name": name, "confidence": 1.0},
        "intent_ranking": [{"name": name, "confidence": 1.0}],
        "entities": [{"entity": key, "value": value} for key, value in values.items()],
    }
