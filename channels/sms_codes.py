"""Codes that prove a phone number, sent by SMS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from channels.outcomes import Remedy, SendRefused, SendUnknown
from service.identity.codes import Code
from service.identity.verification import CodeNotSent, CodePerhapsSent


class Sms(Protocol):
    """What this needs of `channels.sms.sending.SmsDesk`."""

    async def send(self, order: Any) -> Any:
        """Send an order once.

        Raises:
            SendRefused: see there.
            SendUnknown: see there.
        """


@dataclass(frozen=True, slots=True)
class SmsCodes:
    """Implements `service.identity.verification.CodeSender`.

    Attributes:
        order: makes an order (`channels.sms.sending.SmsOrder`).
    """

    sms: Sms
    order: Callable[..., Any]

    async def send_code(self, code: Code) -> None:
        """See `CodeSender`."""
        try:
            order = self.order(id=code.id, phone=code.phone, purpose="code", values={"code": code.text}, urgent=True)
            await self.sms.send(order)
        except SendUnknown as unknown:
            raise CodePerhapsSent from unknown
        except SendRefused as refused:
            raise CodeNotSent(lasting=refused.remedy is Remedy.PERMANENT) from refused
