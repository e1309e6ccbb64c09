"""The phones: what arrived on each, when its report comes, and what went wrong on purpose."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

Clock = Callable[[], datetime]


class Fault(StrEnum):
    """What goes wrong with a request to send."""

    LOST_ANSWER = "lost_answer"  # taken, and the connection ends without an answer
    LOST_REQUEST = "lost_request"  # the connection ends before it is taken
    LATE_ANSWER = "late_answer"  # taken, and answered only when the carrier lets late answers go
    GARBLED_ANSWER = "garbled_answer"  # taken, and a proxy answers in its place


@dataclass(slots=True)
class Arrived:
    """A message a simulated cloud has taken.

    Attributes:
        phone: in international form.
        outcome: the carrier's word for it, once it is known.
    """

    gateway: str
    phone: str
    sign: str
    text: str
    template: str
    reference: str
    provider_id: str
    at: datetime
    delivered: bool | None = None
    outcome: str = ""
    reported_at: datetime | None = None

    @property
    def parts(self) -> int:
        """How many SMS it is charged as."""
        length = len(self.text) + len(self.sign) + 2
        return 1 if length <= 70 else -(-length // 67)


@dataclass(slots=True)
class Carrier:
    """What both clouds send over.

    Attributes:
        unreachable: numbers no message arrives at.
        faults: what goes wrong with the next requests, one each; None: nothing.
        late: late answers wait for it.
    """

    clock: Clock
    arrived: list[Arrived] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)
    faults: deque[Fault | str | None] = field(default_factory=deque)
    late: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def take(self, gateway: str, phone: str, sign: str, text: str, template: str, reference: str) -> Arrived:
        """Take a message; it is on the phone at once, its report comes later."""
        provider_id = f"{gateway}-{self.clock():%Y%m%d%H%M%S}-{next(self.numbers)}"
        message = Arrived(gateway, phone, sign, text, template, reference, provider_id, self.clock())
        self.arrived.append(message)
        return message

    def settle(self, message: Arrived) -> None:
        """The carrier learns whether the phone has it."""
        gone = message.phone in self.unreachable
        message.delivered, message.reported_at = not gone, self.clock()
        if message.gateway == "aliyun":
            message.outcome = "MOBILE_NOT_ON_SERVICE" if gone else "DELIVERED"
        else:
            message.outcome = "UNDELIV" if gone else "DELIVRD"

    def sent(self, gateway: str, phone: str, since: timedelta) -> list[Arrived]:
        """What a number got by a cloud lately."""
        start = self.clock() - since
        return [each for each in self.arrived if (each.gateway, each.phone) == (gateway, phone) and each.at > start]

    def next_fault(self) -> Fault | str | None:
        """What goes wrong with this request; a text is an error code the cloud answers."""
        return self.faults.popleft() if self.faults else None
