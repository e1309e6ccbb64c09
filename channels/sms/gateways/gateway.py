"""What every SMS gateway can do: take a message, and say what became of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class SmsState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"  # ours alone so far, or just on its way to the gateway
    SUBMITTED = "submitted"  # a gateway has taken it
    DELIVERED = "delivered"  # the phone has it
    FAILED = "failed"  # it never arrives
    UNKNOWN = "unknown"  # the gateway's answer was lost

    @property
    def label(self) -> str:
        """The state in Chinese."""
        return _LABELS[self]


_LABELS = {
    SmsState.QUEUED: "待发",
    SmsState.SUBMITTED: "已提交",
    SmsState.DELIVERED: "已送达",
    SmsState.FAILED: "未送达",
    SmsState.UNKNOWN: "查询中",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a gateway takes it.

    Attributes:
        phone: in international form.
        text: all of it, without the sign name.
        template: the gateway's own id of it.
        values: the template's variables, in the order in which they stand in it.
        reference: ours; the gateway gives it back in reports and answers. Names nobody.
    """

    phone: str
    text: str
    template: str
    values: Mapping[str, str]
    reference: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A message whose fate is asked.

    Attributes:
        sent_at: when it went, or may have gone, to the gateway.
        others: the gateway's ids of further messages to the same number; not this one.
        alone: whether no further message to the number waits for the gateway's id.
    """

    phone: str
    reference: str
    provider_id: str | None
    sent_at: datetime
    others: frozenset[str] = frozenset()
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway says of a message.

    Attributes:
        phone: in international form.
        delivered: None while it is on its way.
        code: the gateway's word for it.
        reference: ours, where the gateway gives it back.
        parts: how many it was charged as, where it says so.
    """

    provider_id: str
    phone: str
    delivered: bool | None
    code: str
    at: datetime
    reference: str | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody answered by SMS (上行).

    Attributes:
        phone: in international form.
        identity: the same for the same reply, however often it is pushed.
    """

    phone: str
    text: str
    at: datetime
    identity: str


class Gateway(Protocol):
    """One account with one operator of SMS."""

    @property
    def name(self) -> str:
        """As in `LTB_SMS_GATEWAYS`, and in every row."""

    @property
    def sign(self) -> str:
        """The sign name before each message, without 【】."""

    @property
    def price_fen(self) -> float:
        """Of one part, in fen."""

    @property
    def variable_length(self) -> int:
        """How many characters a variable may have."""

    @property
    def certain_after(self) -> timedelta | None:
        """How long after a lost answer "no such message" means that it never was; None: never."""

    def template(self, key: str) -> str | None:
        """The gateway's id of a text of ours; None while there is none."""

    async def send(self, message: Outgoing) -> str:
        """Hand a message over; the gateway's id of it.

        Raises:
            SendRefused: it was not taken.
            SendUnknown: nobody knows whether it was.
        """

    async def query(self, asked: Asked) -> Report | None:
        """What became of a message; None where the gateway knows of none.

        Raises:
            SendRefused, SendUnknown: it could not be asked.
        """
