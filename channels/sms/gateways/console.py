"""A gateway that prints: what would be sent, on standard error. For trying things out without an account."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

from channels.sms.gateways.gateway import Asked, Outgoing, Report
from channels.sms.parts import signed
from service.privacy import mask_personal_data

NAME = "console"


@dataclass(frozen=True, slots=True)
class ConsoleGateway:
    """See `Gateway`. Nothing it prints costs anything, and it forgets what it printed."""

    sign: str
    name: str = NAME
    price_fen: float = 0.0
    variable_length: int = 35
    certain_after: timedelta | None = timedelta(0)
    output: TextIO = sys.stderr

    def template(self, key: str) -> str | None:
        """See `Gateway`."""
        return key

    async def send(self, message: Outgoing) -> str:
        """See `Gateway`."""
        print(f"短信 → {mask_personal_data(message.phone)}  {signed(self.sign, message.text)}", file=self.output)
        return message.reference

    async def query(self, asked: Asked) -> Report | None:
        """See `Gateway`."""
        return None
