"""Questions about policies: answer, choices, or the admission that there is no answer."""

import re
from abc import ABC, abstractmethod

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.present import ask_about, show_choices, show_entry, show_no_answer, show_safe, show_still_in_danger
from actions.reply import TO_PERSON, ReplyKind, button, notice
from actions.services import services
from actions.turn import Turn, nothing_said_yet
from knowledge_base.answer_log import Base
from knowledge_base.decision import Decision
from knowledge_base.entry import Entry, Facet
from knowledge_base.facet_words import asked_facet, is_bare_follow_up

_CHOICES_OF_CATEGORY = 12
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{2}|[\u4e00-\u9fff].*[\u4e00-\u9fff]")
_SHORTEST_QUESTION = 6  # characters; less is small talk however it is read
_SAFE = re.compile(r"^(?!.*(不安全|没有|还没)).*(安全|没事|脱险|出来了|好多了)")
_FOLLOW_UP = re.compile(r"^(那|如果|要是|假如|还有|另外|那么)")


class ActionAnswerQuestion(Action):
    """Answer from the knowledge base, offer choices, or say that there is no answer."""

    def name(self) -> str:
        """The action's name."""
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Answer and remember the matter."""
        turn = Turn.of(tracker)
        facet = _facet(turn)
        chosen = services().knowledge.entry(turn.values.get("entry", ""))
        if chosen is None:
            decision, facet = await decide(turn, tracker, facet)
        else:
            decision = Decision.chosen(chosen)
        in_danger = tracker.get_slot("offered") == "emergency" and not turn.clicked
        if not _is_question(turn, decision, in_danger):
            return _say_what_it_is_not(dispatcher, turn, in_danger)
        record(turn, decision)
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


def record(turn: Turn, decision: Decision) -> None:
    """Log how a question was decided, and by what."""
    settings, knowledge = services().settings, services().knowledge
    base = Base(knowledge.stored_revision, settings.answer_at, settings.offer_at, knowledge.correction)
    services().answer_log.record(turn.conversation, turn.channel, turn.text, decision, base)


def _is_question(turn: Turn, decision: Decision, in_danger: bool) -> bool:
    """Whether what was said asks something at all, so that it is logged as a question."""
    if decision.kind == "answer":
        return True
    return not in_danger and (decision.kind == "choices" or _WORDS.search(turn.text) is not None)


def _say_what_it_is_not(dispatcher: CollectingDispatcher, turn: Turn, in_danger: bool) -> list[EventType]:
    if in_danger:
        safe = _SAFE.search(turn.text) is not None
        dispatcher.utter_message(json_message=show_safe() if safe else show_still_in_danger())
        return [SlotSet("offered", None if safe else "emergency")]
    dispatcher.utter_message(json_message=notice("我没看明白，请换个说法再说一遍。", TO_PERSON))
    return []


async def decide(turn: Turn, tracker: Tracker, facet: Facet | None) -> tuple[Decision, Facet | None]:
    """The decision for what was said, and the facet to show.

    A follow-up stays with what was offered last, or with the matter the conversation is about, until another one
    is named.
    """
    knowledge = services().knowledge
    matter = tracker.get_slot("matter")
    current: Entry | None = knowledge.entry(matter) if matter else None
    if facet and is_bare_follow_up(turn.text):
        offered = [entry for slug in tracker.get_slot("choices") or () if (entry := knowledge.entry(slug))]
        if offered:
            return Decision.still_open(offered), facet
        if current:
            return Decision.chosen(current), facet
    decision = await knowledge.decide(turn.text, channel=turn.channel)
    if current is None or decision.kind == "answer":
        return decision, facet
    if _FOLLOW_UP.match(turn.text) or facet:
        followed = await knowledge.decide(f"{current.matter or current.question} {turn.text}", channel=turn.channel)
        if followed.kind == "answer" and followed.entry and followed.entry.slug == current.slug:
            return followed, facet
    return decision, facet


def _facet(turn: Turn) -> Facet | None:
    name = turn.intent.removeprefix("ask_")
    if turn.intent.startswith("ask_") and name in set(Facet):
        return Facet(name)
    return asked_facet(turn.text)


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
    """What has nothing to do with the hotline is declined."""

    def name(self) -> str:
        """The action's name."""
        return "action_out_of_scope"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Decline kindly."""
        text = (
            "这个我不懂，我只会办事咨询和反映问题。您可以问我办证、社保、医保、公积金这些事，或者把遇到的问题告诉我。"
        )
        dispatcher.utter_message(json_message=notice(text, button("能问哪些事", "list_matters"), TO_PERSON))
        return []
