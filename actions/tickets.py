"""Tickets that exist: how they stand, urging, adding, taking back."""

import re

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict

from actions.own_tickets import own_ticket, own_tickets, progress
from actions.present import show_ticket
from actions.questions import answer_if_sure, is_known_question, repeats_what_was_answered
from actions.reply import REGISTER, TO_PERSON, button, notice, prompt
from actions.services import services
from actions.turn import Turn, close_forms, comes_back
from actions.verification import SHOWN, begin_verification, offer_verification
from tickets.intake.phone import parse_phone
from tickets.number import find_number
from tickets.refusal import MoveNotAllowed
from tickets.states import ASKED, State
from tickets.ticket import Satisfaction, Ticket

_UNSOLVED = "unsolved"
_SURE = 0.6
_NO_NOTES = frozenset({"cancel", "deny", "affirm", "thank", "emergency", "ask_for_person", "ask_ticket_status"})
_LONG_NOTE = 12  # characters; more tell something, whatever they look like
_ADD = re.compile(r"^(我?(还?[想要]|再)?(补充|添|加)(一?[点下句条])?(内容|情况)?[:：，,\s]*)+")


class ActionTicketStatus(Action):
    """How the citizen's tickets stand."""

    def name(self) -> str:
        """The action's name."""
        return "action_ticket_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Show the named ticket, or all that are theirs; ask for proof where it is someone else's so far."""
        turn = Turn.of(tracker)
        if number := turn.values.get("number") or find_number(turn.text):
            if ticket := await own_ticket(turn.conversation, number):
                dispatcher.utter_message(json_message=show_ticket(ticket, progress(ticket)))
                return []
            if tracker.active_loop_name == "ticket_form":
                dispatcher.utter_message(json_message=notice("这张工单不是在这次对话里登记的，等填完这一件再查它。"))
                return []
            return await begin_verification(dispatcher, turn.conversation, number, parse_phone(turn.text))
        tickets = await own_tickets(turn.conversation)
        for ticket in tickets[:SHOWN]:
            dispatcher.utter_message(json_message=show_ticket(ticket, progress(ticket)))
        if tickets:
            return self._offer_others(dispatcher, tracker)
        if tracker.active_loop_name:
            dispatcher.utter_message(json_message=notice("这次对话里还没有登记过的工单。"))
            return []
        answered = await answer_if_sure(dispatcher, tracker, domain)
        if answered is not None:
            return answered
        return await begin_verification(dispatcher, turn.conversation, phone=parse_phone(turn.text))

    @staticmethod
    def _offer_others(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        if not tracker.active_loop_name and (others := offer_verification()):
            dispatcher.utter_message(json_message=notice("在电话或别的地方登记过的，验证手机号就能一起看。", *others))
        return []


class ActionUrgeTicket(Action):
    """The citizen wants it quicker."""

    def name(self) -> str:
        """The action's name."""
        return "action_urge_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Record the reminder on the ticket meant."""
        ticket = await _meant(tracker)
        if ticket is None:
            return await answer_if_sure(dispatcher, tracker, domain) or _none_here(dispatcher, tracker)
        try:
            ticket = await services().desk.urge(ticket)
            text = "已替您催办，记在工单上，办理的人马上看得到。"
        except MoveNotAllowed as refusal:
            text = str(refusal)
        dispatcher.utter_message(json_message=show_ticket(ticket, text))
        return []


class ActionWithdrawTicket(Action):
    """The citizen wants to take a ticket back: ask once before doing it."""

    def name(self) -> str:
        """The action's name."""
        return "action_withdraw_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask for a yes."""
        ticket = await _meant(tracker)
        if ticket is None:
            return await answer_if_sure(dispatcher, tracker, domain) or _none_here(dispatcher, tracker)
        after = "别人反映的照常办，只是不再单独答复您" if ticket.state is State.MERGED else "撤销后不再办理"
        text = f"确定要撤销工单 {ticket.number} 吗？{after}。"
        buttons = (button("确定撤销", "affirm"), button("不撤销", "deny"))
        dispatcher.utter_message(json_message=prompt(text, *buttons))
        return [SlotSet("offered", f"withdraw:{ticket.number}")]


async def withdraw(dispatcher: CollectingDispatcher, tracker: Tracker, number: str) -> list[EventType]:
    """Take a ticket back after the citizen has said yes."""
    ticket = await own_ticket(tracker.sender_id, number)
    if ticket is None:
        return _none_here(dispatcher, tracker)
    try:
        ticket = await services().desk.withdraw(ticket)
        text = "已撤销，不再办理。"
    except MoveNotAllowed as refusal:
        text = str(refusal)
    dispatcher.utter_message(json_message=show_ticket(ticket, text))
    return [SlotSet("offered", None)]


class ActionAddToTicket(Action):
    """The citizen wants to add something."""

    def name(self) -> str:
        """The action's name."""
        return "action_add_to_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask what, for the ticket meant."""
        ticket = await _meant(tracker)
        if ticket is None:
            return await answer_if_sure(dispatcher, tracker, domain) or _none_here(dispatcher, tracker)
        turn = Turn.of(tracker)
        told = "" if turn.clicked else _ADD.sub("", turn.text)
        note = told if len(told) >= _LONG_NOTE // 2 else None
        return [
            SlotSet("note_number", ticket.number),
            SlotSet("note_text", note),
            SlotSet("note_purpose", None),
            FollowupAction("note_form"),
        ]


class ValidateNoteForm(Action):
    """Take what the citizen adds."""

    def name(self) -> str:
        """The action's name."""
        return "validate_note_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Fill the note.

        Raises:
            ActionExecutionRejection: the citizen leaves, is in danger, or clicked something else.
        """
        if not tracker.get_slot("requested_slot"):
            return []
        turn = Turn.of(tracker)
        if comes_back(tracker, "note_form"):
            # What was to be added is still to be said after a published question; else the citizen went on.
            return [] if turn.published else [SlotSet("requested_slot", None)]
        leaves = turn.intent in _NO_NOTES and turn.confidence > _SURE and len(turn.text) < _LONG_NOTE
        asks = turn.published or await is_known_question(turn)
        if turn.clicked or leaves or (asks and not await repeats_what_was_answered(turn, tracker)):
            raise ActionExecutionRejection(self.name())
        if len(turn.text) >= 2:
            return [SlotSet("note_text", turn.text)]
        dispatcher.utter_message(json_message=notice("请多说几个字。"))
        return [SlotSet("failed_inputs", 1)]


async def add_note(dispatcher: CollectingDispatcher, tracker: Tracker, number: str, note: str) -> None:
    """Put what the citizen says on their ticket, as an addition or as what is still not solved."""
    ticket = await own_ticket(tracker.sender_id, number)
    if ticket is None:
        _none_here(dispatcher, tracker)
        return
    try:
        if tracker.get_slot("note_purpose") == _UNSOLVED:
            ticket = await services().desk.unsolved(ticket, note)
            text = "记下了，热线马上核实，要求单位接着办，有进展就告诉您。"
        else:
            ticket = await services().desk.add_note(ticket, note)
            text = "补充的内容已记到工单里。"
    except MoveNotAllowed as refusal:
        text = str(refusal)
    dispatcher.utter_message(json_message=show_ticket(ticket, text))


async def rate_ticket(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """The citizen says that a ticket is solved, or how satisfied they are; nothing where no ticket is meant."""
    ticket = await _waiting_for_word(tracker)
    if ticket is None:
        return []
    level = Turn.of(tracker).values.get("satisfaction")
    satisfaction = None if level is None else Satisfaction(int(level))
    unhappy = satisfaction is not None and satisfaction < Satisfaction.BASICALLY_SATISFIED
    if unhappy and ticket.state in ASKED:
        return _ask_what_is_missing(ticket)
    try:
        ticket = await services().desk.solved(ticket, satisfaction)
    except MoveNotAllowed as refusal:
        dispatcher.utter_message(json_message=show_ticket(ticket, str(refusal)))
        return [SlotSet("offered", None)]
    if satisfaction is None:
        levels = [
            button(each.label, "solved", number=ticket.number, satisfaction=str(int(each)))
            for each in sorted(Satisfaction, reverse=True)
        ]
        dispatcher.utter_message(json_message=notice("解决了就好！您对这次办理满意吗？", *levels))
    elif unhappy:
        return [SlotSet("offered", None), *_ask_what_is_missing(ticket)]
    else:
        dispatcher.utter_message(json_message=show_ticket(ticket, "谢谢您的评价，已经记下了。还有别的事，随时问我。"))
    return [SlotSet("offered", None)]


async def dispute_ticket(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """The citizen says that a ticket is not solved: ask what is missing; nothing where no ticket is meant."""
    ticket = await _waiting_for_word(tracker)
    if ticket is None:
        return []
    return _ask_what_is_missing(ticket)


def _ask_what_is_missing(ticket: Ticket) -> list[EventType]:
    slots = {"note_number": ticket.number, "note_text": None, "note_purpose": _UNSOLVED}
    return [*(SlotSet(name, value) for name, value in slots.items()), FollowupAction("note_form")]


async def _waiting_for_word(tracker: Tracker) -> Ticket | None:
    """The ticket whose requester is asked whether it is solved: the one named, or the newest that waits for it."""
    turn = Turn.of(tracker)
    number = turn.values.get("number") or find_number(turn.text)
    if number:
        return await own_ticket(tracker.sender_id, number)
    if turn.clicked:  # about an answer
        return None
    waiting = [ticket for ticket in await own_tickets(turn.conversation) if ticket.state in ASKED]
    return waiting[0] if waiting else None


class ActionAddNote(Action):
    """Put the note on the ticket."""

    def name(self) -> str:
        """The action's name."""
        return "action_add_note"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Add and show the ticket."""
        number, note = tracker.get_slot("note_number"), tracker.get_slot("note_text")
        if not note:  # left for something else
            return close_forms()
        await add_note(dispatcher, tracker, number, note)
        return close_forms()


async def _meant(tracker: Tracker) -> Ticket | None:
    """The ticket a message is about: the one it names, or the citizen's newest."""
    turn = Turn.of(tracker)
    if number := turn.values.get("number") or find_number(turn.text):
        return await own_ticket(turn.conversation, number)
    newest = await own_tickets(turn.conversation)
    return newest[0] if newest else None


def _none_here(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    text = "这次对话里没有找到这张工单。在别处登记的，先查一下我的工单，按提示验证手机号就行；也可以转人工。"
    buttons = (button("查工单", "ask_ticket_status"), REGISTER, TO_PERSON)
    dispatcher.utter_message(json_message=notice(text, *buttons))
    return []
