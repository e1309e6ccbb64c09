"""The rows of SMS: written before a gateway is called, so that a crash at any moment leaves something to ask about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from channels.outcomes import Remedy, SendRefused
from channels.sms.gateways.errors import undelivered
from channels.sms.gateways.gateway import Asked, Gateway, Report, SmsState
from channels.sms.limits import HISTORY, Past
from channels.sms.numbers import SERVICE
from channels.sms.parts import parts_of
from channels.sms.tables import early_reports, messages
from channels.sms.templates import Filled
from service.encryption import Cipher
from service.storage import hold

LEASE = timedelta(seconds=60)
"""Longer than any call can take; after it, whoever sent is gone."""

_FIRST_QUESTION = timedelta(minutes=10)
_LAST_QUESTION = timedelta(days=3)  # carriers report within this time or never
_OPEN = (SmsState.QUEUED, SmsState.SUBMITTED, SmsState.UNKNOWN)
_FAILURE_LIMIT = 300
_ID_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as its row stands. The fields are those of the table; phone and text are None once forgotten."""

    id: int
    order_id: str
    reference: str
    phone: str | None
    text: str | None
    purpose: str
    subject: str
    gateway: str | None
    provider_id: str | None
    state: SmsState
    attempts: int
    parts: int | None
    cost_fen: float | None
    failure: str | None
    failure_code: str | None
    remedy: Remedy | None
    created_at: datetime
    sent_at: datetime | None
    lease_until: datetime | None
    settled_at: datetime | None

    @property
    def refusal(self) -> SendRefused:
        """Why it is given up, as it was said the first time."""
        service = self.gateway or SERVICE
        return SendRefused(service, self.failure_code or "", self.failure or "", self.remedy or Remedy.PERMANENT)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes rows of `sms_messages`, within a transaction."""

    cipher: Cipher

    def find(self, connection: Connection, order_id: str) -> Kept | None:
        """The row of an order."""
        row = connection.execute(select(messages).where(messages.c.order_id == order_id)).one_or_none()
        return None if row is None else self.kept(row)

    def held(self, connection: Connection, order_id: str) -> Kept | None:
        """The row of an order; others who want it wait until this transaction ends."""
        hold(connection, f"sms order {order_id}")
        statement = select(messages).where(messages.c.order_id == order_id).with_for_update()
        row = connection.execute(statement).one_or_none()
        return None if row is None else self.kept(row)

    def kept(self, row: Row[Any]) -> Kept:
        """What a row says."""
        values = {name: getattr(row, name) for name in Kept.__slots__}
        values |= {"phone": self.cipher.decrypt_text(row.phone), "text": self.cipher.decrypt_text(row.text)}
        values |= {"state": SmsState(row.state), "remedy": Remedy(row.remedy) if row.remedy else None}
        return Kept(**values)

    def past(self, connection: Connection, phone: str, at: datetime) -> list[Past]:
        """What went to a number lately; others who want to send to it wait until this transaction ends."""
        hold(connection, f"sms number {self.cipher.keyed_hash(phone)}")
        lately = messages.c.phone_hash.in_(self.cipher.keyed_hashes(phone)) & (messages.c.sent_at > at - HISTORY)
        rows = connection.execute(select(messages).where(lately)).all()
        return [Past(row.gateway, row.purpose, self.cipher.decrypt_text(row.text) or "", row.sent_at) for row in rows]

    def begin(
        self,
        connection: Connection,
        order_id: str,
        phone: str,
        purpose: str,
        subject: str,
        at: datetime,
    ) -> Kept:
        """Keep an order that nothing has been done for."""
        values = {
            "order_id": order_id,
            "reference": token_hex(16),
            "phone": self.cipher.encrypt_text(phone),
            "phone_hash": self.cipher.keyed_hash(phone),
            "purpose": purpose,
            "subject": subject,
            "state": SmsState.QUEUED,
            "attempts": 0,
            "created_at": at,
        }
        return self.kept(connection.execute(insert(messages).values(values).returning(messages)).one())

    def take(self, connection: Connection, kept: Kept, gateway: Gateway, filled: Filled, at: datetime) -> Kept:
        """Take an order for one attempt by a gateway: from now on it may have reached somebody."""
        parts = parts_of(gateway.sign, filled.text)
        values = {
            "state": SmsState.QUEUED,
            "gateway": gateway.name,
            "template": filled.template,
            "text": self.cipher.encrypt_text(filled.kept),
            "parts": parts,
            "cost_fen": parts * gateway.price_fen,
            "attempts": messages.c.attempts + 1,
            "sent_at": at,
            "lease_until": at + LEASE,
            "ask_at": at + LEASE,
            "provider_id": None,
        } | _NO_FAILURE
        statement = update(messages).where(messages.c.id == kept.id).values(values).returning(messages)
        return self.kept(connection.execute(statement).one())

    def accepted(self, connection: Connection, taken: Kept, provider_id: str) -> Kept:
        """A gateway has taken it; a report that was quicker than this is applied."""
        hold(connection, f"sms report {taken.gateway} {provider_id}")
        values = {
            "state": SmsState.SUBMITTED,
            "provider_id": provider_id[:_ID_LIMIT],
            "lease_until": None,
            "ask_at": (taken.sent_at or taken.created_at) + _FIRST_QUESTION,
        } | _NO_FAILURE
        same = (messages.c.id == taken.id) & messages.c.state.in_(_OPEN)
        connection.execute(update(messages).where(same).values(values))
        self._apply_early(connection, taken, provider_id)
        return self._again(connection, taken.id)

    def lost(self, connection: Connection, taken: Kept, reason: str) -> None:
        """The gateway's answer did not come: it is asked before anything else is done."""
        self._set(connection, taken, {"state": SmsState.UNKNOWN, "lease_until": None, "failure": reason})

    def refused(self, connection: Connection, taken: Kept, refusal: SendRefused) -> None:
        """The gateway surely did not take it."""
        gone = refusal.remedy is Remedy.PERMANENT
        values = {
            "state": SmsState.FAILED if gone else SmsState.QUEUED,
            "failure": refusal.reason[:_FAILURE_LIMIT],
            "failure_code": refusal.code[:_ID_LIMIT],
            "remedy": refusal.remedy,
        }
        self._set(connection, taken, values | _NOT_SENT)

    def again(self, connection: Connection, taken: Kept) -> None:
        """The gateway knows nothing of it, and surely never will: it may go once more."""
        self._set(connection, taken, {"state": SmsState.QUEUED} | _NOT_SENT | _NO_FAILURE)

    def give_up(self, connection: Connection, taken: Kept, refusal: SendRefused) -> None:
        """Nobody will ever know what became of it; it is not sent again."""
        values = {
            "state": SmsState.UNKNOWN,
            "failure": refusal.reason,
            "failure_code": refusal.code,
            "remedy": refusal.remedy,
            "ask_at": None,
        }
        self._set(connection, taken, values)

    def reported(self, connection: Connection, kept: Kept, report: Report, gateway: Gateway | None) -> None:
        """Bring a row to what the gateway says of it. What has arrived stays arrived, whatever is said later."""
        values: dict[str, Any] = {"provider_id": report.provider_id[:_ID_LIMIT], "lease_until": None} | _NO_FAILURE
        if report.delivered is None:  # when it is asked for again is settled already
            values["state"] = SmsState.SUBMITTED
        else:
            values |= {"settled_at": report.at, "ask_at": None}
            values["state"] = SmsState.DELIVERED if report.delivered else SmsState.FAILED
        if report.delivered is False:
            reason = undelivered(kept.gateway or SERVICE, report.code)
            values |= {"failure": reason, "failure_code": report.code[:_ID_LIMIT], "remedy": Remedy.PERMANENT}
        if report.parts and gateway:
            values |= {"parts": report.parts, "cost_fen": report.parts * gateway.price_fen}
        same = (messages.c.id == kept.id) & messages.c.state.in_(_OPEN)
        connection.execute(update(messages).where(same).values(values))

    def ask_later(self, connection: Connection, kept: Kept, at: datetime) -> None:
        """Ask again what became of a message, ever more seldom, for three days."""
        age = at - (kept.sent_at or kept.created_at)
        later = at + max(age, _FIRST_QUESTION) if age < _LAST_QUESTION else None
        connection.execute(update(messages).where(messages.c.id == kept.id).values(ask_at=later))

    def asked(self, connection: Connection, kept: Kept) -> Asked:
        """What a gateway is asked about a message."""
        same = messages.c.phone_hash.in_(self.cipher.keyed_hashes(kept.phone or ""))
        other = same & messages.c.sent_at.is_not(None) & (messages.c.id != kept.id)
        known = set(connection.scalars(select(messages.c.provider_id).where(other)))
        others = frozenset(each for each in known if each is not None)
        sent_at = kept.sent_at or kept.created_at
        return Asked(kept.phone or "", kept.reference, kept.provider_id, sent_at, others, None not in known)

    def due(self, connection: Connection, at: datetime, limit: int) -> Sequence[Kept]:
        """What the gateways have to be asked about, the longest waiting first."""
        statement = select(messages).where(messages.c.ask_at <= at).order_by(messages.c.ask_at).limit(limit)
        return [self.kept(row) for row in connection.execute(statement)]

    def _apply_early(self, connection: Connection, taken: Kept, provider_id: str) -> None:
        table = early_reports
        same = (table.c.gateway == taken.gateway) & (table.c.provider_id == provider_id)
        of_number = table.c.phone_hash.in_(self.cipher.keyed_hashes(taken.phone or ""))
        for row in connection.execute(select(table).where(same, of_number).order_by(table.c.id)).all():
            report = Report(row.provider_id, taken.phone or "", bool(row.delivered), row.code, row.at)
            self.reported(connection, taken, report, None)

    def _again(self, connection: Connection, row_id: int) -> Kept:
        return self.kept(connection.execute(select(messages).where(messages.c.id == row_id)).one())

    @staticmethod
    def _set(connection: Connection, taken: Kept, values: dict[str, Any]) -> None:
        """Write what became of an attempt, unless a report or another attempt has told more meanwhile."""
        same = (messages.c.id == taken.id) & (messages.c.attempts == taken.attempts)
        unsettled = messages.c.state.in_((SmsState.QUEUED, SmsState.UNKNOWN))
        connection.execute(update(messages).where(same, unsettled).values(values))


_NO_FAILURE: dict[str, Any] = {"failure": None, "failure_code": None, "remedy": None}
_NOT_SENT: dict[str, Any] = {"sent_at": None, "lease_until": None, "ask_at": None, "cost_fen": None}
