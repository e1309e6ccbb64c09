"""What citizens think of an answer, and who wants to hear of one."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.questions import SmallTalkAction
from actions.reply import REGISTER, TO_PERSON, button, notice
from actions.services import services
from actions.tickets import dispute_ticket, rate_ticket
from actions.turn import Turn
from knowledge_base.feedback import Reason

_NEXT = {
    Reason.NOT_MEANT: "明白了，这不是您要问的。请换个说法再问一次，说得越具体越好；也可以帮您登记，由专人来答。",
    Reason.OUTDATED: "谢谢您指出来，已经记下了。想要准确的答复，我帮您登记，由专人核实后回复您。",
    Reason.UNCLEAR: "是我们没写明白，已经记下了。您可以接着问要带什么、去哪办；也可以转人工，让工作人员讲给您听。",
    Reason.FAILED: "照着办却没办成，让您白跑了，对不起。请让我帮您登记，由专人核实后联系您；着急就转人工。",
}


class ActionSolved(Action):
    """The citizen says the answer helped."""

    def name(self) -> str:
        """The action's name."""
        return "action_solved"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Record it."""
        turn = Turn.of(tracker)
        if rated := await rate_ticket(dispatcher, tracker):
            return rated
        services().answer_log.feedback(turn.conversation, turn.channel, _entry(turn, tracker), helped=True)
        dispatcher.utter_message(json_message=notice("太好了！还有别的事，随时问我。"))
        return [SlotSet("offered", None)]


class ActionAnswerUnhelpful(SmallTalkAction):
    """The citizen says the answer did not help: never a dead end."""

    def name(self) -> str:
        """The action's name."""
        return "action_answer_unhelpful"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Record it and ask why, once; offer a person or a ticket either way."""
        turn = Turn.of(tracker)
        if disputed := await dispute_ticket(dispatcher, tracker):
            return disputed
        slug = _entry(turn, tracker)
        if "reason" in turn.values:
            reason = Reason(turn.values["reason"])
            services().answer_log.reason(turn.conversation, turn.channel, slug, reason)
            dispatcher.utter_message(json_message=notice(_NEXT[reason], REGISTER, TO_PERSON))
            return [SlotSet("offered", "ticket")]
        services().answer_log.feedback(turn.conversation, turn.channel, slug, helped=False)
        reasons = []
        if slug is not None:
            reasons = [button(why.label, "answer_unhelpful", entry=slug, reason=why.value) for why in Reason]
        text = "抱歉没帮上您。您可以换个说法再问，或者我帮您登记，由专人核实后回复您，一般 1 个工作日内会有结果。"
        if reasons:
            text += "方便的话，点一下是哪里不对。"
        dispatcher.utter_message(json_message=notice(text, *reasons, REGISTER, TO_PERSON))
        return [SlotSet("offered", "ticket")]


class ActionTellMe(SmallTalkAction):
    """The citizen wants to hear when their question has an answer."""

    def name(self) -> str:
        """The action's name."""
        return "action_tell_me"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Keep the wish with the question it is about."""
        turn = Turn.of(tracker)
        question = tracker.get_slot("last_question")
        if not question:
            dispatcher.utter_message(json_message=notice("您想等哪个问题的答案？请先把问题告诉我。"))
            return []
        services().answer_log.tell_me(turn.conversation, turn.channel, question)
        text = "记下了。等这个问题有了准确的答复，我就在这个对话里告诉您。着急的话，也可以现在登记，由专人回复您。"
        dispatcher.utter_message(json_message=notice(text, REGISTER, TO_PERSON))
        return [SlotSet("offered", "ticket")]


def _entry(turn: Turn, tracker: Tracker) -> str | None:
    slug: str | None = turn.values.get("entry") or tracker.get_slot("matter")
    return slug
