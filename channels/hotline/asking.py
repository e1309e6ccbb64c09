"""What is said to a caller's question: danger first, then the very decision that citizens get in writing."""

from collections.abc import Sequence
from dataclasses import dataclass

from actions.deciding import Thread, asks_something, decide, facet_asked, record
from bot.assistant import Assistant
from bot.picking import place_named
from channels.hotline.guides import GuideTexts
from channels.hotline.models import ChoiceTold, EntryTold, Handover, Outcome, Question, SmsOffer, Spoken
from channels.hotline.speech import speakable
from knowledge_base.applicability import titles
from knowledge_base.decision import Decision
from knowledge_base.emergency import advice
from knowledge_base.entry import Entry, Facet
from knowledge_base.knowledge import Knowledge

CHANNEL = "phone"
_SURE = 0.6
_REQUESTS = frozenset({"request_help", "complain", "report_wrongdoing", "suggest", "praise", "urge_ticket"})
_TICKETS = frozenset({"ask_ticket_status", "add_to_ticket", "withdraw_ticket"})
_NOBODY = Handover(advised=False, reason="", numbers=[])
_TO_DESK = Handover(advised=True, reason="request", numbers=[])
_NOTHING_TO_SEND = SmsOffer(available=False, text="", parts=0)
_ORDINALS = ("第一", "第二", "第三")


@dataclass(frozen=True, slots=True)
class Asking:
    """Answers by voice."""

    assistant: Assistant
    knowledge: Knowledge
    guides: GuideTexts

    async def answer(self, question: Question, conversation: str) -> Spoken:
        """Say what to say; a decision is noted in the answer log for whoever writes it down.

        Args:
            conversation: under which the log keeps it.
        """
        intent, confidence = await self.assistant.understand(question.text, CHANNEL)
        if intent == "emergency":
            return _danger(question.text)
        chosen = self._chosen(question)
        if chosen is None and intent == "ask_for_person" and confidence > _SURE:
            return _handed_over("asked", "好的，这就为您转接工作人员，请稍等。")
        facet = facet_asked(question.text, intent)
        if chosen is None:
            thread = Thread.of(question.about, question.choices)
            decision, facet = await decide(question.text, CHANNEL, thread, facet)
        else:
            decision = Decision.chosen(chosen)
        requests = chosen is None and confidence > _SURE and intent in _REQUESTS | _TICKETS
        if decision.kind != "answer" and requests:
            return _handed_over("request", "您说的事要请工作人员记下来，这就为您转接，请稍等。")
        if not asks_something(question.text, decision):
            return _unclear()
        record(conversation, CHANNEL, question.text, decision)
        said = self._said(decision, facet)
        # Who complains hears the way there is, and then a person all the same.
        return said.model_copy(update={"handover": _TO_DESK}) if requests else said

    def _chosen(self, question: Question) -> Entry | None:
        place = place_named(question.text)
        slug = place.among(question.choices) if place else None
        return self.knowledge.entry(slug) if slug else None

    def _said(self, decision: Decision, facet: Facet | None) -> Spoken:
        if decision.kind == "answer" and decision.entry:
            entry = decision.entry
            text = entry.facet_text(facet) if facet else ""
            return Spoken(
                decision=Outcome.ANSWER,
                speech=speakable(text or entry.short_answer or entry.answer),
                entry=EntryTold(
                    slug=entry.slug,
                    title=entry.matter or entry.question,
                    version=entry.version,
                    facet=facet.label if facet and text else None,
                    unit=entry.issuing_unit,
                ),
                choices=[],
                sms_offer=self.guides.offer(entry),
                handover=_NOBODY,
            )
        if decision.kind == "choices":
            return _offered(decision.choices)
        return _handed_over(
            "no_answer", "这个问题我还没有准确的答复，为您转接工作人员，请稍等。", decision=Outcome.NO_ANSWER
        )


def _offered(choices: Sequence[Entry]) -> Spoken:
    told = [
        ChoiceTold(slug=entry.slug, title=title, speech=f"{ordinal}，{speakable(title).rstrip('。')}")
        for ordinal, entry, title in zip(_ORDINALS, choices, titles(choices), strict=False)
    ]
    listed = "；".join(choice.speech for choice in told)
    speech = f"您想问的是哪一件？{listed}。请说第几个，都不是就说都不是。"
    return Spoken(
        decision=Outcome.CHOICES,
        speech=speech,
        entry=None,
        choices=told,
        sms_offer=_NOTHING_TO_SEND,
        handover=_NOBODY,
    )


def _danger(text: str) -> Spoken:
    danger = advice(text)
    return Spoken(
        decision=Outcome.EMERGENCY,
        speech=speakable(danger.text, longest=200),
        entry=None,
        choices=[],
        sms_offer=_NOTHING_TO_SEND,
        handover=Handover(advised=True, reason="emergency", numbers=list(danger.numbers)),
    )


def _handed_over(reason: str, speech: str, *, decision: Outcome = Outcome.HANDOVER) -> Spoken:
    return Spoken(
        decision=decision,
        speech=speech,
        entry=None,
        choices=[],
        sms_offer=_NOTHING_TO_SEND,
        handover=Handover(advised=True, reason=reason, numbers=[]),
    )


def _unclear() -> Spoken:
    return Spoken(
        decision=Outcome.UNCLEAR,
        speech="没有听清楚，请您再说一遍，想问什么事？",
        entry=None,
        choices=[],
        sms_offer=_NOTHING_TO_SEND,
        handover=Handover(advised=False, reason="unclear", numbers=[]),
    )
