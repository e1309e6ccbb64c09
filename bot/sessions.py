"""Where a dialogue stands between two turns: a snapshot, encrypted, in SQL or in Redis.

Only the slots and the open form are kept, not the events that led there. Every turn therefore costs
the same, the first as the thousandth, and nothing of what was said lingers in the dialogue state.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis
from sqlalchemy import ColumnElement, Connection, bindparam, delete, null, select

from bot.tables import sessions
from service.encryption import Cipher, Undecipherable
from service.storage import INSERTS, Database

Snapshot = dict[str, Any]
"""`{"slots": {name: value}, "loop": name or None}`"""


class SessionStorage(Protocol):
    """Keeps sealed snapshots for a set time.

    Attributes:
        left: the snapshot of `conversation`, unless it is older than `not_before`: a part of the statement with which a
            turn begins. Null where the database does not keep it.
    """

    left: ColumnElement[Any]

    async def load_elsewhere(self, conversation: str) -> bytes | None:
        """The snapshot, where the database does not keep it."""

    def save_within(self, connection: Connection, conversation: str, state: bytes, at: datetime) -> None:
        """Keep a snapshot in place of the one before, within the transaction that ends the turn."""

    async def save_after(self, conversation: str, state: bytes) -> None:
        """Keep a snapshot in place of the one before, once that transaction is committed."""

    async def forget(self, before: datetime) -> int:
        """Delete what is older; how many went."""


def _replacing(statement: Any) -> Any:
    changed = {name: statement.excluded[name] for name in ("state", "updated_at")}
    return statement.on_conflict_do_update(index_elements=["conversation"], set_=changed)


_PUT = {name: _replacing(insert(sessions)) for name, insert in INSERTS.items()}


class SqlSessions:
    """Snapshots in the database."""

    left: ColumnElement[Any] = (
        select(sessions.c.state)
        .where(sessions.c.conversation == bindparam("conversation"), sessions.c.updated_at >= bindparam("not_before"))
        .scalar_subquery()
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load_elsewhere(self, conversation: str) -> bytes | None:
        """None: all are in the database."""

    def save_within(self, connection: Connection, conversation: str, state: bytes, at: datetime) -> None:
        """See `SessionStorage.save_within`."""
        row = {"conversation": conversation, "state": state, "updated_at": at}
        connection.execute(_PUT[connection.dialect.name], row)

    async def save_after(self, conversation: str, state: bytes) -> None:
        """Nothing to do: it is in the transaction."""

    async def forget(self, before: datetime) -> int:
        """See `SessionStorage.forget`."""
        statement = delete(sessions).where(sessions.c.updated_at < before)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)


class RedisSessions:
    """Snapshots in Redis, which forgets them by itself."""

    left: ColumnElement[Any] = null()

    def __init__(self, redis: Redis, lifetime: timedelta) -> None:
        self._redis = redis
        self._lifetime = lifetime

    async def load_elsewhere(self, conversation: str) -> bytes | None:
        """See `SessionStorage.load_elsewhere`; Redis lets it expire."""
        state = await self._redis.get(f"ltb:session:{conversation}")
        return state.encode() if isinstance(state, str) else state

    def save_within(self, connection: Connection, conversation: str, state: bytes, at: datetime) -> None:
        """Nothing to do: Redis is no part of the transaction."""

    async def save_after(self, conversation: str, state: bytes) -> None:
        """See `SessionStorage.save_after`."""
        await self._redis.set(f"ltb:session:{conversation}", state, ex=self._lifetime)

    async def forget(self, before: datetime) -> int:
        """Nothing to do: the keys expire."""
        return 0


class SnapshotStore(TrackerStore):
    """Gives Rasa a tracker made from the last snapshot, and holds a new snapshot when Rasa saves.

    The turn reads the one (`begin`) and writes the other (`take`) together with what was said.
    """

    def __init__(self, cipher: Cipher) -> None:
        super().__init__(None)
        self._cipher = cipher
        self._begun: dict[str, bytes | None] = {}
        self._held: dict[str, bytes] = {}

    def begin(self, conversation: str, sealed: bytes | None) -> None:
        """A turn begins: where the dialogue stands, for when Rasa asks."""
        self._begun[conversation] = sealed

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Hold where the dialogue stands after this turn."""
        plain = json.dumps(snapshot_of(tracker), ensure_ascii=False).encode()
        self._held[tracker.sender_id] = self._cipher.encrypt(plain)

    def take(self, conversation: str) -> bytes | None:
        """The snapshot held for a conversation whose turn has ended; it is held no longer."""
        self._begun.pop(conversation, None)
        return self._held.pop(conversation, None)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The dialogue as the last turn left it; None when it is new, expired, or sealed with a lost key."""
        snapshot = opened(self._begun.get(sender_id), self._cipher)
        if snapshot is None:
            return None
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events(list(_events_of(snapshot, tracker)), self.domain)
        return tracker

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new dialogue; nothing is stored before its first turn has ended."""
        return self.init_tracker(sender_id)

    async def keys(self) -> Iterable[str]:
        """Rasa's listing of conversations is not offered: nothing here needs it."""
        return ()


def opened(sealed: bytes | None, cipher: Cipher) -> Snapshot | None:
    """What a stored snapshot says; None when there is none, or it is sealed with a lost key."""
    if sealed is None:
        return None
    try:
        snapshot: Snapshot = json.loads(cipher.decrypt(sealed))
    except Undecipherable:
        return None
    return snapshot


def snapshot_of(tracker: DialogueStateTracker) -> Snapshot:
    """The slots that differ from their initial value, and the open form. What was offered holds for one turn."""
    slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
    if not _offered_now(tracker):
        slots.pop("offered", None)
    return {"slots": slots, "loop": tracker.active_loop_name}


def _offered_now(tracker: DialogueStateTracker) -> bool:
    """Whether the last turn offered something: "yes" must never answer what was asked before something else."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, SlotSet) and event.key == "offered":
            return True
    return True


def _events_of(snapshot: Snapshot, tracker: DialogueStateTracker) -> Iterable[Any]:
    yield ActionExecuted(ACTION_SESSION_START_NAME)
    yield SessionStarted()
    if snapshot["loop"]:
        yield ActiveLoop(snapshot["loop"])
    for name, value in snapshot["slots"].items():
        if name in tracker.slots:  # a newer model may have dropped it
            yield SlotSet(name, value)
    yield ActionExecuted(ACTION_LISTEN_NAME)
