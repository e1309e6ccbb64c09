"""The form that turns what a citizen tells into a ticket."""

import re
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.present import digest, show_ticket
from actions.reply import CANCEL, LEAVE_DRAFT, RESUME, button, notice, prompt
from actions.services import services
from actions.ticket_corrections import CORRECTABLE
from actions.ticket_phone import phone_of, shown_phone
from actions.tickets import add_note
from actions.turn import FORM_SLOTS, Turn, close_forms, new_draft_id
from service.clock import chinese_day
from service.privacy import mask_personal_data
from tickets.consent import Consent
from tickets.intake.first_message import Intake
from tickets.intake.phone import display_phone, is_mobile
from tickets.intake.place import UNKNOWN_PLACE
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

_HERE = re.compile(
    r"我们?家|我们(这|小区|村|楼|单元|学校|公司)|小区|楼[上下道里]|附近|门口|隔壁|这[里边儿]|路[上口边]|家里|本村|楼顶|阳台"
)

_ASKS = re.compile(
    r"[?？吗呢]|怎么|咋|如何|什么|啥|哪|多少|多久|几|能不能|可不可以|可以|是否|是不是|要不要|找谁|想问|咨询"
)


def start_ticket(kind: Kind, text: str) -> list[EventType]:
    """Events that open a form with what is already known, so that it is not asked again."""
    known = Intake.of(text)
    place = known.place or needless_place(kind, known.description)
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


def needless_place(kind: Kind, description: str | None) -> str | None:
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
            f"电话：{shown_phone(slot('ticket_phone'))}",
            f"称呼：{slot('ticket_name')}",
            "没问题的话点“确认提交”，哪里不对就点哪里改。",
        ]
        if kind is Kind.CONSULTATION and slot("ticket_place") == UNKNOWN_PLACE:
            del lines[3]
        buttons = [button("确认提交", "affirm")]
        said = (slot("ticket_description"), slot("ticket_place"), phone_of(slot("ticket_phone")))
        if known := await services().recurrence.known(*said, conversation=tracker.sender_id):
            own = [each.ticket.number for each in known if each.ticket.conversation == tracker.sender_id]
            lines.insert(-1, told_to_citizen(own, len(known)))
            buttons += [button(f"补充到 {number}", "add_to_ticket", number=number) for number in own[:1]]
        corrections = [button(f"改{title}", "correct_ticket", field=name) for name, title in CORRECTABLE.items()]
        dispatcher.utter_message(json_message=prompt("\n".join(lines), *buttons, *corrections, CANCEL))
        return []


def _consent(slot: Any) -> Consent | None:
    """What they agreed to; a form that was open before this was kept says only that they did."""
    return Consent(slot["told"], datetime.fromisoformat(slot["at"])) if isinstance(slot, dict) else None


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
            phone=phone_of(slot("ticket_phone")),
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
