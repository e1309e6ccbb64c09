"""The form that turns what a citizen tells into a ticket."""

import re
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict

from actions.present import digest, show_ticket
from actions.questions import repeats_what_was_answered
from actions.reply import (
    CANCEL,
    LEAVE_DRAFT,
    RESUME,
    TO_PERSON,
    Reply,
    ReplyKind,
    button,
    call,
    notice,
    prompt,
)
from actions.services import services
from actions.tickets import add_note
from actions.turn import FORM_SLOTS, Turn, close_forms, comes_back, new_draft_id
from knowledge_base.emergency import advice, tells_of_fraud
from knowledge_base.facet_words import is_bare_follow_up
from service.clock import chinese_day
from service.privacy import mask_personal_data
from tickets.consent import Consent
from tickets.intake import (
    ANONYMOUS,
    UNKNOWN_PLACE,
    Intake,
    find_name,
    find_place,
    read_description,
    read_name,
    read_place,
    says_unknown_place,
)
from tickets.phone import display_phone, is_mobile, parse_phone
from tickets.similar.repeats import told_to_citizen
from tickets.ticket import Draft, Kind, Ticket

_KIND_OF_INTENT = {
    "request_help": Kind.HELP,
    "complain": Kind.COMPLAINT,
    "report_wrongdoing": Kind.REPORT,
    "suggest": Kind.SUGGESTION,
    "praise": Kind.PRAISE,
}
_OPENING = {
    Kind.HELP: "请说说遇到了什么困难、需要什么帮助。",
    Kind.COMPLAINT: "请说说是什么事、什么时候、涉及谁。",
    Kind.REPORT: "请说说您发现了什么、什么时候、在哪里。您的身份会保密。",
    Kind.SUGGESTION: "请说说您的建议。",
    Kind.PRAISE: "请说说您想表扬谁、因为什么事。",
    Kind.CONSULTATION: "请说说您想问的事，越具体越好。",
}
_CORRECTABLE = {"description": "内容", "place": "地点", "phone": "电话", "name": "称呼"}
_FIELD_WORDS = {
    "description": re.compile(r"内容|事情|经过|描述|情况"),
    "place": re.compile(r"地[址点方]|位置|门牌|小区|路"),
    "phone": re.compile(r"电话|手机|号码|联系方式"),
    "name": re.compile(r"称呼|名字|姓名|姓"),
}
_CHANGES = re.compile(r"改|换|错|不对|应该是|应该姓|应为")
_NEW_VALUE = re.compile(r"(?:改成|改为|换成|改到|应该是|应为|应该姓|再加一?句|加一句|补充一?句)[:：，,\s]*(.+)$")
_AGREES = re.compile(r"^(没有?问题|都?对的?|确认(提交)?|提交吧?|可以(提交)?|好的?|是的?)[了吧。！!]*$")
# To be asked "do you agree" and to say "submit" is no consent.
_CONSENTS = re.compile(r"同意|可以|愿意|没问题|没意见|好|行|嗯|是|对|中|[Oo][Kk]|[Yy][Ee][Ss]")
_NOT = re.compile(r"不|没|别|先等")
_KEEP = re.compile(r"^(不用?改了?|算了不改了?|保持(原样|不变)|不变|还是原来的.*|确认提交)[。！!]*$")
_DANGER = 0.9
_SURE = 0.6  # an intent has to be this likely to take a form's turn away
_LEAVING = frozenset({"emergency", "cancel", "ask_for_person"})
_ASIDES = frozenset(
    {"ask_ticket_status", "bot_identity", "list_matters", "repeat", "abuse", "greet", "thank", "resume_ticket"}
)
_FEEDBACK = frozenset({"solved", "answer_unhelpful", "tell_me"})
_QUESTIONS = frozenset({"ask_policy"})
_FOLLOW_UPS = re.compile(r"^ask_(conditions|materials|steps|time_limit|fee|place|phone|online|legal_basis)$")
_ENOUGH_FAILURES = 2
_LONG_STORY = 30
_AT = re.compile(r"(就|住|家|家住)?(在|位于|地[址点]是)?")
_TITLED = re.compile(r"(先生|女士|小姐|师傅|老师|阿姨|大爷|大妈)$")
_DIGIT = re.compile(r"\d")
_HERE = re.compile(
    r"我们?家|我们(这|小区|村|楼|单元|学校|公司)|小区|楼[上下道里]|附近|门口|隔壁|这[里边儿]|路[上口边]|家里|本村|楼顶|阳台"
)
_ASKS = re.compile(
    r"[?？吗呢]|怎么|咋|如何|什么|啥|哪|多少|多久|几|能不能|可不可以|可以|是否|是不是|要不要|找谁|想问|咨询"
)
_NO_PHONE_WORDS = re.compile(r"不(想|愿意?|方便|能|给|留|告诉|填|说)|没有?(手机|电话)|用不着|保密")
_BACK = re.compile(
    r"^(我想|我要)?((返回|回到|退回|退到)?(上一步|上一项|上一个|前一步|前一项)(吧|看看)?|返回|后退|退回去?|倒回去)[。！!]*$"
)
_OVER = re.compile(
    r"^(我想|我要|全部|全都|都)?(重新(填写?|来|登记|开始|写)|重填|重写|重来|从头(再?来|填|开始))(一遍|一次|一下)?(吧|了)?[。！!]*$"
)
_ORDER = ("description", "place", "phone", "name", "consent", "confirmed")
NO_PHONE = "none"
"""Stands in the form for the phone of one who leaves none."""
_ONLY_DIGITS = re.compile(r"[\d\s+-]+")
_SOME_DIGITS = 4  # more look like a phone number, however many are missing


def start_ticket(kind: Kind, text: str) -> list[EventType]:
    """Events that open a form with what is already known, so that it is not asked again."""
    known = Intake.of(text)
    place = known.place or _needless_place(kind, known.description)
    values: dict[str, Any] = dict.fromkeys(FORM_SLOTS)
    values |= {
        "ticket_draft": new_draft_id(),
        "ticket_kind": kind.value,
        "ticket_description": known.description,
        "ticket_place": place,
        "ticket_phone": known.phone,
        "ticket_name": known.name,
        "offered": None,
    }
    return [SlotSet(name, value) for name, value in values.items()]


def _needless_place(kind: Kind, description: str | None) -> str | None:
    """What stands for the place of a mere question, which happens nowhere; None where it has to be asked."""
    if kind is not Kind.CONSULTATION or description is None or _HERE.search(description):
        return None
    return UNKNOWN_PLACE if _ASKS.search(description) else None


class ActionStartTicket(Action):
    """Open the form; where the knowledge base has the way to go, point at it as well."""

    def name(self) -> str:
        """The action's name."""
        return "action_start_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Take over what was said."""
        turn = Turn.of(tracker)
        if turn.clicked:
            offered = tracker.get_slot("offered") == "ticket"
            return start_ticket(Kind.CONSULTATION, (offered and tracker.get_slot("last_question")) or "")
        decision = await services().knowledge.decide(turn.text, channel=turn.channel)
        if decision.kind == "answer" and decision.entry:
            title = decision.entry.matter or decision.entry.question
            text = f"这类事有现成的办法，您可以先看看《{title}》。要登记的话，接着填下面几项就行。"
            link = button(f"看看{title}", "ask_policy", entry=decision.entry.slug)
            dispatcher.utter_message(json_message=notice(text, link))
        return start_ticket(_KIND_OF_INTENT.get(turn.intent, Kind.HELP), turn.text)


class ActionAskTicketDescription(Action):
    """Ask what happened, in words that fit the kind of request."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_ticket_description"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask."""
        kind = Kind(tracker.get_slot("ticket_kind") or Kind.HELP)
        dispatcher.utter_message(json_message=prompt(f"好的，我来帮您登记。{_OPENING[kind]}", CANCEL))
        return []


class ActionAskTicketPhone(Action):
    """Ask how the citizen can be reached."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_ticket_phone"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Ask; a number they have proved is offered."""
        buttons = [CANCEL]
        for phone in (await services().verification.citizens.phones(tracker.sender_id))[:1]:
            buttons.insert(0, button(f"用{mask_personal_data(display_phone(phone))}", "affirm"))
        text = "请留一个能联系到您的电话，办理的人会打这个号码。"
        dispatcher.utter_message(json_message=prompt(text, *buttons))
        return []


class ActionAskTicketConfirmed(Action):
    """Show everything once more before it is registered."""

    def name(self) -> str:
        """The action's name."""
        return "action_ask_ticket_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Show the preview, with a way to correct each field."""
        slot = tracker.get_slot
        kind = Kind(slot("ticket_kind") or Kind.HELP)
        lines = [
            "请核对：",
            f"类型：{kind.label}",
            f"内容：{digest(slot('ticket_description'))}",
            f"地点：{slot('ticket_place')}",
            f"电话：{_shown_phone(slot('ticket_phone'))}",
            f"称呼：{slot('ticket_name')}",
            "没问题的话点“确认提交”，哪里不对就点哪里改。",
        ]
        if kind is Kind.CONSULTATION and slot("ticket_place") == UNKNOWN_PLACE:
            del lines[3]
        buttons = [button("确认提交", "affirm")]
        said = (slot("ticket_description"), slot("ticket_place"), _phone_of(slot("ticket_phone")))
        if known := await services().recurrence.known(*said, conversation=tracker.sender_id):
            own = [each.ticket.number for each in known if each.ticket.conversation == tracker.sender_id]
            lines.insert(-1, told_to_citizen(own, len(known)))
            buttons += [button(f"补充到 {number}", "add_to_ticket", number=number) for number in own[:1]]
        corrections = [button(f"改{title}", "correct_ticket", field=name) for name, title in _CORRECTABLE.items()]
        dispatcher.utter_message(json_message=prompt("\n".join(lines), *buttons, *corrections, CANCEL))
        return []


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
        if asked == "phone" and (phone := await _proved_phone(turn)):
            return [SlotSet("ticket_phone", phone), SlotSet("failed_inputs", None)]
        values = _kept(turn, asked, tracker) or _corrected_meanwhile(turn, asked, tracker)
        if values is None:
            if await _says_something_else(turn, asked, tracker):
                raise ActionExecutionRejection(self.name())
            values = getattr(self, f"_take_{asked}")(turn, tracker) or _phone_in_passing(turn, tracker)
        if values is None:
            return self._not_understood(dispatcher, tracker, asked)
        if values.get("consent"):
            values["consent"] = {"told": await _told_last(turn.conversation), "at": services().clock().isoformat()}
        if asked == "description" and tells_of_fraud(turn.text):
            danger = advice(turn.text)
            calls = [call(number) for number in danger.numbers]
            dispatcher.utter_message(json_message=Reply(ReplyKind.EMERGENCY, danger.text, calls).as_dict())
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
        place = known.place or _needless_place(kind, description)
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
        if known.phone is None:
            return {"phone": NO_PHONE} if _leaves_no_phone(turn, tracker) else None
        also = known.name if known.name and not tracker.get_slot("ticket_name") else None
        return {"phone": known.phone} | ({"name": also} if also else {})

    @staticmethod
    def _take_name(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        name = (
            ANONYMOUS if turn.intent == "deny" and (turn.clicked or turn.confidence > _SURE) else read_name(turn.text)
        )
        return None if name is None else {"name": name}

    @staticmethod
    def _take_consent(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        return {"consent": True} if _says_yes(turn) and (turn.clicked or _CONSENTS.search(turn.text)) else None

    @staticmethod
    def _take_confirmed(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
        if _AGREES.match(turn.text):
            return {"confirmed": True}
        corrected = _corrected(turn.text, tracker)
        if corrected:
            return corrected
        field = turn.values.get("field") or _field_meant(turn.text)
        if field in _CORRECTABLE:
            return {field: None}
        return {"confirmed": True} if _says_yes(turn) else None

    @staticmethod
    def _ask_anew(dispatcher: CollectingDispatcher, tracker: Tracker, field: str) -> list[EventType]:
        """Empty a field, so that it is asked again, and keep what it said."""
        before = tracker.get_slot(f"ticket_{field}")
        shown = _shown_phone(before) if field == "phone" else digest(before)
        text = f"现在的{_CORRECTABLE[field]}是“{shown}”，请说要改成什么。"
        dispatcher.utter_message(json_message=notice(text, button("不改了", "correct_ticket", field="keep")))
        previous = {"field": field, "value": before}
        return [SlotSet(f"ticket_{field}", None), SlotSet("ticket_previous", previous), SlotSet("failed_inputs", None)]

    @staticmethod
    def _not_understood(dispatcher: CollectingDispatcher, tracker: Tracker, asked: str) -> list[EventType]:
        failures = int(tracker.get_slot("failed_inputs") or 0) + 1
        text = _EXPLANATIONS[asked] if failures >= _ENOUGH_FAILURES else _HINTS[asked]
        ways_out = [TO_PERSON, CANCEL] if failures >= _ENOUGH_FAILURES or asked == "phone" else []
        refused = not _DIGIT.search(Turn.of(tracker).text)
        if asked == "phone" and _may_leave_no_phone(tracker) and (refused or failures >= _ENOUGH_FAILURES):
            text = "不留电话也可以登记，只是办理的人没法打电话跟您核实，进展都在这个对话里告诉您。"
            ways_out.insert(0, button("不留电话", "deny"))
        elif asked == "phone" and refused:
            text = "这类事办理的人要打电话核实，号码只有经办人看得到。不想留在这里，可以点“转人工”，在电话里说。"
        dispatcher.utter_message(json_message=notice(text, *ways_out))
        return [SlotSet("failed_inputs", failures)]

    @staticmethod
    def _step_back(dispatcher: CollectingDispatcher, tracker: Tracker, asked: str) -> list[EventType]:
        """Ask once more what was asked before this."""
        before = [field for field in _ORDER[: _ORDER.index(asked)] if field in _CORRECTABLE]
        told = [field for field in before if tracker.get_slot(f"ticket_{field}")]
        if not told:
            dispatcher.utter_message(json_message=notice("这已经是第一步了。"))
            return [SlotSet("failed_inputs", None)]
        return ValidateTicketForm._ask_anew(dispatcher, tracker, told[-1])


def _may_leave_no_phone(tracker: Tracker) -> bool:
    """Whether requests of this kind are taken down without a phone number."""
    return (tracker.get_slot("ticket_kind") or Kind.HELP) in services().settings.ticket_without_phone


def _leaves_no_phone(turn: Turn, tracker: Tracker) -> bool:
    """Whether the citizen leaves no number: by the button, or by refusing again after it was explained."""
    if not _may_leave_no_phone(tracker) or not tracker.get_slot("failed_inputs"):
        return False
    return turn.intent == "deny" if turn.clicked else _NO_PHONE_WORDS.search(turn.text) is not None


async def _proved_phone(turn: Turn) -> str | None:
    """The number this conversation has proved, for one who says yes to it."""
    if not _says_yes(turn):
        return None
    return next(iter(await services().verification.citizens.phones(turn.conversation)), None)


def _phone_of(slot: str) -> str | None:
    return None if slot == NO_PHONE else slot


def _shown_phone(slot: str) -> str:
    return "不留，进展在这个对话里告诉您" if slot == NO_PHONE else display_phone(slot)


async def _told_last(conversation: str) -> str:
    """The question the citizen has just answered, word for word."""
    prompts = [reply["text"] for reply in await services().last_said(conversation) if reply["kind"] == ReplyKind.PROMPT]
    return prompts[-1] if prompts else ""


def _consent(slot: Any) -> Consent | None:
    """What they agreed to; a form that was open before this was kept says only that they did."""
    return Consent(slot["told"], datetime.fromisoformat(slot["at"])) if isinstance(slot, dict) else None


def _says_yes(turn: Turn) -> bool:
    """Whether the citizen agrees: by the button, or in words that are surely a yes and hold no "not"."""
    sure = turn.clicked or (turn.confidence > _SURE and not _NOT.search(turn.text))
    return turn.intent == "affirm" and sure


def _kept(turn: Turn, asked: str, tracker: Tracker) -> dict[str, Any] | None:
    """The field as it was, for one who wanted to change it and no longer does."""
    previous = tracker.get_slot("ticket_previous")
    if not previous or previous["field"] != asked or tracker.get_slot(f"ticket_{asked}"):
        return None
    stays = turn.values.get("field") == "keep" if turn.clicked else _KEEP.match(turn.text) is not None
    return {asked: previous["value"], "previous": None} if stays else None


def _corrected_meanwhile(turn: Turn, asked: str, tracker: Tracker) -> dict[str, Any] | None:
    """A field and its new value, said while some field is asked: this one, or one filled before."""
    if turn.clicked or asked == "confirmed" or not _CHANGES.search(turn.text):
        return None
    corrected = _corrected(turn.text, tracker)
    field = next(iter(corrected), None) if corrected else None
    return corrected if field == asked or (field and tracker.get_slot(f"ticket_{field}")) else None


def _corrected(text: str, tracker: Tracker) -> dict[str, Any] | None:
    """A field and its new value, where one message says both."""
    field, value = _field_meant(text), _NEW_VALUE.search(text)
    phone = parse_phone(text)
    if phone and field in (None, "phone") and phone != tracker.get_slot("ticket_phone"):
        return {"phone": phone}
    if field is None or value is None:
        return None
    new = value.group(1).strip("。！! ")
    if field == "description":
        before = tracker.get_slot("ticket_description")
        told = read_description(new)
        adds = re.search(r"加|补充", text) is not None
        return {"description": f"{before}。{told}" if adds and before else told} if told else None
    taken = {"place": read_place, "name": read_name, "phone": parse_phone}[field](new)
    return {field: taken} if taken else None


def _field_meant(text: str) -> str | None:
    """The field named next to what is wrong with it, or the only one named."""
    parts = [part for part in re.split(r"[，,；;。]", text) if _CHANGES.search(part)] or [text]
    for part in parts:
        found = [name for name, words in _FIELD_WORDS.items() if words.search(part.split("改成")[0].split("应该是")[0])]
        if found:
            return found[-1] if "description" not in found else "description"
    return None


def _phone_in_passing(turn: Turn, tracker: Tracker) -> dict[str, Any] | None:
    """A phone number given before it was asked for."""
    phone = None if tracker.get_slot("ticket_phone") else parse_phone(turn.text)
    return {"phone": phone} if phone else None


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


async def _says_something_else(turn: Turn, asked: str, tracker: Tracker) -> bool:
    """Whether a message in the form is not an answer to what was asked."""
    intent = turn.intent
    if turn.clicked:
        return intent in _LEAVING | _ASIDES | _FEEDBACK | _QUESTIONS or bool(_FOLLOW_UPS.match(intent))
    if intent == "emergency":
        tells_it = asked == "description" and tells_of_fraud(turn.text)
        return turn.confidence > _DANGER and not tells_it
    if parse_phone(turn.text):
        return False
    if (asked == "phone" and _looks_like_a_number(turn.text)) or (asked == "place" and _tells_a_place(turn)):
        return False  # an answer, right or wrong, whatever the intent looks like
    if turn.published:
        return not (_answers_by_its_form(turn, asked) or await repeats_what_was_answered(turn, tracker))
    if intent in _LEAVING | _ASIDES:
        return turn.confidence > _SURE and len(turn.text) < _LONG_STORY
    if intent in _QUESTIONS or _FOLLOW_UPS.match(intent):
        decision = await services().knowledge.decide(turn.text, channel=turn.channel)
        follows_up = bool(_FOLLOW_UPS.match(intent)) and tracker.get_slot("matter") and turn.confidence > _SURE
        bare = asked != "place" or is_bare_follow_up(turn.text)
        return decision.kind == "answer" or (bool(follows_up) and bare)
    return False


def _looks_like_a_number(text: str) -> bool:
    """Whether words have many digits, or nothing else."""
    return len(_DIGIT.findall(text)) > _SOME_DIGITS or _ONLY_DIGITS.fullmatch(text) is not None


def _tells_a_place(turn: Turn) -> bool:
    """Whether words name a place or say that it cannot be named.

    A published question may well have a road in it (公路收费标准); it is a place if nothing else is said.
    """
    if says_unknown_place(turn.text):
        return True
    place = find_place(turn.text)
    return place is not None and (not turn.published or _AT.fullmatch(turn.text.removesuffix(place)) is not None)


def _answers_by_its_form(turn: Turn, asked: str) -> bool:
    """Whether words can hardly be meant otherwise than as the answer to what was asked, though an entry has them.

    A name is one with 姓 or 女士; a bare word is as likely the matter. Where all is to be confirmed, 改姓名 changes a
    field. Yes and no never come here: they are no published question (`bot.exact_wording`).
    """
    if asked == "name":
        return find_name(turn.text) is not None or _TITLED.search(turn.text) is not None
    return asked == "confirmed" and _CHANGES.search(turn.text) is not None and _field_meant(turn.text) is not None


class ActionSubmitTicket(Action):
    """Register what the citizen has confirmed."""

    def name(self) -> str:
        """The action's name."""
        return "action_submit_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Submit and tell the number. The citizen hears of the ticket only once it is stored."""
        slot = tracker.get_slot
        turn = Turn.of(tracker)
        if slot("note_number"):
            await add_note(dispatcher, tracker, slot("note_number"), slot("ticket_description"))
            return close_forms()
        draft = Draft(
            id=slot("ticket_draft"),
            kind=Kind(slot("ticket_kind")),
            channel=turn.channel,
            conversation=turn.conversation,
            description=slot("ticket_description"),
            place=slot("ticket_place"),
            name=slot("ticket_name"),
            phone=_phone_of(slot("ticket_phone")),
            matter=slot("matter"),
            consent=_consent(slot("ticket_consent")),
        )
        ticket = await services().desk.submit(draft)
        services().answer_log.ticket(turn.conversation, turn.channel)
        text = (
            f"已为您登记，编号 {ticket.number}。热线会转给负责的单位，{chinese_day(ticket.promised_by)}前给您结果。"
            "随时可以点“我的工单”看进度。"
        )
        dispatcher.utter_message(json_message=show_ticket(ticket, text))
        await self._offer_more(dispatcher, tracker, ticket)
        return close_forms()

    @staticmethod
    async def _offer_more(dispatcher: CollectingDispatcher, tracker: Tracker, ticket: Ticket) -> None:
        """What is still open: a form that was interrupted, and the proof that the phone is theirs."""
        if tracker.get_slot("ticket_kept"):
            dispatcher.utter_message(json_message=notice("刚才还有一件登记填到一半，要接着填吗？", RESUME, LEAVE_DRAFT))
        verification = services().verification
        phone = ticket.requester_phone or ""
        if (
            verification.sender
            and is_mobile(phone)
            and phone not in await verification.citizens.phones(tracker.sender_id)
        ):
            text = "验证一下您留的手机号，以后从电话、微信或网页都能查到这张工单。不验证也照常办理。"
            dispatcher.utter_message(
                json_message=notice(text, button("验证手机号", "verify_phone", number=ticket.number))
            )
