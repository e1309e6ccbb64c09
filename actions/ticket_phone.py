"""The phone in the ticket form: given, proved before, or left out where that may be."""

import re
from typing import Any

from rasa_sdk import Tracker

from actions.services import services
from actions.turn import Turn, says_yes
from tickets.intake.phone import display_phone, parse_phone
from tickets.ticket import Kind

NO_PHONE = "none"

"""Stands in the form for the phone of one who leaves none."""


_NO_PHONE_WORDS = re.compile(r"不(想|愿意?|方便|能|给|留|告诉|填|说)|没有?(手机|电话)|用不着|保密")


def may_leave_no_phone(tracker: Tracker) -> bool:
    """Whether requests of this kind are taken down without a phone number."""
    return (tracker.get_slot("ticket_kind") or Kind.HELP) in services().settings.ticket_without_phone


def leaves_no_phone(turn: Turn, tracker: Tracker) -> bool:
    """Whether the citizen leaves no number: by the button, or by refusing again after it was explained."""
    if not may_leave_no_phone(tracker) or not tracker.get_slot("failed_inputs"):
        return False
    return turn.intent == "deny" if turn.clicked else _NO_PHONE_WORDS.search(turn.text) is not None


async def proved_phone(turn: Turn) -> str | None:
    """The number this conversation has proved, for one who says yes to it."""
    if not says_yes(turn):
        return None
    return next(iter(await services().verification.citizens.phones(turn.conversation)), None)


def phone_in_passing(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
    """A phone number given before it was asked for."""
    phone = None if tracker.get_slot("ticket_phone") else parse_phone(turn.text)
    return {"phone": phone} if phone else None


def phone_of(slot: str) -> str | None:
    """The number a slot stands for; None for one who leaves none."""
    return None if slot == NO_PHONE else slot


def shown_phone(slot: str) -> str:
    """What a slot says, for the citizen to check."""
    return "不留，进展在这个对话里告诉您" if slot == NO_PHONE else display_phone(slot)
