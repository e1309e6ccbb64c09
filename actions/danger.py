"""Danger to life or savings: whom to call, before anything else, and listening to whether somebody is safe."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.drafts import keep_draft
from actions.reply import LEAVE_DRAFT, REGISTER, RESUME, TO_PERSON, Button, Reply, ReplyKind, call, notice
from actions.turn import Turn, close_forms
from knowledge_base.emergency import advice, tells_of_fraud

_ASKED = "emergency"
_SAFE = re.compile(r"^(?!.*(不安全|没有|还没)).*(安全|没事|脱险|出来了|好多了)")


class ActionEmergency(Action):
    """The number to call; an open form stops, and what it gathered is kept."""

    def name(self) -> str:
        """The action's name."""
        return "action_emergency"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Name the numbers and stop any form."""
        turn = Turn.of(tracker)
        kept = keep_draft(tracker)
        events = [*close_forms(), *kept]
        if tells_of_fraud(turn.text):  # no question whether they are safe: what is lost is money
            ways = [RESUME, LEAVE_DRAFT] if kept else [REGISTER]
            dispatcher.utter_message(json_message=show_danger(turn.text, *ways))
            offered = "draft" if kept else "ticket"
            return [*events, SlotSet("offered", offered), SlotSet("last_question", turn.text)]
        reply = show_danger(turn.text)
        if kept:
            reply["text"] += "（刚才填的登记我替您留着，安全以后再接着填。）"
        dispatcher.utter_message(json_message=reply)
        return [*events, SlotSet("offered", _ASKED)]


def show_danger(told: str, *ways: Button) -> dict[str, Any]:
    """Whom to call in the danger that a message tells of.

    Args:
        ways: what can be done besides.
    """
    danger = advice(told)
    calls = [call(number) for number in danger.numbers]
    return Reply(ReplyKind.EMERGENCY, danger.text, [*calls, *ways]).as_dict()


def asked_whether_safe(tracker: Tracker) -> bool:
    """Whether the last turn was about danger and asked whether they are safe."""
    return bool(tracker.get_slot("offered") == _ASKED)


def says_safe(text: str) -> bool:
    """Whether words tell that they are safe."""
    return _SAFE.search(text) is not None


def hear_whether_safe(dispatcher: CollectingDispatcher, tracker: Tracker, answer: str) -> list[EventType]:
    """Go on from the answer: a person and the kept form for who is safe, the numbers again for who is not.

    Args:
        answer: yes, no, or the citizen's words.
    """
    if answer == "no" or (answer != "yes" and not says_safe(answer)):
        text = (
            "请马上拨打 110，有人受伤或不舒服拨打 120，着火拨打 119；不方便说话就发短信到 12110。"
            "能离开就先离开，到有人的地方去，不要挂断电话。"
        )
        calls = [call(number) for number in ("110", "120", "119")]
        dispatcher.utter_message(json_message=Reply(ReplyKind.EMERGENCY, text, calls).as_dict())
        return [SlotSet("offered", _ASKED)]
    if tracker.get_slot("ticket_kept"):
        text = "安全就好，您受惊了。刚才填的登记还替您留着，要接着填吗？"
        dispatcher.utter_message(json_message=notice(text, RESUME, LEAVE_DRAFT, TO_PERSON))
        return [SlotSet("offered", "draft")]
    text = "安全就好，您受惊了。需要的话我帮您登记，让负责的单位跟进；还有别的事也随时告诉我。"
    dispatcher.utter_message(json_message=notice(text, REGISTER, TO_PERSON))
    return [SlotSet("offered", None)]
