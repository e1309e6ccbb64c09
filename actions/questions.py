"""Questions about policies: answer, choices, or the admission that there is no answer."""

from abc import ABC, abstractmethod

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.comfort import comfort
from actions.danger import asked_whether_safe, hear_whether_safe
from actions.deciding import Thread, asks_something, decide, facet_asked, record
from actions.present import ask_about, show_choices, show_entry, show_no_answer
from actions.reply import TO_PERSON, ReplyKind, button, notice
from actions.services import services
from actions.turn import Turn, nothing_said_yet
from knowledge_base.decision import Decision

_CHOICES_OF_CATEGORY = 12
_SHORTEST_QUESTION = 6  # characters; less is small talk however it is read


class ActionAnswerQuestion(Action):
    """Answer from the knowledge base, offer choices, or say that there is no answer."""

    def name(self) -> str:
        """The action's name."""
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Answer and remember the matter."""
        turn = Turn.of(tracker)
        facet = facet_asked(turn.text, turn.intent)
        chosen = services().knowledge.entry(turn.values.get("entry", ""))
        if chosen is None:
            thread = Thread.of(tracker.get_slot("matter"), tracker.get_slot("choices") or ())
            decision, facet = await decide(turn.text, turn.channel, thread, facet)
        else:
            decision = Decision.chosen(chosen)
        in_danger = asked_whether_safe(tracker) and not turn.clicked
        if decision.kind != "answer":
            if in_danger:
                return hear_whether_safe(dispatcher, tracker, turn.text)
            if kind_word := comfort(turn.text):
                dispatcher.utter_message(json_message=kind_word)
                return []
        if not asks_something(turn.text, decision):
            dispatcher.utter_message(json_message=notice("我没看明白，请换个说法再说一遍。", TO_PERSON))
            return []
        record(turn.conversation, turn.channel, turn.text, decision)
        choices = [entry.slug for entry in decision.choices] or None
        events = [
            SlotSet("last_question", turn.text or None),
            SlotSet("offered", None),
            SlotSet("choices", choices),
        ]
        if decision.kind == "answer" and decision.entry:
            dispatcher.utter_message(json_message=show_entry(decision.entry, facet))
            return [*events, SlotSet("matter", decision.entry.slug)]
        if decision.kind == "choices":
            dispatcher.utter_message(json_message=show_choices(decision, facet))
            return [*events, SlotSet("offered", "choices")]
        dispatcher.utter_message(json_message=show_no_answer())
        return [*events, SlotSet("offered", "ticket")]


class ActionCoreFallback(ActionAnswerQuestion):
    """What no rule foresees: answer as well as possible once, and go on where the conversation stood."""

    def name(self) -> str:
        """The action's name."""
        return "action_core_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Answer, then return to the open form or listen; without saying where to go on, Rasa would answer anew."""
        events: list[EventType] = []
        if nothing_said_yet(tracker):
            events = await super().run(dispatcher, tracker, domain)
        return [*events, FollowupAction(tracker.active_loop_name or "action_listen")]


async def answer_if_sure(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
) -> list[EventType] | None:
    """Answer what looked like something else but is a known question; None when it is not."""
    if not await is_known_question(Turn.of(tracker)):
        return None
    return await ActionAnswerQuestion().run(dispatcher, tracker, domain)


async def is_known_question(turn: Turn) -> bool:
    """Whether the knowledge base is sure of an answer to typed words."""
    if turn.clicked or len(turn.text) < _SHORTEST_QUESTION:
        return False
    return (await services().knowledge.decide(turn.text, channel=turn.channel)).kind == "answer"


async def repeats_what_was_answered(turn: Turn, tracker: Tracker) -> bool:
    """Whether the question that was just answered comes once more: then it is what the citizen tells the form.

    However a citizen's story, place or name may coincide with an entry's words, saying it again is always heard.
    """
    if tracker.get_slot("last_question") != turn.text:
        return False
    said = await services().last_said(turn.conversation)
    return any(reply["kind"] in (ReplyKind.ANSWER, ReplyKind.CHOICES) for reply in said)


class SmallTalkAction(Action, ABC):
    """What is done about small talk, once it is clear that the words are not a known question after all."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Answer a question that only looks like small talk, else do what the action is for."""
        answered = None if tracker.active_loop_name else await answer_if_sure(dispatcher, tracker, domain)
        return await self.act(dispatcher, tracker) if answered is None else answered

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What the action is for."""


class ActionListMatters(Action):
    """What can be asked, by name."""

    def name(self) -> str:
        """The action's name."""
        return "action_list_matters"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """List the categories, or the matters of the one that was chosen."""
        entries = services().knowledge.entries()
        category = Turn.of(tracker).values.get("category")
        within = [entry for entry in entries if entry.category == category][:_CHOICES_OF_CATEGORY]
        if within:
            buttons = [ask_about(entry) for entry in within]
            dispatcher.utter_message(json_message=notice(f"{category}方面，您可以问：", *buttons))
            return []
        categories = dict.fromkeys(entry.category for entry in entries if entry.category)
        buttons = [button(name, "list_matters", category=name) for name in categories]
        if not buttons:  # a base that was imported without categories
            buttons = [ask_about(entry) for entry in services().knowledge.popular(_CHOICES_OF_CATEGORY)]
        text = "下面这些方面的事我都能答，也可以直接说您遇到的情况。"
        dispatcher.utter_message(json_message=notice(text, *buttons))
        return []


class ActionOutOfScope(SmallTalkAction):
    """What has nothing to do with the hotline."""

    def name(self) -> str:
        """The action's name."""
        return "action_out_of_scope"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Decline kindly, or comfort who is sad."""
        if kind_word := comfort(Turn.of(tracker).text):
            dispatcher.utter_message(json_message=kind_word)
            return []
        text = (
            "这个我不懂，我只会办事咨询和反映问题。您可以问我办证、社保、医保、公积金这些事，或者把遇到的问题告诉我。"
        )
        dispatcher.utter_message(json_message=notice(text, button("能问哪些事", "list_matters"), TO_PERSON))
        return []
