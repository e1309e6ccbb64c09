"""A citizen proves a phone number by a code, to see and follow what was registered with it elsewhere."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict

from actions.own_tickets import own_ticket, own_tickets, progress
from actions.phone_codes import check_code, code_in, send_code
from actions.present import show_ticket
from actions.questions import SmallTalkAction, is_known_question
from actions.reply import CANCEL, REGISTER, TO_PERSON, button, call, notice, prompt
from actions.services import services
from actions.turn import Turn, close_forms, comes_back
from tickets.intake.phone import parse_phone
from tickets.number import find_number
from tickets.ticket import Ticket

SHOWN = 5
_SURE = 0.6
_RESEND = re.compile(r"(重新|再|重)(发|给|来)|(没有?|还没有?|未|一直没)(收到|来短信|看到)|收不到|没短信")
_CHANGE = re.compile(r"换(个|一个|一下)?(手机|号|电话)|(号码?|手机号?|电话)(不对|错|写错|填错|输错)|不是这个号")
_STAYS = frozenset({"affirm", "deny", "thank", "greet", "correct_ticket", "verify_phone", "nlu_fallback", "solved"})

_VERIFY = button("查别处登记的工单", "verify_phone")
_RESEND_BUTTON = button("重新发送", "verify_phone", step="resend")
_CHANGE_BUTTON = button("换个号码", "verify_phone", step="change")


def offer_verification() -> list[dict[str, str]]:
    """The button that begins it, where codes can be sent at all."""
    return [_VERIFY] if services().verification.sender else []


async def begin_verification(
    dispatcher: CollectingDispatcher, conversation: str, number: str | None = None, phone: str | None = None
) -> list[EventType]:
    """Ask for the phone, or send a code to the one that is known; without a gateway, say which other way there is.

    Args:
        number: of the ticket that is wanted.
    """
    if services().verification.sender is None:
        phone = services().settings.hotline_phone
        what = f"工单 {number} 不是在这次对话里登记的" if number else "在电话或者别的地方登记的工单"
        text = f"{what}，为了保护登记人，这里还不能直接查。请拨打{phone}，报登记时留的手机号，工作人员马上帮您查。"
        dispatcher.utter_message(json_message=notice(text, call(phone), REGISTER))
        return []
    told = {} if phone is None else await send_code(conversation, phone)
    if told.pop("ended", None):
        dispatcher.utter_message(json_message=notice(told["verify_notice"], _call(), TO_PERSON))
        return []
    slots = {"verify_phone": None, "verify_code": None, "verify_number": number, "verify_notice": None} | told
    return [*_slots(**slots), FollowupAction("verify_form")]


class ActionVerifyPhone(SmallTalkAction):
    """The citizen wants to prove a number, or to see tickets from elsewhere."""

    def name(self) -> str:
        """The action's name."""
        return "action_verify_phone"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Begin; with the phone of the ticket whose button was clicked, or the one that was said, a code goes out."""
        turn = Turn.of(tracker)
        if tracker.active_loop_name == "ticket_form":
            dispatcher.utter_message(json_message=notice("先把这一件填完，提交以后就能验证手机号。"))
            return []
        return await begin_verification(dispatcher, turn.conversation, phone=await self._known_phone(turn))

    @staticmethod
    async def _known_phone(turn: Turn) -> str | None:
        number = turn.values.get("number")
        ticket = await own_ticket(turn.conversation, number) if number else None
        return ticket.requester_phone if ticket else parse_phone(turn.text)


class ActionAskVerifyPhone(Action):
    """Ask for the phone."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_verify_phone"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask, after what became of the last one."""
        usual = (
            "要看别处登记的工单，请先验证手机号：输入登记时留的手机号，我发一条短信验证码给您。"
            "号码只用来查您自己的工单。"
        )
        dispatcher.utter_message(json_message=prompt(tracker.get_slot("verify_notice") or usual, CANCEL))
        return [SlotSet("verify_notice", None)]


class ActionAskVerifyCode(Action):
    """Ask for the code."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_verify_code"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask, after what became of the last one."""
        told = tracker.get_slot("verify_notice") or "收到短信后，把里面的 6 位验证码发给我就行。"
        dispatcher.utter_message(json_message=prompt(told, _RESEND_BUTTON, _CHANGE_BUTTON, CANCEL))
        return [SlotSet("verify_notice", None)]


class ValidateVerifyForm(Action):
    """Take the phone, then the code."""

    def name(self) -> str:
        """The action's name."""
        return "validate_verify_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Fill what was asked.

        Raises:
            ActionExecutionRejection: the message is about something else.
        """
        asked = tracker.get_slot("requested_slot")
        if not asked:
            return []
        if comes_back(tracker, "verify_form"):  # something else was answered: a code may still arrive
            return [] if asked == "verify_code" else [SlotSet("requested_slot", None)]
        turn = Turn.of(tracker)
        sent_to = tracker.get_slot("verify_phone")
        told = await self._phone_or_step(turn, sent_to)
        if told is None and asked == "verify_code" and (code := code_in(turn.text)):
            told = await check_code(turn.conversation, sent_to, code)
        if told is None:
            if await _is_about_something_else(turn, asked):
                raise ActionExecutionRejection(self.name())
            told = {"verify_notice": _not_understood(asked)}
        if told.get("verify_phone", sent_to) is None and told.get("ended"):
            dispatcher.utter_message(json_message=notice(str(told["verify_notice"]), _call(), TO_PERSON))
            return [SlotSet("requested_slot", None), *_slots(verify_phone=None)]
        return _slots(**told)

    @staticmethod
    async def _phone_or_step(turn: Turn, sent_to: str | None) -> dict[str, Any] | None:
        step = turn.values.get("step") if turn.clicked else None
        phone = None if turn.clicked else parse_phone(turn.text)
        if phone:
            return await send_code(turn.conversation, phone)
        if sent_to is None:
            return None
        if step == "change" or (not turn.clicked and _CHANGE.search(turn.text)):
            return {"verify_phone": None, "verify_notice": "好的，请输入要验证的手机号。"}
        if step == "resend" or (not turn.clicked and _RESEND.search(turn.text)):
            return await send_code(turn.conversation, sent_to)
        return None


class ActionVerified(Action):
    """The number is the citizen's: show what was registered with it."""

    def name(self) -> str:
        """The action's name."""
        return "action_verified"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Show the ticket that was wanted, or all."""
        if not tracker.get_slot("verify_code"):  # left for something else
            return close_forms()
        number = tracker.get_slot("verify_number")
        if number:
            ticket = await own_ticket(tracker.sender_id, number)
            if ticket is None:
                text = (
                    f"手机号验证好了。不过工单 {number} 登记时留的不是这个号码，请核对编号，或者换登记时的号码再验证。"
                )
                dispatcher.utter_message(json_message=notice(text, _VERIFY, TO_PERSON))
            else:
                dispatcher.utter_message(json_message=show_ticket(ticket, f"手机号验证好了。{progress(ticket)}"))
            return close_forms()
        self._show_all(dispatcher, await own_tickets(tracker.sender_id))
        return close_forms()

    @staticmethod
    def _show_all(dispatcher: CollectingDispatcher, tickets: list[Ticket]) -> None:
        if not tickets:
            text = "手机号验证好了。这个号码名下还没有登记过工单。要是登记时留的是别的号码，可以换一个再查。"
            dispatcher.utter_message(json_message=notice(text, _VERIFY, REGISTER))
            return
        more = f"，先看最近的 {SHOWN} 张" if len(tickets) > SHOWN else ""
        dispatcher.utter_message(json_message=notice(f"手机号验证好了，找到您的 {len(tickets)} 张工单{more}。"))
        for ticket in tickets[:SHOWN]:
            dispatcher.utter_message(json_message=show_ticket(ticket, progress(ticket)))


class ActionUnbindPhone(SmallTalkAction):
    """The citizen takes back what was proved."""

    def name(self) -> str:
        """The action's name."""
        return "action_unbind_phone"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Forget the numbers of this conversation."""
        if await services().verification.citizens.unbind(tracker.sender_id):
            text = "已经解绑。别处登记的工单，这个对话里不再显示；工单照常办理，需要时再验证手机号就能看到。"
        else:
            text = "这个对话没有绑定手机号，不用解绑。"
        dispatcher.utter_message(json_message=notice(text))
        return close_forms() if tracker.active_loop_name == "verify_form" else []


async def _is_about_something_else(turn: Turn, asked: str) -> bool:
    if turn.clicked or turn.published:
        return True
    digits = sum(character.isdigit() for character in turn.text)
    if digits >= 4 and find_number(turn.text) is None and turn.intent != "emergency":
        return False
    if asked == "verify_code" and turn.intent in _STAYS:
        return await is_known_question(turn)
    return turn.confidence > _SURE


def _not_understood(asked: str) -> str:
    if asked == "verify_phone":
        return "没有认出手机号，请输入登记时留的 11 位手机号。不方便验证的话，也可以拨打12345查。"
    return "收到短信后，把里面的 6 位验证码发给我就行。没收到可以点“重新发送”，号码不对就点“换个号码”。"


def _call() -> dict[str, str]:
    return call(services().settings.hotline_phone)


def _slots(**values: Any) -> list[EventType]:
    return [SlotSet(name, value) for name, value in values.items() if name != "ended"]
