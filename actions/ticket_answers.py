"""What citizens answer to the questions of the ticket form, field by field."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict

from actions.danger import show_danger
from actions.present import digest
from actions.reply import TO_PERSON, ReplyKind, button, notice
from actions.services import services
from actions.ticket_asides import says_something_else
from actions.ticket_corrections import CORRECTABLE, corrected_meanwhile, correction_in, field_meant, kept_as_it_was
from actions.ticket_form import needless_place, start_ticket
from actions.ticket_phone import (
    NO_PHONE,
    leaves_no_phone,
    may_leave_no_phone,
    phone_in_passing,
    proved_phone,
    shown_phone,
)
from actions.turn import SURE, Turn, comes_back, says_yes
from knowledge_base.emergency import tells_of_fraud
from tickets.intake.first_message import Intake
from tickets.intake.name import ANONYMOUS, find_name, find_titled_name, read_name
from tickets.intake.place import find_place, read_place
from tickets.intake.story import read_description
from tickets.ticket import Kind

_AGREES = re.compile(r"^(没有?问题|都?对的?|确认(提交)?|提交吧?|可以(提交)?|好的?|是的?)[了吧。！!]*$")

# To be asked "do you agree" and to say "submit" is no consent.
_CONSENTS = re.compile(r"同意|可以|愿意|没问题|没意见|好|行|嗯|是|对|中|[Oo][Kk]|[Yy][Ee][Ss]")
_ENOUGH_FAILURES = 2

_DIGIT = re.compile(r"\d")

_BACK = re.compile(
    r"^(我想|我要)?((返回|回到|退回|退到)?(上一步|上一项|上一个|前一步|前一项)(吧|看看)?|返回|后退|退回去?|倒回去)[。！!]*$"
)

_OVER = re.compile(
    r"^(我想|我要|全部|全都|都)?(重新(填写?|来|登记|开始|写)|重填|重写|重来|从头(再?来|填|开始))(一遍|一次|一下)?(吧|了)?[。！!]*$"
)

_ORDER = ("description", "place", "phone", "name", "consent", "confirmed")

_HINTS = {
    "description": "这句话我没太看明白是什么事，请再多说几个字。",
    "place": "这个地点我没看明白。",
    "phone": "这个号码好像不对，请再看一看。",
    "name": "请说一个称呼，20 个字以内。",
    "consent": "没有您的同意，我们不会留您的信息。想登记请点“同意”；不想留，也可以直接拨打12345说。",
    "confirmed": "您可以点“确认提交”，也可以告诉我要改哪一项：内容、地点、电话、称呼。",
}

_EXPLANATIONS = {
    "description": "要知道发生了什么才能帮上您，比如“阳光小区3号楼楼道灯坏了一周”。也可以转人工，直接跟工作人员说。",
    "place": "写出路名门牌、小区楼栋或附近的标志建筑都行；说不清就点“说不清具体地点”。也可以转人工。",
    "phone": "手机号是 11 位数字；座机要带区号，比如 010-12345678。不方便留电话的话，可以转人工，直接拨打热线反映。",
    "name": "写姓就可以，比如“王女士”；不想说就点“不方便透露”。也可以转人工。",
    "consent": "不登记个人信息也能反映：直接拨打12345，跟工作人员说就行。想继续登记请点“同意”，不想登记请点“取消”。",
    "confirmed": "信息都对就点“确认提交”；要改就点“改内容”“改地点”“改电话”“改称呼”；不想登记了就点“取消”。",
}


class ValidateTicketForm(Action):
    """Take the answer to what the form asked, or turn the message away for the rules to handle."""

    def name(self) -> str:
        """The action's name."""
        return "validate_ticket_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Fill slots from the message.

        Raises:
            ActionExecutionRejection: the citizen did not answer but said something else (data/rules/tickets.yml).
        """
        asked = (tracker.get_slot("requested_slot") or "").removeprefix("ticket_")
        if not asked or comes_back(tracker, "ticket_form"):
            return []
        turn = Turn.of(tracker)
        if asked == "confirmed" and turn.clicked and turn.intent == "add_to_ticket":
            return [SlotSet("ticket_confirmed", True), SlotSet("note_number", turn.values.get("number"))]
        if not turn.clicked and _OVER.match(turn.text):
            dispatcher.utter_message(json_message=notice("好的，从头来，刚才填的都不算。"))
            return start_ticket(Kind(tracker.get_slot("ticket_kind") or Kind.HELP), "")
        if not turn.clicked and _BACK.match(turn.text):
            return self._step_back(dispatcher, tracker, asked)
        if asked == "phone" and (phone := await proved_phone(turn)):
            return [SlotSet("ticket_phone", phone), SlotSet("failed_inputs", None)]
        values = kept_as_it_was(turn, asked, tracker) or corrected_meanwhile(turn, asked, tracker)
        if values is None:
            if await says_something_else(turn, asked, tracker):
                raise ActionExecutionRejection(self.name())
            values = getattr(self, f"_take_{asked}")(turn, tracker) or phone_in_passing(turn, tracker)
        if values is None:
            return self._not_understood(dispatcher, tracker, asked)
        if asked == "description" and tells_of_fraud(turn.text):
            dispatcher.utter_message(json_message=show_danger(turn.text))
        if values.get("consent"):
            values["consent"] = {"told": await _told_last(turn.conversation), "at": services().clock().isoformat()}
        if asked == "confirmed" and None in values.values():
            return self._ask_anew(dispatcher, tracker, next(iter(values)))
        return [*(SlotSet(f"ticket_{name}", value) for name, value in values.items()), SlotSet("failed_inputs", None)]

    @staticmethod
    def _take_description(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        description = read_description(turn.text)
        if description is None:
            return None
        known = Intake.of(turn.text)
        kind = Kind(tracker.get_slot("ticket_kind") or Kind.HELP)
        place = known.place or needless_place(kind, description)
        also = {"place": place, "phone": known.phone, "name": known.name}
        return {"description": description} | {
            name: value for name, value in also.items() if value and not tracker.get_slot(f"ticket_{name}")
        }

    @staticmethod
    def _take_place(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        place = read_place(turn.text, declined=turn.intent == "deny")
        return None if place is None else {"place": place}

    @staticmethod
    def _take_phone(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        known = Intake.of(turn.text)
        name = known.name or find_titled_name(turn.text)
        also = {"name": name} if name and not tracker.get_slot("ticket_name") else {}
        if known.phone is None:
            return {"phone": NO_PHONE} if leaves_no_phone(turn, tracker) else also or None
        return {"phone": known.phone} | also

    @staticmethod
    def _take_name(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        if turn.intent == "deny" and (turn.clicked or turn.confidence > SURE):
            return {"name": ANONYMOUS}
        if not find_name(turn.text) and (place := find_place(turn.text)):
            return {"place": place}  # where, not who
        name = read_name(turn.text)
        return None if name is None else {"name": name}

    @staticmethod
    def _take_consent(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        return {"consent": True} if says_yes(turn) and (turn.clicked or _CONSENTS.search(turn.text)) else None

    @staticmethod
    def _take_confirmed(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        if _AGREES.match(turn.text):
            return {"confirmed": True}
        corrected = correction_in(turn.text, tracker)
        if corrected:
            return corrected
        field = turn.values.get("field") or field_meant(turn.text)
        if field in CORRECTABLE:
            return {field: None}
        return {"confirmed": True} if says_yes(turn) else None

    @staticmethod
    def _ask_anew(dispatcher: CollectingDispatcher, tracker: Tracker, field: str) -> list[EventType]:
        """Empty a field, so that it is asked again, and keep what it said."""
        before = tracker.get_slot(f"ticket_{field}")
        shown = shown_phone(before) if field == "phone" else digest(before)
        text = f"现在的{CORRECTABLE[field]}是“{shown}”，请说要改成什么。"
        dispatcher.utter_message(json_message=notice(text, button("不改了", "correct_ticket", field="keep")))
        previous = {"field": field, "value": before}
        return [SlotSet(f"ticket_{field}", None), SlotSet("ticket_previous", previous), SlotSet("failed_inputs", None)]

    @staticmethod
    def _not_understood(dispatcher: CollectingDispatcher, tracker: Tracker, asked: str) -> list[EventType]:
        failures = int(tracker.get_slot("failed_inputs") or 0) + 1
        text = _EXPLANATIONS[asked] if failures >= _ENOUGH_FAILURES else _HINTS[asked]
        ways_out = [TO_PERSON] if failures >= _ENOUGH_FAILURES or asked == "phone" else []
        refused = not _DIGIT.search(Turn.of(tracker).text)
        if asked == "phone" and may_leave_no_phone(tracker) and (refused or failures >= _ENOUGH_FAILURES):
            text = "不留电话也可以登记，只是办理的人没法打电话跟您核实，进展都在这个对话里告诉您。"
            ways_out.insert(0, button("不留电话", "deny"))
        elif asked == "phone" and refused:
            text = "这类事办理的人要打电话核实，号码只有经办人看得到。不想留在这里，可以点“转人工”，在电话里说。"
        dispatcher.utter_message(json_message=notice(text, *ways_out))
        return [SlotSet("failed_inputs", failures)]

    @staticmethod
    def _step_back(dispatcher: CollectingDispatcher, tracker: Tracker, asked: str) -> list[EventType]:
        """Ask once more what was asked before this."""
        before = [field for field in _ORDER[: _ORDER.index(asked)] if field in CORRECTABLE]
        told = [field for field in before if tracker.get_slot(f"ticket_{field}")]
        if not told:
            dispatcher.utter_message(json_message=notice("这已经是第一步了。"))
            return [SlotSet("failed_inputs", None)]
        return ValidateTicketForm._ask_anew(dispatcher, tracker, told[-1])


async def _told_last(conversation: str) -> str:
    """The question the citizen has just answered, word for word."""
    prompts = [reply["text"] for reply in await services().last_said(conversation) if reply["kind"] == ReplyKind.PROMPT]
    return prompts[-1] if prompts else ""
