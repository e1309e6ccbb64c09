"""How a decision, an entry or a ticket is shown to a citizen."""

from typing import Any
from urllib.parse import quote

from actions.reply import REGISTER, TELL_ME, TO_PERSON, Button, Reply, ReplyKind, button
from actions.wording import spoken
from knowledge_base.applicability import titles
from knowledge_base.decision import Decision
from knowledge_base.entry import Entry, Facet
from service.clock import CHINA, china_moment, chinese_day
from tickets.desk import TicketDesk
from tickets.moves import Verb
from tickets.states import STEPS, step_of
from tickets.ticket import Ticket

_DIGEST = 160
_TICKET_BUTTONS = (
    (Verb.RESOLVE, "解决了", "solved"),
    (Verb.DISPUTE, "没解决", "answer_unhelpful"),
    (Verb.ADD, "补充内容", "add_to_ticket"),
    (Verb.URGE, "催一下", "urge_ticket"),
    (Verb.WITHDRAW, "撤销", "withdraw_ticket"),
)
"""What a ticket's card offers, as far as the ticket's state allows it."""
_NEXT_WORDS = {
    Verb.APPROVE: (("解决了", "solved"), ("没解决", "answer_unhelpful")),
    Verb.CALL_BACK: (("解决了", "solved"), ("没解决", "answer_unhelpful")),
    Verb.SUSPEND: (("补充内容", "add_to_ticket"),),
    Verb.LAPSE: (("没解决", "answer_unhelpful"),),
}
"""What the citizen can say to news of a ticket."""


def ask_about(entry: Entry) -> Button:
    """A button that asks for an entry."""
    return button(entry.matter or entry.question, "ask_policy", entry=entry.slug)


def show_entry(entry: Entry, facet: Facet | None = None) -> dict[str, Any]:
    """An entry's answer, or one facet of it, word for word as it was published."""
    text = entry.facet_text(facet) if facet else ""
    shown = facet if text else None
    feedback = [
        button("有帮助", "solved", entry=entry.slug),
        button("没帮助", "answer_unhelpful", entry=entry.slug),
    ]
    card = {
        "slug": entry.slug,
        "matter": entry.matter,
        "question": entry.question,
        "facet": {"name": shown.value, "title": shown.label} if shown else None,
        "facets": [
            {"name": other.value, "title": other.label, "payload": facet_button(entry, other)["payload"]}
            for other in Facet
            if entry.facet_text(other)
        ],
        "unit": entry.issuing_unit,
        "version_date": china_moment(entry.effective_from).date().isoformat() if entry.effective_from else None,
        "guide_url": f"/guide/{quote(entry.slug, safe='')}",
        "attachments": [attachment.model_dump() for attachment in entry.attachments],
    }
    return Reply(ReplyKind.ANSWER, text or entry.answer, feedback, entry=card).as_dict()


def facet_button(entry: Entry, facet: Facet) -> Button:
    """The chip that asks for one facet of an entry."""
    return button(facet.label, f"ask_{facet.value}", entry=entry.slug)


def show_choices(decision: Decision, facet: Facet | None = None) -> dict[str, Any]:
    """At most three entries to choose from, and the way out. A choice gives the facet that was asked for."""
    intent = f"ask_{facet.value}" if facet else "ask_policy"
    named = zip(decision.choices, titles(decision.choices), strict=True)
    buttons = [button(title, intent, entry=entry.slug) for entry, title in named]
    return Reply(ReplyKind.CHOICES, "您想问的是哪一件？", [*buttons, button("都不是", "deny")]).as_dict()


def show_no_answer() -> dict[str, Any]:
    """The admission that there is no answer, with a ticket and a person offered."""
    return Reply(ReplyKind.NO_ANSWER, spoken["no_answer"], [REGISTER, TELL_ME, TO_PERSON]).as_dict()


def show_now_answered(question: str, entry: Entry) -> dict[str, Any]:
    """To one who asked to be told: their question has an answer now.

    Args:
        question: as they asked it, masked; empty once it is forgotten.
    """
    asked = f"您之前问过“{digest(question)}”" if question else "您之前问过的一个问题"
    text = f"{asked}，现在有准确的答复了，点下面就能看。"
    return Reply(ReplyKind.NOTICE, text, [button("看看答复", "ask_policy", entry=entry.slug)]).as_dict()


def show_ticket_news(number: str, verb: Verb, text: str) -> dict[str, Any]:
    """Something happened to a ticket."""
    next_words = _NEXT_WORDS.get(verb, ())
    buttons = [
        button(title, intent, number=number) for title, intent in (*next_words, ("看看进度", "ask_ticket_status"))
    ]
    return Reply(ReplyKind.NOTICE, text, buttons).as_dict()


def show_ticket(ticket: Ticket, text: str) -> dict[str, Any]:
    """A ticket's card: number, state, promised day, next step."""
    current = step_of(ticket.state)
    reached = STEPS.index(current) if current in STEPS else -1
    card = {
        "number": ticket.number,
        "kind": ticket.kind.label,
        "state": ticket.state.value,
        "state_title": ticket.state.label,
        "created_at": ticket.created_at.astimezone(CHINA).isoformat(timespec="minutes"),
        "promised_text": f"{chinese_day(ticket.promised_by)}前",
        "next_step": ticket.state.next_step,
        "steps": [
            {"title": step.label, "done": position <= reached, "current": position == reached}
            for position, step in enumerate(STEPS)
        ],
    }
    possible = TicketDesk.possible(ticket)
    buttons = [
        button(title, intent, number=ticket.number) for verb, title, intent in _TICKET_BUTTONS if verb in possible
    ]
    return Reply(ReplyKind.TICKET, text, buttons, ticket=card).as_dict()


def digest(text: str) -> str:
    """A text shortened to what fits a preview."""
    return text if len(text) <= _DIGEST else text[:_DIGEST] + "…"
