"""What agents do with the citizens who are handed over to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from actions.person import by_agent, say
from actions.present import show_entry
from actions.reply import Reply, ReplyKind
from bot.assistant import Assistant, new_id
from bot.locks import ConversationBusy
from bot.transcript import Message, Sender
from channels.handover.draft import draft_of
from channels.handover.voice import carry_within
from channels.widget.arrivals import Arrivals
from handover import queue
from handover.asking import Standing
from handover.presence import agent_within, come_within, leave_within, sign_within
from handover.talk import Deed, Ending, Handover, HandoverRefused, State
from handover.wording import Words
from knowledge_base.entry import Facet
from knowledge_base.knowledge import Knowledge
from service.clock import Clock
from service.encryption import Cipher
from service.identity.roles import Actor, Role
from service.settings import Settings
from service.storage import Database, hold
from tickets.lifecycle import Lifecycle
from tickets.ticket import Draft, Ticket

TEXT_LIMIT = 1000  # characters
_ID_LIMIT = 50

_TAKEN_BY_OTHER = "这位市民刚被同事接走，或者已经不等了。"
_NOT_YOURS = "这个会话已经不在您手上：市民结束了，或者转给了同事。"
_BUSY = "上一句话还在处理，请稍等几秒再试。"

_Sayings = Sequence[tuple[Sender, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ChatDesk:
    """Takes, talks and gives back. Every verb is one transaction with what the citizen is told by it.

    All raise `HandoverRefused`: no right to, not theirs (any longer), nothing to say, or a turn is running.
    """

    database: Database
    assistant: Assistant
    arrivals: Arrivals
    knowledge: Knowledge
    lifecycle: Lifecycle
    cipher: Cipher
    settings: Settings
    clock: Clock

    async def come(self, agent: Actor) -> None:
        """Go on duty."""
        _check_agent(agent)
        await self.database.write(lambda connection: come_within(connection, agent.name, self.clock()))

    async def leave(self, agent: Actor) -> None:
        """Go off duty: nobody new; who is being talked with stays."""
        _check_agent(agent)
        await self.database.write(lambda connection: leave_within(connection, agent.name, self.clock()))

    async def give_sign(self, agent: Actor) -> None:
        """The agent's page is open."""
        _check_agent(agent)
        await self.database.write(lambda connection: sign_within(connection, agent.name, self.clock()))

    async def take(self, agent: Actor, number: int) -> None:
        """Take one who waits; of two agents one succeeds. Nobody has more at once than the settings allow."""
        _check_agent(agent)

        def take(connection: Connection, seen: Handover, at: datetime) -> _Sayings:
            known = agent_within(connection, agent.name)
            if known is None or not known.on_duty:
                raise HandoverRefused("您还没有上线，请先点“上线”再接入。")
            sign_within(connection, agent.name, at)
            self._check_room(connection, agent.name, "您手上")
            if not queue.take_within(connection, seen, agent.name, at):
                raise HandoverRefused(_TAKEN_BY_OTHER)
            return self._told(Words.TAKEN, known.number)

        await self._act(await self._waiting(number), take)

    async def say(self, agent: Actor, number: int, message: str, text: str) -> Message:
        """Say something.

        Args:
            message: an id of the page's own; the same is said once.
        """
        words = _plain(text)
        if not words:
            raise HandoverRefused("请写点内容再发送。")
        if len(words) > TEXT_LIMIT:
            raise HandoverRefused(f"一次最多 {TEXT_LIMIT} 个字，请分几次发。")
        return await self._answer(agent, number, message, Reply(ReplyKind.AGENT, words).as_dict())

    async def send_entry(
        self, agent: Actor, number: int, message: str, slug: str, facet: Facet | None = None
    ) -> Message:
        """Send an entry's answer, or one facet of it, word for word as it is published."""
        entry = self.knowledge.entry(slug)
        if entry is None:
            raise HandoverRefused("这个条目现在没有对外发布，不能发给市民。")

        def kept(connection: Connection, seen: Handover, at: datetime) -> None:
            queue.step_within(connection, seen.id, at, agent.name, Deed.ENTRY, slug)

        return await self._answer(agent, number, message, show_entry(entry, facet), kept)

    async def release(self, agent: Actor, number: int) -> None:
        """Put back into the queue, at the old place. A supervisor may do it for an agent."""

        def release(connection: Connection, seen: Handover, at: datetime) -> _Sayings:
            if not queue.release_within(connection, seen, at, agent.name):
                raise HandoverRefused(_NOT_YOURS)
            return self._told(Words.RELEASED, None)

        await self._act(await self._held(agent, number, also=Role.SUPERVISOR), release)

    async def transfer(self, agent: Actor, number: int, to: str) -> None:
        """Give to a colleague who is there."""

        def transfer(connection: Connection, seen: Handover, at: datetime) -> _Sayings:
            colleague = agent_within(connection, to)
            if colleague is None or not colleague.is_there(at):
                raise HandoverRefused("这位同事现在不在线，请换一位，或者退回排队。")
            if to == seen.agent:
                raise HandoverRefused("这个会话本来就在这位话务员手上。")
            self._check_room(connection, to, "这位同事手上")
            if not queue.transfer_within(connection, seen, to, at, agent.name):
                raise HandoverRefused(_NOT_YOURS)
            return self._told(Words.TRANSFERRED, colleague.number)

        await self._act(await self._held(agent, number), transfer)

    async def end(self, agent: Actor, number: int) -> None:
        """Give the citizen back to the assistant."""

        def end(connection: Connection, seen: Handover, at: datetime) -> _Sayings:
            if not queue.end_within(connection, seen, Ending.AGENT, at, agent.name):
                raise HandoverRefused(_NOT_YOURS)
            return self._told(Words.BACK, seen.number)

        await self._act(await self._held(agent, number), end)

    async def draft(self, agent: Actor, number: int) -> Draft:
        """A ticket's draft out of what the citizen said, to be corrected."""
        talk = await self._held(agent, number)
        assert talk.conversation is not None  # noqa: S101  # only ended ones are forgotten
        return draft_of(talk, await self.assistant.transcript.history(talk.conversation), new_id())

    async def open_ticket(self, agent: Actor, number: int, draft: Draft) -> Ticket:
        """Register what the citizen tells; its notice brings them the number. The same draft gives its ticket again.

        Args:
            draft: channel and conversation are the talk's, whatever it says.

        Raises:
            MoveNotAllowed: the agent may not register tickets.
        """
        talk = await self._talked(agent, number)
        draft = replace(draft, channel=talk.channel, conversation=talk.conversation or "")

        def submit(connection: Connection) -> Ticket:
            ticket = self.lifecycle.submit_within(connection, agent, draft)
            queue.step_within(connection, talk.id, self.clock(), agent.name, Deed.TICKET, ticket.number)
            return ticket

        try:
            return await self.database.write(submit)
        except IntegrityError:  # registered before
            return await self.lifecycle.submit(agent, draft)

    async def _answer(
        self,
        agent: Actor,
        number: int,
        message: str,
        reply: dict[str, Any],
        kept: Callable[[Connection, Handover, datetime], None] = lambda _connection, _seen, _at: None,
    ) -> Message:
        if not message or len(message) > _ID_LIMIT:
            raise HandoverRefused("这句话缺少编号，请刷新页面再发。")

        def answer(connection: Connection, seen: Handover, at: datetime) -> _Sayings:
            if not queue.answered_within(connection, seen, at, agent.name):
                raise HandoverRefused(_NOT_YOURS)
            sign_within(connection, agent.name, at)
            kept(connection, seen, at)
            return [(Sender.AGENT, by_agent(reply, self.settings, seen.number))]

        return (await self._act(await self._held(agent, number), answer, f"agent-{message}"))[0]

    async def _act(
        self, talk: Handover, verb: Callable[[Connection, Handover, datetime], _Sayings], turn: str = ""
    ) -> list[Message]:
        """Run a verb between the conversation's turns, on the hand-over as it is then."""
        if talk.conversation is None:
            raise HandoverRefused(_NOT_YOURS)

        def work(connection: Connection) -> _Sayings:
            seen = queue.handover_within(connection, talk.id)
            if seen is None or (seen.state, seen.agent) != (talk.state, talk.agent):
                raise HandoverRefused(_TAKEN_BY_OTHER if talk.state is State.WAITING else _NOT_YOURS)
            said = verb(connection, seen, self.clock())
            for _, reply in said:
                carry_within(connection, seen, reply, self.cipher, self.clock)
            return said

        try:
            said = await self.assistant.interrupt(talk.conversation, turn or new_id(), work)
        except ConversationBusy as busy:
            raise HandoverRefused(_BUSY) from busy
        self.arrivals.announce(talk.conversation)
        return said

    async def _waiting(self, number: int) -> Handover:
        talk = await self.database.read(lambda connection: queue.handover_within(connection, number))
        if talk is None or talk.state is not State.WAITING:
            raise HandoverRefused(_TAKEN_BY_OTHER)
        return talk

    async def _held(self, agent: Actor, number: int, also: Role = Role.AGENT) -> Handover:
        """A hand-over that is this agent's, or anybody's for one with another role."""
        _check_agent(agent, also)
        talk = await self.database.read(lambda connection: queue.handover_within(connection, number))
        theirs = talk is not None and (talk.agent == agent.name or (also is not Role.AGENT and agent.is_any(also)))
        if talk is None or talk.state is not State.TAKEN or not theirs:
            raise HandoverRefused(_NOT_YOURS)
        return talk

    def _check_room(self, connection: Connection, agent: str, hands: str) -> None:
        """See that an agent can talk with one more; several takes at once are counted one after the other."""
        hold(connection, f"talks of {agent}")
        most = self.settings.handover_talks_per_agent
        if queue.taken_by_within(connection).get(agent, 0) >= most:
            raise HandoverRefused(f"{hands}已经有 {most} 个会话，先结束一个，再接下一位。")

    async def _talked(self, agent: Actor, number: int) -> Handover:
        """A hand-over that is this agent's, or was when it ended: what they wrote down can still become a ticket."""
        _check_agent(agent)
        talk = await self.database.read(lambda connection: queue.handover_within(connection, number))
        if talk is None or talk.agent != agent.name or talk.state is State.WAITING or talk.conversation is None:
            raise HandoverRefused(_NOT_YOURS)
        return talk

    def _told(self, words: Words, number: int | None) -> _Sayings:
        return [(Sender.ASSISTANT, say(words, self.settings, Standing(State.TAKEN, number=number)))]


def _check_agent(actor: Actor, also: Role = Role.AGENT) -> None:
    if not actor.is_any(Role.AGENT, also):
        raise HandoverRefused("只有话务员可以和市民对话。")


def _plain(text: str) -> str:
    """Text without what is no text: control characters, lone surrogates."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()
