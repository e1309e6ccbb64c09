"""A form that danger or a person interrupted is kept, and taken up again or left as the citizen says."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.reply import REGISTER, notice
from actions.turn import FORM_SLOTS

_TOLD = ("ticket_description", "ticket_place", "ticket_phone", "ticket_name")


def keep_draft(tracker: Tracker) -> list[EventType]:
    """Keep what the open ticket form has gathered; nothing where there is none, or nothing in it."""
    if tracker.active_loop_name != "ticket_form":
        return []
    gathered = {name: value for name in FORM_SLOTS if (value := tracker.get_slot(name)) is not None}
    return [SlotSet("ticket_kept", gathered)] if gathered.keys() & set(_TOLD) else []


def resume_draft(tracker: Tracker) -> list[EventType]:
    """Events that open the form again where it stood; nothing where none is kept."""
    kept = tracker.get_slot("ticket_kept")
    if not kept:
        return []
    slots = [SlotSet(name, kept.get(name)) for name in FORM_SLOTS]
    return [*slots, SlotSet("ticket_kept", None), SlotSet("offered", None), FollowupAction("ticket_form")]


class ActionResumeTicket(Action):
    """The citizen goes on with what was begun."""

    def name(self) -> str:
        """The action's name."""
        return "action_resume_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Open the form again; an open one simply goes on."""
        if tracker.active_loop_name:
            return []
        events = resume_draft(tracker)
        text = "好的，接着刚才的填。" if events else "没有填到一半的登记。有什么事，现在告诉我就行。"
        dispatcher.utter_message(json_message=notice(text, *([] if events else [REGISTER])))
        return events
