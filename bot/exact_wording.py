"""Words that staff have published as a question are that question, whatever the classifier makes of them.

Official names look like anything to a classifier of everyday talk: a complaint, a greeting, a yes. Outside a form such
words are simply asked of the knowledge base. Inside one, `actions.ticket_asides` first looks whether they answer what
the form asked.
"""

from typing import Any

from knowledge_base.entry import Facet
from knowledge_base.knowledge import Knowledge
from service.text import normalise

_QUESTION = "ask_policy"
_QUESTIONS = frozenset({_QUESTION, *(f"ask_{facet}" for facet in Facet)})
_DANGER = "emergency"
# What steers the conversation itself. Who says 是, 取消 or 转人工 is heard, also where an entry has that name.
_STEERING = frozenset(
    {
        "affirm",
        "deny",
        "cancel",
        "repeat",
        "ask_for_person",
        "thank",
        "solved",
        "answer_unhelpful",
        "ask_ticket_status",
        "urge_ticket",
        "withdraw_ticket",
    }
)
_LONGEST_STEERING = 5  # characters: 我要转人工; official names are longer, or the classifier is not sure of them
_SURE = 0.85


async def is_published_question(text: str, parsed: dict[str, Any], knowledge: Knowledge, channel: str) -> bool:
    """Whether typed words are exactly a wording of a live entry and are meant as such.

    Args:
        parsed: what Rasa's NLU made of them.
    """
    intent = parsed["intent"]
    if intent["name"] == _DANGER:
        return False
    short = len(normalise(text)) <= _LONGEST_STEERING
    if short and intent["name"] in _STEERING and intent["confidence"] >= _SURE:
        return False
    return bool((await knowledge.index(channel=channel)).worded(text))


def as_question(parsed: dict[str, Any]) -> dict[str, Any]:
    """What NLU found, read as a question; one about a side of the matter stays that."""
    if parsed["intent"]["name"] in _QUESTIONS:
        return parsed
    question = {"name": _QUESTION, "confidence": 1.0}
    return parsed | {"intent": question, "intent_ranking": [question, *parsed["intent_ranking"]]}
