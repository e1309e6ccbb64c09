"""Sees that nobody on the way to a person is left in silence."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from actions.person import say
from bot.assistant import Assistant, new_id
from bot.locks import ConversationBusy
from channels.handover.voice import carry_within
from channels.widget.arrivals import Arrivals
from handover.asking import standing_of
from handover.due import LATE, Due, Limits, due
from handover.presence import Agent, every_agent_within
from handover.queue import SYSTEM, end_within, handover_within, open_all_within, release_within, told_within
from handover.talk import Ending, Handover, State, Told
from handover.wording import Words
from service.clock import Clock
from service.encryption import Cipher
from service.identity.roles import Role
from service.inbox import put_within as tell_staff
from service.inbox import to_role
from service.settings import Settings
from service.storage import Database

_log = logging.getLogger(__name__)

_WORDS = {
    Due.PATIENCE: Words.PATIENCE,
    Due.APOLOGY: Words.APOLOGY,
    Due.NOBODY_LEFT: Words.NOBODY_LEFT,
    Due.GIVE_UP: Words.GAVE_UP,
    Due.RELEASE: Words.RELEASED,
    Due.IDLE: Words.IDLE,
}


def limits_of(settings: Settings) -> Limits:
    """The limits an operator has set."""
    return Limits(
        promise=timedelta(minutes=settings.handover_promise_minutes),
        longest=timedelta(minutes=settings.handover_wait_minutes),
        idle=timedelta(minutes=settings.handover_idle_minutes),
    )


@dataclass(slots=True)
class HandoverWatch:
    """Looks at every open hand-over. Several processes may look at once; each thing is done and said once."""

    database: Database
    assistant: Assistant
    arrivals: Arrivals
    cipher: Cipher
    settings: Settings
    clock: Clock
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    async def run(self) -> int:
        """Do what is due; how many hand-overs it was due for."""
        talks = [talk for talk in await self.database.read(open_all_within) if talk.conversation]
        if not talks:
            return 0
        agents = await self.database.read(self._agents_within)
        due_now = [(talk, act) for talk in talks if (act := due(talk, agents, limits_of(self.settings), self.clock()))]
        return sum(await asyncio.gather(*(self._settle(talk, act) for talk, act in due_now)))

    def _agents_within(self, connection: Connection) -> list[Agent]:
        """All agents. Pages can give no sign to a service that is not running: at its start all were seen."""
        return [replace(agent, seen_at=max(agent.seen_at, self.began)) for agent in every_agent_within(connection)]

    async def _settle(self, talk: Handover, act: Due) -> bool:
        if talk.conversation is None:
            return False
        standing = await self.database.read(lambda connection: standing_of(connection, talk))
        reply = say(_WORDS[act], self.settings, standing)

        def work(connection: Connection) -> bool:
            return self._settle_within(connection, talk.id, act, reply)

        try:
            done = await self.assistant.tell(talk.conversation, new_id(), reply, work)
        except ConversationBusy:  # the next look comes soon
            return False
        if done:
            self.arrivals.announce(talk.conversation)
            _log.info("hand-over %s: %s", talk.id, act.name.lower())
        return done

    def _settle_within(self, connection: Connection, number: int, act: Due, reply: dict[str, Any]) -> bool:
        """Do it, if it is still due now that nobody else can do anything in this conversation."""
        at = self.clock()
        seen = handover_within(connection, number)
        if seen is None or seen.state is State.ENDED:
            return False
        if due(seen, self._agents_within(connection), limits_of(self.settings), at) is not act:
            return False
        if not _act_within(connection, seen, act, at):
            return False
        carry_within(connection, seen, reply, self.cipher, self.clock)
        return True


def _act_within(connection: Connection, seen: Handover, act: Due, at: datetime) -> bool:
    match act:
        case Due.PATIENCE:
            return told_within(connection, seen, Told.PATIENCE, at)
        case Due.APOLOGY:
            tell_staff(connection, [to_role(Role.SUPERVISOR)], LATE, str(seen.id), at)
            return told_within(connection, seen, Told.APOLOGY, at)
        case Due.RELEASE:
            return release_within(connection, seen, at, SYSTEM)
        case Due.NOBODY_LEFT:
            return end_within(connection, seen, Ending.NOBODY, at, SYSTEM)
        case Due.GIVE_UP | Due.IDLE:
            return end_within(connection, seen, Ending.TIMED_OUT, at, SYSTEM)
