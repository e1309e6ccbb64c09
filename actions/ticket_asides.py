"""What is said inside the ticket form and is no answer to it, so that a rule can answer it (data/rules/tickets.yml)."""

import re

from rasa_sdk import Tracker

from actions.questions import repeats_what_was_answered
from actions.services import services
from actions.ticket_corrections import CHANGES, field_meant
from actions.turn import SURE, Turn
from knowledge_base.emergency import tells_of_fraud
from knowledge_base.facet_words import is_bare_follow_up
from tickets.intake.name import find_name
from tickets.intake.phone import parse_phone
from tickets.intake.place import find_place, says_unknown_place

_DANGER = 0.9

_LEAVING = frozenset({"emergency", "cancel", "ask_for_person"})

_ASIDES = frozenset(
    {
        "ask_ticket_status",
        "bot_identity",
        "list_matters",
        "repeat",
        "abuse",
        "greet",
        "thank",
        "resume_ticket",
        "verify_phone",
        "unbind_phone",
    }
)

_FEEDBACK = frozenset({"solved", "answer_unhelpful", "tell_me"})

_QUESTIONS = frozenset({"ask_policy"})

_FOLLOW_UPS = re.compile(r"^ask_(conditions|materials|steps|time_limit|fee|place|phone|online|legal_basis)$")

_LONG_STORY = 30

_AT = re.compile(r"(就|住|家|家住)?(在|位于|地[址点]是)?")

_TITLED = re.compile(r"(先生|女士|小姐|师傅|老师|阿姨|大爷|大妈)$")

_DIGIT = re.compile(r"\d")

_ONLY_DIGITS = re.compile(r"[\d\s+-]+")

_SOME_DIGITS = 4  # more look like a phone number, however many are missing


async def says_something_else(turn: Turn, asked: str, tracker: Tracker) -> bool:
    """Whether a message in the form is not an answer to what was asked."""
    intent = turn.intent
    if turn.clicked:
        return intent in _LEAVING | _ASIDES | _FEEDBACK | _QUESTIONS or bool(_FOLLOW_UPS.match(intent))
    if intent == "emergency":
        tells_it = asked == "description" and tells_of_fraud(turn.text)
        return turn.confidence > _DANGER and not tells_it
    if parse_phone(turn.text):
        return False
    if (asked == "phone" and _looks_like_a_number(turn.text)) or (asked == "place" and _tells_a_place(turn)):
        return False  # an answer, right or wrong, whatever the intent looks like
    if turn.published:
        return not (_answers_by_its_form(turn, asked) or await repeats_what_was_answered(turn, tracker))
    if intent in _LEAVING | _ASIDES:
        return turn.confidence > SURE and len(turn.text) < _LONG_STORY
    if intent in _QUESTIONS or _FOLLOW_UPS.match(intent):
        decision = await services().knowledge.decide(turn.text, channel=turn.channel)
        follows_up = bool(_FOLLOW_UPS.match(intent)) and tracker.get_slot("matter") and turn.confidence > SURE
        bare = asked != "place" or is_bare_follow_up(turn.text)
        return decision.kind == "answer" or (bool(follows_up) and bare)
    return False


def _looks_like_a_number(text: str) -> bool:
    """Whether words have many digits, or nothing else."""
    return len(_DIGIT.findall(text)) > _SOME_DIGITS or _ONLY_DIGITS.fullmatch(text) is not None


def _tells_a_place(turn: Turn) -> bool:
    """Whether words name a place or say that it cannot be named.

    A published question may well have a road in it (公路收费标准); it is a place if nothing else is said.
    """
    if says_unknown_place(turn.text):
        return True
    place = find_place(turn.text)
    return place is not None and (not turn.published or _AT.fullmatch(turn.text.removesuffix(place)) is not None)


def _answers_by_its_form(turn: Turn, asked: str) -> bool:
    """Whether words can hardly be meant otherwise than as the answer to what was asked, though an entry has them.

    A name is one with 姓 or 女士; a bare word is as likely the matter. Where all is to be confirmed, 改姓名 changes a
    field. Yes and no never come here: they are no published question (`bot.exact_wording`).
    """
    if asked == "name":
        return find_name(turn.text) is not None or _TITLED.search(turn.text) is not None
    return asked == "confirmed" and CHANGES.search(turn.text) is not None and field_meant(turn.text) is not None
