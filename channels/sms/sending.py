"""The one door through which SMS leave: an order reaches a person once, whatever crashes or times out on the way.

The order's row is written before a gateway is called. Until the row says what came of the call, the message counts
as possibly sent, and the gateway is asked before anything else is done for that order.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.errors import RefusedForEveryGateway
from channels.sms.gateways.gateway import Gateway, Outgoing, SmsState
from channels.sms.ledger import Kept, Ledger
from channels.sms.limits import Limits, Past
from channels.sms.numbers import SERVICE, mobile
from channels.sms.quiet_hours import QuietHours
from channels.sms.stops import is_stopped
from channels.sms.templates import BRIEF, Filled, Purpose, Texts
from channels.sms.windows import rolling
from service.clock import Clock
from service.settings import Settings
from service.storage import Database

_ASKED_FOR = timedelta(hours=24)
"""How long a lost answer is asked for; then staff are told, and the message is never sent again."""

_AT_ONCE = 200
_HOPE = (Remedy.RETRY, Remedy.DELAY, Remedy.ANOTHER_WAY, Remedy.ALARM, Remedy.PERMANENT)


@dataclass(frozen=True, slots=True)
class SmsOrder:
    """A message somebody is to get, once.

    Attributes:
        id: the same order has the same id, whoever sends it and however often; at most 200 characters.
        phone: a mobile number of the mainland, best in international form.
        purpose: one of `templates.yml`.
        values: what its text needs; more does no harm.
        subject: what it is about: a ticket's number, an entry's slug.
        urgent: it goes out in quiet hours, too.
    """

    id: str
    phone: str
    purpose: str
    values: Mapping[str, Any]
    subject: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class SmsSent:
    """A message a gateway has taken.

    Attributes:
        cost_fen: what it costs, in fen, by the gateway's price of a part.
    """

    provider_id: str
    gateway: str
    parts: int
    cost_fen: float
    state: SmsState


@dataclass(frozen=True, slots=True)
class _Ready:
    """An order that is taken for one attempt."""

    kept: Kept
    gateway: Gateway
    filled: Filled


@dataclass(frozen=True, slots=True)
class SmsDesk:
    """Sends SMS by the first gateway that takes them."""

    database: Database
    ledger: Ledger
    gateways: Sequence[Gateway]
    texts: Texts
    limits: Limits
    settings: Settings
    clock: Clock

    @property
    def quiet(self) -> QuietHours:
        """When nobody is woken."""
        return QuietHours(self.settings.sms_quiet_from, self.settings.sms_quiet_until)

    async def send(self, order: SmsOrder) -> SmsSent:
        """See to it that an order is sent; one that was sent before gives what came of it.

        Raises:
            SendRefused: nothing reached the person. DELAY carries `after`: quiet hours, and our own limits, too.
            SendUnknown: it may have; call again later with the same order.
        """
        refusals: dict[str, SendRefused] = {}
        while True:
            step = await self.database.write(lambda connection: self._next(connection, order, refusals))
            if isinstance(step, SmsSent):
                return step
            if isinstance(step, Kept):
                await self._ask(step)
                continue
            try:
                return await self._attempt(step)
            except RefusedForEveryGateway:
                raise
            except SendRefused as refusal:
                refusals[step.gateway.name] = refusal

    async def state_of(self, order_id: str) -> Kept | None:
        """How an order stands; None where there is none."""
        return await self.database.read(lambda connection: self.ledger.find(connection, order_id))

    async def ask_due(self) -> int:
        """Ask the gateways about messages whose answer or report is missing; how many were asked about."""
        due = await self.database.read(lambda connection: self.ledger.due(connection, self.clock(), _AT_ONCE))
        for kept in due:
            await self._ask_again(kept)
        return len(due)

    async def is_stopped(self, phone: str) -> bool:
        """Whether a number answered 退订: it gets only codes and what concerns its own tickets."""
        return await self.database.read(lambda connection: is_stopped(connection, self.ledger.cipher, phone))

    def gateway(self, name: str | None) -> Gateway | None:
        """The gateway of that name; None where it is no longer set up."""
        return next((gateway for gateway in self.gateways if gateway.name == name), None)

    async def _ask_again(self, kept: Kept) -> None:
        await self.database.write(lambda connection: self.ledger.ask_later(connection, kept, self.clock()))
        with suppress(SendUnknown):  # the row says when it is asked again
            await self._ask(kept)

    def _next(
        self, connection: Connection, order: SmsOrder, refusals: Mapping[str, SendRefused]
    ) -> SmsSent | Kept | _Ready:
        """What is to be done for an order: nothing more, asking about it, or one attempt, for which it is taken."""
        at = self.clock()
        kept = self.ledger.held(connection, order.id)
        if kept is not None:
            if kept.state in (SmsState.SUBMITTED, SmsState.DELIVERED):
                return _sent(kept)
            if kept.remedy is Remedy.PERMANENT and kept.gateway not in refusals:
                raise kept.refusal
            if kept.sent_at is not None:
                if kept.lease_until is not None and at < kept.lease_until:
                    raise SendUnknown(SERVICE, "这条短信另一个进程正在发，稍后再看。")
                return kept
        purpose = self.texts.purpose(order.purpose)
        phone = mobile(order.phone if kept is None else kept.phone or "")
        self._check(connection, order, purpose, phone, kept, at)
        gateway, filled = self._choose(self.ledger.past(connection, phone, at), order, refusals, at)
        if kept is None:
            kept = self.ledger.begin(connection, order.id, phone, order.purpose, order.subject, at)
        return _Ready(self.ledger.take(connection, kept, gateway, filled, at), gateway, filled)

    def _check(
        self, connection: Connection, order: SmsOrder, purpose: Purpose, phone: str, kept: Kept | None, at: datetime
    ) -> None:
        """Whether an order may go out at all, at this time of the day.

        Raises:
            SendRefused: it may not.
        """
        lifetime = rolling(purpose.lifetime) if purpose.lifetime else None
        if kept is not None and lifetime is not None and at > kept.created_at + lifetime:
            raise SendRefused(SERVICE, "too_late", "这条短信过了有效时间，不再发。", Remedy.PERMANENT)
        if purpose.stoppable and is_stopped(connection, self.ledger.cipher, phone):
            raise SendRefused(SERVICE, "stopped", "这个号码退订了短信，不再发。", Remedy.PERMANENT)
        left = None if order.urgent or purpose.urgent else self.quiet.left(at)
        if left is not None:
            raise SendRefused(SERVICE, "quiet_hours", "夜里不打扰市民，早上再发。", Remedy.DELAY, left)

    def _choose(
        self, past: Sequence[Past], order: SmsOrder, refusals: Mapping[str, SendRefused], at: datetime
    ) -> tuple[Gateway, Filled]:
        """The first gateway that has not refused, has a fitting template, and whose limits leave room.

        Raises:
            SendRefused: there is none; the most hopeful of the reasons.
        """
        reasons = list(refusals.values())
        for gateway in self.gateways:
            if gateway.name in refusals:
                continue
            keys = (order.purpose, order.purpose + BRIEF)
            templates = {key: known for key in keys if (known := gateway.template(key)) is not None}
            try:
                filled = self.texts.fill(order.purpose, order.values, gateway.variable_length, templates)
            except SendRefused as refusal:
                reasons.append(refusal)
                continue
            wait = self.limits.wait(past, gateway.name, order.purpose, filled.kept, at)
            if wait is None:
                return gateway, filled
            reasons.append(SendRefused(SERVICE, "limit", "这个号码近来收得够多了，过一会儿再发。", Remedy.DELAY, wait))
        if not reasons:
            raise SendRefused(SERVICE, "off", "还没有设置短信平台，见 docs/sms.md。", Remedy.ANOTHER_WAY)
        raise min(reasons, key=lambda reason: _HOPE.index(reason.remedy))

    async def _attempt(self, ready: _Ready) -> SmsSent:
        kept, gateway, filled = ready.kept, ready.gateway, ready.filled
        if kept.lease_until is not None and self.clock() >= kept.lease_until:
            # This process slept: another may have asked about the order and sent it.
            raise SendUnknown(SERVICE, "这条短信耽搁了，先查询是否已发出。")
        message = Outgoing(kept.phone or "", filled.text, filled.template, filled.values, kept.reference)
        try:
            provider_id = await gateway.send(message)
        except SendUnknown as unknown:
            reason = unknown.reason
            await self.database.write(lambda connection: self.ledger.lost(connection, kept, reason))
            raise
        except SendRefused as refusal:
            refused = refusal
            await self.database.write(lambda connection: self.ledger.refused(connection, kept, refused))
            raise
        return _sent(await self.database.write(lambda connection: self.ledger.accepted(connection, kept, provider_id)))

    async def _ask(self, kept: Kept) -> None:
        """Ask the gateway what became of a message, and write it down.

        Raises:
            SendUnknown: it does not know yet, or cannot be asked.
        """
        gateway = self.gateway(kept.gateway)
        reason = "短信平台还查不到这条短信，稍后再查。"
        try:
            if gateway is not None and await self._learned(kept, gateway):
                return
        except (SendRefused, SendUnknown) as error:
            reason = f"现在查不了短信平台：{error.reason}"
        if kept.provider_id is None and self.clock() >= _sent_at(kept) + _ASKED_FOR:
            told = "查了一天，短信平台没有说这条有没有发出。为了不让市民收到两遍，没有再发，请电话联系。"
            gone = SendRefused(kept.gateway or SERVICE, "never_known", told, Remedy.PERMANENT)
            await self.database.write(lambda connection: self.ledger.give_up(connection, kept, gone))
            return
        raise SendUnknown(kept.gateway or SERVICE, reason)

    async def _learned(self, kept: Kept, gateway: Gateway) -> bool:
        """Ask a gateway; whether it knows, or its not knowing says enough.

        Raises:
            SendRefused, SendUnknown: it cannot be asked.
        """
        asked = await self.database.read(lambda connection: self.ledger.asked(connection, kept))
        report = await gateway.query(asked)
        if report is not None:
            await self.database.write(lambda connection: self.ledger.reported(connection, kept, report, gateway))
            return True
        certain = gateway.certain_after
        if kept.provider_id is not None or certain is None or self.clock() < _sent_at(kept) + certain:
            return False
        await self.database.write(lambda connection: self.ledger.again(connection, kept))
        return True


def _sent_at(kept: Kept) -> datetime:
    return kept.sent_at or kept.created_at


def _sent(kept: Kept) -> SmsSent:
    return SmsSent(kept.provider_id or "", kept.gateway or "", kept.parts or 1, kept.cost_fen or 0.0, kept.state)
