"""The one door to the assistant: a message goes in, replies come out, whatever the channel."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from sqlalchemy import Connection, select

import actions
from actions.person import say
from actions.reply import REGISTER, TO_PERSON, notice
from actions.services import Services, services
from bot import fast_paths
from bot.collector import ReplyCollector
from bot.exact_wording import as_question, is_published_question
from bot.local_actions import LocalActions
from bot.locks import ConversationBusy, ConversationLocks
from bot.payloads import END_HANDOVER, parse_payload
from bot.person import Said, course_of, settle_within
from bot.picking import picked, place_named
from bot.sessions import SessionStorage, Snapshot, SnapshotStore, opened
from bot.transcript import HAS_RUN, Message, Sender, Transcript
from handover.asking import standing_of
from handover.queue import IS_OPEN, open_within
from handover.talk import Handover
from handover.wording import Words
from service.encryption import Cipher
from service.storage import Database

_log = logging.getLogger(__name__)

_FAILED = notice(
    "刚才这句话我没能答上来，是我们这边的问题。您可以再说一遍；着急的话请直接拨打12345，或者让我帮您登记。",
    REGISTER,
    TO_PERSON,
)
_DANGER = "emergency"
_BUSY = notice("您上一句话我还在想，请等我几秒再发。")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a citizen: text they typed, or the payload of a button they clicked.

    Attributes:
        id: made by the channel; the same id is never run twice, its replies are given again.
        title: what the clicked button said.
        within: part of the transaction that keeps the turn; it is given the replies. Not called for a turn that was run
            before.
    """

    conversation: str
    channel: str
    id: str
    text: str = ""
    payload: str = ""
    title: str = ""
    within: Callable[[Connection, Sequence[dict[str, Any]]], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn came to: the citizen's message and the replies, as kept in the transcript.

    There are no replies while a person talks with the citizen: theirs come later.
    """

    incoming: Message
    replies: list[Message]


class Assistant:
    """Runs turns, one at a time in each conversation, each to its end."""

    def __init__(
        self,
        database: Database,
        sessions: SessionStorage,
        locks: ConversationLocks,
        transcript: Transcript,
        opened: Services,
        cipher: Cipher,
        session_lifetime: timedelta,
    ) -> None:
        self.database = database
        self._sessions = sessions
        self._beginning = select(HAS_RUN.label("has_run"), IS_OPEN.label("is_open"), sessions.left.label("left"))
        self._locks = locks
        self._answer_log = opened.answer_log
        self._handovers = opened.handovers
        self._settings = opened.settings
        self._clock = opened.clock
        self._cipher = cipher
        self._session_lifetime = session_lifetime
        self._running: set[asyncio.Task[Outcome]] = set()
        self._loaded: tuple[MessageProcessor, SnapshotStore] | None = None
        self._actions = LocalActions(actions)
        self.transcript = transcript
        self.model: Path | None = None
        fast_paths.install()

    def load(self, model: Path) -> None:
        """Use a model from the next turn on; a turn that runs ends with the model it began with."""
        # Each agent has a store of its own: Rasa ties the store to the model's domain.
        store = SnapshotStore(self._cipher)
        processor = Agent.load(str(model), tracker_store=store, action_endpoint=self._actions).processor
        # Rasa wraps the store so that a failing one looks like an empty one, and a form silently starts anew.
        processor.tracker_store = store
        self._loaded = (processor, store)
        self.model = model

    async def turn(self, incoming: Incoming) -> Outcome:
        """Run a turn. It goes on to its end when the caller is cancelled.

        Raises:
            PayloadRefused: the payload is not one of ours; nothing has happened.
        """
        parsed = parse_payload(incoming.payload) if incoming.payload else None
        task = asyncio.create_task(self._turn(incoming, parsed))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def understand(self, text: str, channel: str) -> tuple[str, float]:
        """What a message seems to want, outside any conversation: the intent, and how sure that is (0 to 1)."""
        processor, _ = self._current()
        said = UserMessage(text=text.replace("/", "／"), input_channel=channel, metadata={})
        await _understand(said, processor)
        intent = (said.parse_data or {})["intent"]
        return intent["name"] or "nlu_fallback", float(intent["confidence"] or 0)

    async def tell(
        self, conversation: str, turn: str, reply: dict[str, Any], settle: Callable[[Connection], bool]
    ) -> bool:
        """Say something that was not asked for, between the conversation's turns.

        Args:
            turn: an id of its own, as a turn has.
            settle: a unit of work of the same transaction; it is said only if this gives True.

        Raises:
            ConversationBusy: a turn takes too long; nothing was said.
        """

        def keep(connection: Connection) -> bool:
            if not settle(connection):
                return False
            self.transcript.append(connection, conversation, turn, self._clock(), [(Sender.ASSISTANT, reply)])
            return True

        # Under the lock, ids in the transcript grow in the order in which they can be read.
        async with self._locks.hold(conversation):
            return await self.database.write(keep)

    async def interrupt(
        self, conversation: str, turn: str, work: Callable[[Connection], Sequence[tuple[Sender, dict[str, Any]]]]
    ) -> list[Message]:
        """A person acts between the conversation's turns.

        Args:
            turn: an id of its own; what was done under it is not done again, its messages are given.
            work: a unit of work; what it gives is said in the same transaction.

        Raises:
            ConversationBusy: a turn takes too long; nothing was done.
        """

        def keep(connection: Connection) -> list[Message]:
            if before := self.transcript.of_turn_within(connection, conversation, turn):
                return before
            said = work(connection)
            return self.transcript.append(connection, conversation, turn, self._clock(), said) if said else []

        async with self._locks.hold(conversation):
            return await self.database.write(keep)

    async def standing(self, conversation: str) -> Snapshot:
        """Where a dialogue stands: which form is open, and what is known in it."""
        wanted = {"conversation": conversation, "not_before": self._clock() - self._session_lifetime}
        sealed = await self.database.read(lambda connection: connection.scalar(select(self._sessions.left), wanted))
        sealed = sealed or await self._sessions.load_elsewhere(conversation)
        return opened(sealed, self._cipher) or {"slots": {}, "loop": None}

    async def drain(self) -> None:
        """Wait for the turns that are running."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _turn(self, incoming: Incoming, parsed: dict[str, Any] | None) -> Outcome:
        try:
            async with self._locks.hold(incoming.conversation):
                before, talk, left = await self.database.read(lambda connection: self._look(connection, incoming))
                if before:
                    return Outcome(before[0], before[1:])
                if talk is not None:
                    return await self._beside_person(incoming, parsed, talk, left)
                if parsed and parsed["intent"]["name"] == END_HANDOVER:
                    return await self._keep(incoming, [say(Words.NOT_OPEN, self._settings)], None)
                return await self._run(incoming, parsed, left)
        except ConversationBusy:
            return await self._keep(incoming, [_BUSY], None)

    def _look(self, connection: Connection, incoming: Incoming) -> tuple[list[Message], Handover | None, bytes | None]:
        """What a turn begins with: its messages if it has run before, who else talks, where the dialogue stands."""
        conversation = incoming.conversation
        wanted = {
            "conversation": conversation,
            "turn": incoming.id,
            "not_before": self._clock() - self._session_lifetime,
        }
        found = connection.execute(self._beginning, wanted).one()
        if found.has_run:
            return self.transcript.of_turn_within(connection, conversation, incoming.id), None, None
        return [], open_within(connection, conversation) if found.is_open else None, found.left

    async def _beside_person(
        self, incoming: Incoming, parsed: dict[str, Any] | None, talk: Handover, left: bytes | None
    ) -> Outcome:
        """A turn of a conversation that waits for a person or talks with one."""
        said = await self._said(incoming, parsed)
        standing = await self.database.read(lambda connection: standing_of(connection, talk))
        course = course_of(said, talk, standing, self._settings)
        if course.answered_by_assistant:
            return await self._run(incoming, parsed, left)
        return await self._keep(
            incoming, course.replies, None, lambda connection: settle_within(connection, talk, said, course)
        )

    async def _said(self, incoming: Incoming, parsed: dict[str, Any] | None) -> Said:
        if parsed:
            return Said(incoming.text, self._clock(), clicked=parsed["intent"]["name"])
        danger = in_form = False
        try:
            intent, _ = await self.understand(incoming.text, incoming.channel)
            danger = intent == _DANGER
            in_form = (await self.standing(incoming.conversation))["loop"] is not None
        except Exception:  # noqa: BLE001  # the words reach the person, whatever the assistant makes of them
            _log.exception("a message to a person was not understood (conversation %s)", incoming.conversation[:8])
        return Said(incoming.text, self._clock(), danger=danger, in_form=in_form)

    async def _run(self, incoming: Incoming, parsed: dict[str, Any] | None, left: bytes | None) -> Outcome:
        if parsed is None and (place := place_named(incoming.text)) is not None:
            choice = picked(place, await services().last_said(incoming.conversation))
            parsed = parse_payload(choice["payload"]) if choice else None
        processor, store = self._current()
        collector = ReplyCollector()
        message = UserMessage(
            # Rasa reads a text that begins with "/" as an intent. What a citizen types is text.
            text="" if parsed else incoming.text.replace("/", "／"),
            output_channel=collector,
            sender_id=incoming.conversation,
            parse_data=parsed,
            input_channel=incoming.channel,
            message_id=incoming.id,
            metadata={"channel": incoming.channel, "clicked": parsed is not None, "published": False},
        )
        try:
            store.begin(incoming.conversation, left or await self._sessions.load_elsewhere(incoming.conversation))
            if parsed is None:
                await _understand(message, processor)
            await processor.handle_message(message)
        except Exception:  # noqa: BLE001  # whatever fails, the citizen gets an answer and a way on
            _log.exception("a turn failed (conversation %s)", incoming.conversation[:8])
            collector.replies.clear()
        if not collector.replies:  # an action that fails is swallowed by Rasa; nobody is handed over unawares
            self._handovers.take(incoming.conversation)
        return await self._keep(incoming, collector.replies or [_FAILED], store.take(incoming.conversation))

    def _current(self) -> tuple[MessageProcessor, SnapshotStore]:
        if self._loaded is None:
            message = "no model is loaded"
            raise RuntimeError(message)
        return self._loaded

    async def _keep(
        self,
        incoming: Incoming,
        replies: Sequence[dict[str, Any]],
        state: bytes | None,
        settle: Callable[[Connection], None] = lambda _connection: None,
    ) -> Outcome:
        """Write what the turn came to, in one transaction."""
        at = self._clock()
        asked = self._handovers.take(incoming.conversation)
        answered = self._answer_log.take(incoming.conversation)
        heard = {"text": incoming.title or incoming.text} | ({"clicked": True} if incoming.payload else {})
        said = [(Sender.CITIZEN, heard), *((Sender.ASSISTANT, reply) for reply in replies)]

        def keep(connection: Connection) -> list[Message]:
            if state is not None:
                self._sessions.save_within(connection, incoming.conversation, state, at)
            self._answer_log.write(connection, answered, at)
            if asked is not None:
                asked.write(connection, at)
            settle(connection)
            kept = self.transcript.append(connection, incoming.conversation, incoming.id, at, said)
            if incoming.within is not None:
                incoming.within(connection, replies)
            return kept

        kept = await self.database.write(keep)
        if state is not None:
            await self._sessions.save_after(incoming.conversation, state)
        return Outcome(kept[0], kept[1:])


async def _understand(message: UserMessage, processor: MessageProcessor) -> None:
    """Let NLU read a typed message, and tell the actions whether it is a published question."""
    read = await processor.parse_message(message)
    knowledge = services().knowledge
    published = await is_published_question(message.text, read, knowledge, message.input_channel)
    message.parse_data = as_question(read) if published else read
    message.metadata["published"] = published


def new_id() -> str:
    """An unguessable id for a conversation or a message (32 hex digits)."""
    return uuid.uuid4().hex
