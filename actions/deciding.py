"""What a question is answered with, given what was spoken of before; the same for the dialogue and the telephone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from actions.services import services
from knowledge_base.answer_log import Base
from knowledge_base.decision import Decision
from knowledge_base.entry import Entry, Facet
from knowledge_base.facet_words import asked_facet, is_bare_follow_up

_WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{2}|[\u4e00-\u9fff].*[\u4e00-\u9fff]")
_FOLLOW_UP = re.compile(r"^(那|如果|要是|假如|还有|另外|那么)")
_ABOUT = re.compile(
    r"^(?:那么|那|还有|另外|换|再问问?)?(?P<matter>[\u4e00-\u9fffA-Za-z]{2,10}?)(?:的话)?(?:呢|又?怎么样|咋样)?[?？。！!]*$"
)
# Whom or where a matter is for: a side of the same matter, not another.
_VARIES = re.compile(
    r"老人|小孩|孩子|儿童|婴儿|学生|外地|本地|异地|外国|港澳台|退休|在职|农村|城镇|农民|单位|个人|公司|别人|代办|家属|父母|夫妻|"
    r"军人|残疾|低保|[我你您他她]|没有|周[一二三四五六日末]|节假日|现在|以后|不"
)


@dataclass(frozen=True, slots=True)
class Thread:
    """What a conversation is about.

    Attributes:
        current: the entry that was answered last.
        offered: the choices that were given last and are still open.
    """

    current: Entry | None = None
    offered: Sequence[Entry] = ()

    @classmethod
    def of(cls, matter: str | None, choices: Sequence[str]) -> Self:
        """By the slugs of entries; those no longer published are left out."""
        entry = services().knowledge.entry
        return cls(entry(matter) if matter else None, [found for slug in choices if (found := entry(slug))])


async def decide(text: str, channel: str, thread: Thread, facet: Facet | None) -> tuple[Decision, Facet | None]:
    """The decision for what was said, and the facet to show.

    A follow-up stays with what was offered last, or with the matter the conversation is about, until another one
    is named.
    """
    knowledge, current = services().knowledge, thread.current
    if facet and is_bare_follow_up(text):
        if thread.offered:
            return Decision.still_open(thread.offered), facet
        if current:
            return Decision.chosen(current), facet
    if current and (other := await _other_matter(text, channel, current)):
        return other, facet
    decision = await knowledge.decide(text, channel=channel)
    if current is None or decision.kind == "answer":
        return decision, facet
    if _FOLLOW_UP.match(text) or facet:
        followed = await knowledge.decide(f"{current.matter or current.question} {text}", channel=channel)
        if followed.kind == "answer" and followed.entry and followed.entry.slug == current.slug:
            return followed, facet
    return decision, facet


def facet_asked(text: str, intent: str) -> Facet | None:
    """The side of a matter that is asked about, by the intent or else by the words."""
    name = intent.removeprefix("ask_")
    if intent.startswith("ask_") and name in set(Facet):
        return Facet(name)
    return asked_facet(text)


def asks_something(text: str, decision: Decision) -> bool:
    """Whether what was said asks something at all, so that it is logged as a question."""
    return decision.kind != "no_answer" or _WORDS.search(text) is not None


def record(conversation: str, channel: str, question: str, decision: Decision) -> None:
    """Log how a question was decided, and by what."""
    settings, knowledge = services().settings, services().knowledge
    base = Base(knowledge.stored_revision, settings.answer_at, settings.offer_at, knowledge.correction)
    services().answer_log.record(conversation, channel, question, decision, base)


async def _other_matter(text: str, channel: str, current: Entry) -> Decision | None:
    """The decision on a matter that a short follow-up names by itself (那医保呢); None where it names none."""
    found = _ABOUT.match(text.strip()) if _FOLLOW_UP.match(text) else None
    matter = found.group("matter") if found else ""
    spoken_of = (current.matter, current.question, *current.similar_questions, *current.keywords, current.answer)
    if not matter or _VARIES.search(matter) or any(matter in told for told in spoken_of):
        return None
    decision = await services().knowledge.decide(matter, channel=channel)
    named = decision.entry or next(iter(decision.choices), None)
    if named is None or not any(matter in told for told in (named.matter, named.question, *named.keywords)):
        return None
    return decision
