"""What agents and supervisors see of hand-overs, as JSON for their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.transcript import Message, Sender, Transcript
from handover import queue
from handover.presence import agent_within, there
from handover.talk import Handover, HandoverRefused, State
from handover.wording import agent_name
from knowledge_base.entry import Facet
from knowledge_base.knowledge import Knowledge
from service.clock import CHINA, Clock
from service.identity.roles import Actor, Role
from service.privacy import mask_personal_data
from service.settings import Settings
from service.storage import Database

_ENDED_SHOWN = timedelta(hours=12)
_ENTRIES = 5
_LONGEST_QUESTION = 200  # characters
_CHANNELS = {"widget": "网页", "wechat": "微信", "sms": "短信"}


@dataclass(frozen=True, slots=True)
class Chats:
    """Reads for agents, and for supervisors, who see everything with personal data masked."""

    database: Database
    transcript: Transcript
    knowledge: Knowledge
    settings: Settings
    clock: Clock

    async def board(self, actor: Actor) -> dict[str, Any]:
        """Who waits, who is talked with, who is there."""
        _check_reader(actor)
        at = self.clock()

        def look(connection: Connection) -> dict[str, Any]:
            talks = queue.open_all_within(connection)
            waiting = [talk for talk in talks if talk.state is State.WAITING]
            mine = queue.of_agent(actor.name, at - _ENDED_SHOWN)(connection)
            others = [talk for talk in talks if talk.state is State.TAKEN and talk.agent != actor.name]
            shown = [*waiting, *mine, *(others if actor.is_any(Role.SUPERVISOR) else [])]
            named = {talk.conversation for talk in shown if talk.conversation}
            words = self.transcript.last_words_within(connection, named)
            me = agent_within(connection, actor.name)
            busy = queue.taken_by_within(connection)
            colleagues = [agent for agent in there(at)(connection) if agent.username != actor.name]
            return {
                "at": _china(at),
                "talks_at_once": self.settings.handover_talks_per_agent,
                "promise_seconds": self.settings.handover_promise_minutes * 60,
                "me": me and {"name": self._name(me.number), "on_duty": me.is_there(at)},
                "colleagues": [
                    {"username": each.username, "name": self._name(each.number), "busy": busy.get(each.username, 0)}
                    for each in colleagues
                ],
                "waiting": [self._talk(talk, words, at) for talk in waiting],
                "mine": [self._talk(talk, words, at) for talk in mine],
                "others": [self._talk(talk, words, at) for talk in shown[len(waiting) + len(mine) :]],
            }

        return await self.database.read(look)

    async def talk(self, actor: Actor, number: int, after: int = 0) -> dict[str, Any]:
        """One hand-over, and what was said in its conversation after a message, the oldest first.

        Raises:
            HandoverRefused: no such hand-over, or neither theirs nor waiting.
        """
        _check_reader(actor)
        at = self.clock()

        def look(connection: Connection) -> dict[str, Any]:
            seen = queue.handover_within(connection, number)
            if seen is None or not _may_read(actor, seen):
                raise HandoverRefused("这个会话不在您手上，看不到内容。")
            said: Sequence[Message] = []
            if seen.conversation is not None:
                said = self.transcript.after_within(connection, seen.conversation, after)
            full = seen.state is State.TAKEN and seen.agent == actor.name
            words = {seen.conversation: said[-1]} if said and seen.conversation else {}
            return {
                "talk": self._talk(seen, words, at),
                "messages": [_message(message, full=full) for message in said],
                "steps": [
                    {"at": _china(step.at), "who": step.actor, "deed": step.deed.label, "about": step.about}
                    for step in queue.steps_within(connection, number)
                ],
            }

        return await self.database.read(look)

    async def entries(self, actor: Actor, text: str) -> list[dict[str, Any]]:
        """What can be sent to a citizen for some words, the best first: by the very search that answers citizens."""
        _check_reader(actor)
        words = text.strip()[:_LONGEST_QUESTION]
        if not words:
            return []
        found = await self.knowledge.candidates(words, _ENTRIES)
        return [
            {
                "slug": entry.slug,
                "title": entry.matter or entry.question,
                "question": entry.question,
                "answer": entry.answer,
                "unit": entry.issuing_unit,
                "facets": [
                    {"name": facet.value, "title": facet.label, "text": entry.facet_text(facet)}
                    for facet in Facet
                    if entry.facet_text(facet)
                ],
            }
            for entry in (candidate.entry for candidate in found)
            if self.knowledge.entry(entry.slug) is not None
        ]

    def _name(self, number: int | None) -> str:
        return agent_name(self.settings.agent_title, number)

    def _talk(self, talk: Handover, words: dict[str, Message], at: datetime) -> dict[str, Any]:
        last = words.get(talk.conversation or "")
        waits = talk.state is State.WAITING
        since = talk.asked_at if waits else talk.citizen_at if talk.awaits_answer else None
        waited = at - since if since else timedelta()
        promise = timedelta(minutes=self.settings.handover_promise_minutes)
        return {
            "id": talk.id,
            "channel": _CHANNELS.get(talk.channel, talk.channel),
            "why": talk.why.label,
            "urgent": talk.urgent,
            "state": talk.state.value,
            "agent": talk.agent and self._name(talk.number),
            "asked_at": _china(talk.asked_at),
            "awaits_answer": talk.awaits_answer,
            "waiting_since": since and _china(since),
            "waited_seconds": int(waited.total_seconds()),
            "late": waited > promise,
            "ending": talk.ending and talk.ending.label,
            "words": mask_personal_data(last.body["text"]) if last else "",
        }


def _message(message: Message, *, full: bool) -> dict[str, Any]:
    text = message.body["text"]
    entry = message.body.get("entry")
    return {
        "id": message.id,
        "at": _china(message.at),
        "from": message.sender.value,
        "who": message.body.get("agent"),
        "kind": "clicked" if message.body.get("clicked") else message.body.get("kind", "words"),
        "entry": entry and (entry["matter"] or entry["question"]),
        "text": text if full or message.sender is not Sender.CITIZEN else mask_personal_data(text),
    }


def _may_read(actor: Actor, talk: Handover) -> bool:
    return talk.state is State.WAITING or talk.agent == actor.name or actor.is_any(Role.SUPERVISOR)


def _check_reader(actor: Actor) -> None:
    if not actor.is_any(Role.AGENT, Role.SUPERVISOR):
        raise HandoverRefused("只有话务员和值班负责人可以看人工会话。")


def _china(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
