"""Greetings, yes and no, cancel, repeat, a person, danger."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.person import asked
from actions.present import ask_about, show_no_answer, show_safe, show_still_in_danger
from actions.questions import SmallTalkAction
from actions.reply import Reply, ReplyKind, button, notice
from actions.services import services
from actions.ticket_form import start_ticket
from actions.tickets import withdraw
from actions.turn import Turn, close_forms
from handover.talk import State, Why
from knowledge_base.emergency import advice
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
        text = "您好！办事要带什么、去哪办、多久能好，直接问我；遇到麻烦也可以告诉我，我帮您登记给负责的单位。"
        dispatcher.utter_message(json_message=notice(text, *buttons))
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
        if offered == "emergency":
            dispatcher.utter_message(json_message=show_safe())
            return []
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
        if tracker.get_slot("offered") == "emergency":
            dispatcher.utter_message(json_message=show_still_in_danger())
            return [SlotSet("offered", "emergency")]
        if tracker.get_slot("offered") == "choices":
            dispatcher.utter_message(json_message=show_no_answer())
            return [SlotSet("offered", "ticket"), SlotSet("choices", None)]
        dispatcher.utter_message(json_message=notice("好的，那先不办。还有什么可以帮您？"))
        return [SlotSet("offered", None)]


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
        text = "好的，先不办了。"
        if tracker.active_loop_name == "ticket_form":
            text = "好的，已取消，刚才填的内容不会保留。需要时随时再告诉我。"
        dispatcher.utter_message(json_message=notice(text))
        return [*close_forms(), SlotSet("offered", None)]


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
        dispatcher.utter_message(json_message=asked(standing, services().settings))
        # What is said after a person has come and gone must not be taken for a yes to what was offered before.
        offered = None if standing.state is State.WAITING else "ticket"
        return [*close_forms(), SlotSet("offered", offered)]


async def _why(tracker: Tracker) -> Why:
    if tracker.get_slot("offered") == "emergency":
        return Why.EMERGENCY
    said = await services().last_said(tracker.sender_id)
    return Why.FAILED_ANSWERS if any(reply["kind"] == ReplyKind.NO_ANSWER for reply in said) else Why.ASKED


class ActionEmergency(Action):
    """Danger to life: the number to call, before anything else."""

    def name(self) -> str:
        """The action's name."""
        return "action_emergency"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Name the numbers and stop any form."""
        danger = advice(Turn.of(tracker).text)
        buttons = [{"title": f"拨打{number}", "payload": f"tel:{number}"} for number in danger.numbers]
        text = danger.text
        if tracker.active_loop_name == "ticket_form":
            text += "（刚才的登记先停下了，安全以后再告诉我，我重新帮您登记。）"
        dispatcher.utter_message(json_message=Reply(ReplyKind.EMERGENCY, text, buttons).as_dict())
        return [*close_forms(), SlotSet("offered", "emergency")]
