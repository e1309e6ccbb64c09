"""Greetings, yes and no, cancel, repeat, a person."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.danger import asked_whether_safe, hear_whether_safe
from actions.drafts import keep_draft, resume_draft
from actions.person import asked, asked_with_draft
from actions.present import ask_about, show_no_answer
from actions.questions import SmallTalkAction
from actions.reply import ReplyKind, button, notice
from actions.services import services
from actions.ticket_form import start_ticket
from actions.tickets import withdraw
from actions.turn import Turn, close_forms
from actions.wording import spoken
from handover.talk import State, Why
from tickets.ticket import Kind

_POPULAR = 6
_HALF_SURE = 0.5


class ActionGreet(SmallTalkAction):
    """Greet, and name what people ask most."""

    def name(self) -> str:
        """The action's name."""
        return "action_greet"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Say hello."""
        buttons = [ask_about(entry) for entry in services().knowledge.popular(_POPULAR)]
        dispatcher.utter_message(json_message=notice(spoken["greet"], *buttons))
        return []


class ActionAffirm(SmallTalkAction):
    """Yes, to whatever was offered last."""

    def name(self) -> str:
        """The action's name."""
        return "action_affirm"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Do what was offered."""
        offered = tracker.get_slot("offered") or ""
        if offered == "ticket":
            events = start_ticket(Kind.CONSULTATION, tracker.get_slot("last_question") or "")
            return [*events, FollowupAction("ticket_form")]
        if asked_whether_safe(tracker):
            return hear_whether_safe(dispatcher, tracker, "yes")
        if offered == "draft" and (resumed := resume_draft(tracker)):
            return resumed
        if offered.startswith("withdraw:"):
            return await withdraw(dispatcher, tracker, offered.removeprefix("withdraw:"))
        text = "好的。您接着说，想问什么或者遇到了什么事？"
        dispatcher.utter_message(json_message=notice(text, button("能问哪些事", "list_matters")))
        return [SlotSet("offered", None)]


class ActionDeny(SmallTalkAction):
    """No, to whatever was offered last."""

    def name(self) -> str:
        """The action's name."""
        return "action_deny"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Leave it, and keep a way on."""
        if asked_whether_safe(tracker):
            return hear_whether_safe(dispatcher, tracker, "no")
        if tracker.get_slot("offered") == "choices":
            dispatcher.utter_message(json_message=show_no_answer())
            return [SlotSet("offered", "ticket"), SlotSet("choices", None)]
        left = [SlotSet("ticket_kept", None)] if tracker.get_slot("offered") == "draft" else []
        dispatcher.utter_message(json_message=notice("好的，那先不办。还有什么可以帮您？"))
        return [SlotSet("offered", None), *left]


class ActionCancel(SmallTalkAction):
    """Stop, whatever is open."""

    def name(self) -> str:
        """The action's name."""
        return "action_cancel"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Close the form and forget what it gathered."""
        turn = Turn.of(tracker)
        if not tracker.active_loop_name and not turn.clicked and turn.confidence < _HALF_SURE:
            dispatcher.utter_message(json_message=show_no_answer())
            return [SlotSet("offered", "ticket"), SlotSet("last_question", turn.text)]
        loop = tracker.active_loop_name
        forgets = loop == "ticket_form" or (loop is None and tracker.get_slot("ticket_kept"))
        text = "好的，已取消，刚才填的内容不会保留。需要时随时再告诉我。" if forgets else "好的，先不办了。"
        dispatcher.utter_message(json_message=notice(text))
        left = [SlotSet("ticket_kept", None)] if forgets else []
        return [*close_forms(), *left, SlotSet("offered", None)]


class ActionRepeat(Action):
    """The last words once more."""

    def name(self) -> str:
        """The action's name."""
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Say the last turn's replies again; an open form asks its question again by itself."""
        if tracker.active_loop_name:
            return []
        said = await services().last_said(tracker.sender_id)
        for reply in said or [notice("我还没有说过什么。您想问什么事？")]:
            dispatcher.utter_message(json_message=reply)
        return []


class ActionAskForPerson(Action):
    """A person, one tap away."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_for_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Join the queue; where nobody is there, give the hotline's number and offer to register."""
        turn = Turn.of(tracker)
        standing = await services().handovers.ask(turn.conversation, turn.channel, await _why(tracker))
        kept = keep_draft(tracker)
        has_draft = bool(kept or tracker.get_slot("ticket_kept"))
        reply = asked_with_draft if has_draft else asked
        dispatcher.utter_message(json_message=reply(standing, services().settings))
        # What is said after a person has come and gone must not be taken for a yes to what was offered before.
        offered = "draft" if has_draft else "ticket"
        return [*close_forms(), *kept, SlotSet("offered", None if standing.state is State.WAITING else offered)]


async def _why(tracker: Tracker) -> Why:
    if asked_whether_safe(tracker):
        return Why.EMERGENCY
    said = await services().last_said(tracker.sender_id)
    return Why.FAILED_ANSWERS if any(reply["kind"] == ReplyKind.NO_ANSWER for reply in said) else Why.ASKED
