"""A text message service in a test: what was sent, and how it may fail."""

from dataclasses import dataclass, field

import pytest

from actions.services import services
from channels.sms.codes import SmsCodes
from channels.sms.sending import SmsOrder


@dataclass
class FakeSms:
    orders: dict[str, SmsOrder] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    async def send(self, order):
        if self.failures:
            raise self.failures.pop(0)
        self.orders[order.id] = order

    @property
    def last(self):
        return list(self.orders.values())[-1]

    @property
    def code(self):
        return self.last.values["code"]


@pytest.fixture
def sms(parts):
    """Codes go out here; without this fixture nothing can be sent."""
    fake = FakeSms()
    services().verification.sender = SmsCodes(fake)
    yield fake
    services().verification.sender = None
