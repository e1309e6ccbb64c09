"""What WeChat reports about template and subscription messages: whether they arrived, and who allows them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from channels.wechat.arriving.arrival import Arrival, text_in
from channels.wechat.followers import Followers
from channels.wechat.tables import receipts, subscriptions
from service.clock import Clock, now
from service.storage import Database, insert_into

_LIMIT = 64  # characters of an id
_REASON_LIMIT = 200
_TEMPLATE_DONE = "event.templatesendjobfinish"
_SUBSCRIPTION_LISTS = {
    "event.subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "event.subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "event.subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}

KINDS = frozenset({_TEMPLATE_DONE, *_SUBSCRIPTION_LISTS})
"""The arrivals that are recorded here."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one message.

    Attributes:
        message: WeChat's MsgID, as sending gave it.
        reason: WeChat's own words where it was not delivered, e.g. `failed:user block`.
    """

    message: str
    delivered: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipts:
    """Keeps what WeChat reports, for delivery to read."""

    database: Database
    followers: Followers
    clock: Clock = now

    async def record(self, arrival: Arrival) -> None:
        """Keep what an event reports; a second time changes nothing."""
        reported = [row for row in _reported(arrival, self.clock()) if row["message"]]
        allowed = [row for row in _allowed(arrival) if row["template"]]
        conversation = await self.followers.conversation_of(arrival.openid) if allowed else ""

        def work(connection: Connection) -> None:
            for row in reported:
                connection.execute(insert_into(connection, receipts).on_conflict_do_nothing(), row)
            for row in allowed:
                statement = insert_into(connection, subscriptions)
                newest = statement.on_conflict_do_update(
                    index_elements=["conversation", "template"],
                    set_={name: statement.excluded[name] for name in ("accepted", "changed_at")},
                    where=subscriptions.c.changed_at <= statement.excluded.changed_at,
                )
                connection.execute(newest, row | {"conversation": conversation})

        if reported or allowed:
            await self.database.write(work)

    async def of(self, messages: Collection[str]) -> dict[str, Receipt]:
        """The receipts of these messages, as far as they have come, by MsgID."""
        statement = select(receipts).where(receipts.c.message.in_(messages))
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return {row.message: Receipt(row.message, row.delivered, row.reason, row.at) for row in rows}

    async def allows(self, conversation: str, template: str) -> bool | None:
        """Whether a follower last said yes to a subscription template; None where they were never asked."""
        this = and_(subscriptions.c.conversation == conversation, subscriptions.c.template == template)
        statement = select(subscriptions.c.accepted).where(this)
        accepted: bool | None = await self.database.read(lambda connection: connection.scalar(statement))
        return accepted

    async def forget(self, before: datetime) -> int:
        """Delete receipts that came earlier; how many."""
        old = delete(receipts).where(receipts.c.at < before)
        return await self.database.write(lambda connection: connection.execute(old).rowcount)


def _reported(arrival: Arrival, at: datetime) -> Iterator[dict[str, Any]]:
    if arrival.kind == _TEMPLATE_DONE:
        status = arrival.text("Status")
        fine = status == "success"
        yield _receipt(arrival.text("MsgID"), fine, status, at)
    if arrival.kind == "event.subscribe_msg_sent_event":
        for item in _items(arrival):
            fine = text_in(item, "ErrorCode") == "0"
            reason = f"{text_in(item, 'ErrorCode')} {text_in(item, 'ErrorStatus')}"
            yield _receipt(text_in(item, "MsgID"), fine, reason, at)


def _receipt(message: str, fine: bool, reason: str, at: datetime) -> dict[str, Any]:
    told = "" if fine else reason[:_REASON_LIMIT]
    return {"message": message[:_LIMIT], "delivered": fine, "reason": told, "at": at}


def _allowed(arrival: Arrival) -> Iterator[dict[str, Any]]:
    if arrival.kind == "event.subscribe_msg_sent_event":
        return
    for item in _items(arrival):
        accepted = text_in(item, "SubscribeStatusString") == "accept"
        template = text_in(item, "TemplateId")[:_LIMIT]
        yield {"template": template, "accepted": accepted, "changed_at": arrival.sent}


def _items(arrival: Arrival) -> list[dict[str, Any]]:
    """The elements of `List`, which is a dict where there is one, and a list where there are several."""
    found = arrival.fields.get(_SUBSCRIPTION_LISTS.get(arrival.kind, ""))
    listed = found.get("List") if isinstance(found, dict) else None
    return [item for item in (listed if isinstance(listed, list) else [listed]) if isinstance(item, dict)]
