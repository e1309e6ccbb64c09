"""What became of messages a service had taken: told by the page that showed them, or looked up where reports are kept.

A message that did not arrive after all opens its notice again, and the next way is tried.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from channels.delivery.attempts import FIRST_LOOK, AttemptState, Receipt, attempts
from channels.delivery.rungs.rung import NOTICE, Rung, parcel_id
from channels.outcomes import Remedy, SendRefused, SendUnknown
from service.clock import Clock
from service.outbox import FAILURE_LIMIT, NoticeState, outbox
from service.storage import Database

_LOOKED_FOR = timedelta(days=3)  # gateways report for two
_SLOWER = 4  # each look is so many times later than the last
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Receipts:
    """Takes receipts in."""

    database: Database
    rungs: Mapping[str, Rung]
    clock: Clock

    async def shown(self, conversation: str, turns: Sequence[str]) -> None:
        """A page has shown what was said in a conversation."""
        notices = [turn for turn in turns if turn.startswith(NOTICE)]
        if notices:
            for attempt in await self.database.read(_unseen(conversation, notices)):
                await self.database.write(received(attempt, Receipt(delivered=True), self.clock()))

    async def look(self) -> int:
        """Look for the receipts that should have come by now; how many had."""
        at = self.clock()
        came = 0
        for row in await self.database.read(_due(at)):
            receipt = await self._receipt(row)
            if receipt is None:
                await self.database.write(_later(row, at))
            else:
                await self.database.write(received(row.id, receipt, self.clock()))
                came += 1
        return came

    async def _receipt(self, row: Row[Any]) -> Receipt | None:
        rung = self.rungs.get(row.rung)
        if rung is None:
            return None
        try:
            return await rung.receipt(parcel_id(row.notice, row.round), row.provider_id)
        except (SendRefused, SendUnknown):
            return None  # it cannot be asked at the moment


def _unseen(conversation: str, turns: Sequence[str]) -> Callable[[Connection], Sequence[int]]:
    these = (
        select(attempts.c.id)
        .join(outbox, outbox.c.id == attempts.c.notice)
        .where(attempts.c.provider_id.in_(turns), attempts.c.rung == "widget", outbox.c.conversation == conversation)
        .where(attempts.c.state == AttemptState.SENT.value)
    )
    return lambda connection: connection.scalars(these).all()


def received(attempt: int, receipt: Receipt, at: datetime) -> Callable[[Connection], None]:
    """A unit of work: a receipt has come. The same one again changes nothing."""

    def work(connection: Connection) -> None:
        this = and_(attempts.c.id == attempt, attempts.c.state == AttemptState.SENT.value)
        values: dict[str, Any] = {"received_at": at, "ask_at": None, "state": AttemptState.DELIVERED.value}
        if not receipt.delivered:
            failed = {"state": AttemptState.FAILED.value, "remedy": Remedy.ANOTHER_WAY.value}
            values |= failed | {"code": receipt.code[:60], "reason": receipt.reason[:FAILURE_LIMIT]}
        changed = update(attempts).where(this).values(values).returning(attempts.c.notice, attempts.c.round)
        row = connection.execute(changed).one_or_none()
        if row is None:
            return
        if receipt.delivered:
            _close(connection, row.notice, row.round, at)
        elif not _has_arrived(connection, row.notice, row.round):
            _open_again(connection, row.notice, row.round, receipt.reason, at)

    return work


def _close(connection: Connection, notice: int, round_: int, at: datetime) -> None:
    """It has arrived: whoever was about to try another way finds the notice closed."""
    waiting = and_(outbox.c.id == notice, outbox.c.round == round_, outbox.c.state == NoticeState.WAITING.value)
    sent = {"state": NoticeState.SENT.value, "sent_at": at, "holder": None, "failure": None, "slot_at": None}
    connection.execute(update(outbox).where(waiting).values(sent))


def _has_arrived(connection: Connection, notice: int, round_: int) -> bool:
    this = (attempts.c.notice == notice) & (attempts.c.round == round_)
    delivered = this & (attempts.c.state == AttemptState.DELIVERED.value)
    return connection.execute(select(attempts.c.id).where(delivered)).first() is not None


def _open_again(connection: Connection, notice: int, round_: int, reason: str, at: datetime) -> None:
    told = outbox.c.state.in_((NoticeState.SENT.value, NoticeState.WAITING.value))
    this = and_(outbox.c.id == notice, outbox.c.round == round_, told, outbox.c.holder.is_(None))
    again = {"state": NoticeState.WAITING.value, "sent_at": None, "due_at": at, "failure": reason[:FAILURE_LIMIT]}
    connection.execute(update(outbox).where(this).values(again))


def _due(at: datetime) -> Callable[[Connection], Sequence[Row[Any]]]:
    due = select(attempts).where(attempts.c.ask_at <= at).order_by(attempts.c.ask_at).limit(_AT_ONCE)
    return lambda connection: connection.execute(due).all()


def _later(row: Row[Any], at: datetime) -> Callable[[Connection], None]:
    ended = row.ended_at or row.started_at
    following = max(ended + (row.ask_at - ended) * _SLOWER, at + FIRST_LOOK)
    ask_at = following if following < ended + _LOOKED_FOR else None
    this = update(attempts).where(attempts.c.id == row.id, attempts.c.state == AttemptState.SENT.value)

    def work(connection: Connection) -> None:
        connection.execute(this.values(ask_at=ask_at))

    return work
