"""Codes that prove a phone number, sent by SMS."""

from dataclasses import dataclass

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.sending import SmsDesk, SmsOrder
from service.identity.codes import Code
from service.identity.verification import CodeNotSent, CodePerhapsSent


@dataclass(frozen=True, slots=True)
class SmsCodes:
    """Implements `service.identity.verification.CodeSender`."""

    desk: SmsDesk

    async def send_code(self, code: Code) -> None:
        """See `CodeSender`."""
        order = SmsOrder(code.id, code.phone, "code", {"code": code.text}, urgent=True)
        try:
            await self.desk.send(order)
        except SendUnknown as unknown:
            raise CodePerhapsSent from unknown
        except SendRefused as refused:
            raise CodeNotSent(lasting=refused.remedy is Remedy.PERMANENT, after=refused.after) from refused
