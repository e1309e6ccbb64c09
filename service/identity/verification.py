"""Proving a phone number in a dialogue: a code goes there by SMS and comes back in the conversation."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from service.identity.citizens import Citizens
from service.identity.codes import Code, CodeRefused


class CodeNotSent(Exception):
    """The code did not go out.

    Attributes:
        lasting: whether it is of no use to try again with this number.
        after: when it is worth trying again, if the gateway said so.
    """

    def __init__(self, *, lasting: bool, after: timedelta | None = None) -> None:
        super().__init__("refused" if lasting else "not now")
        self.lasting = lasting
        self.after = after


class CodePerhapsSent(Exception):
    """Nobody knows whether the code went out; sending it again settles it."""


class CodeSender(Protocol):
    """Sends codes; the same id reaches nobody twice."""

    async def send_code(self, code: Code) -> None:
        """Send a code to its phone.

        Raises:
            CodeNotSent: it did not go out.
            CodePerhapsSent: the answer was lost.
        """


class Sending(StrEnum):
    """What became of a wish for a code."""

    SENT = "sent"
    PERHAPS = "perhaps"
    TOO_SOON = "too_soon"
    TOO_MANY = "too_many"
    LATER = "later"
    NOT_NOW = "not_now"
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class PhoneVerification:
    """Sends codes for conversations.

    Attributes:
        sender: None where no SMS gateway is set up; then nothing can be proved.
    """

    citizens: Citizens
    sender: CodeSender | None = None

    async def send(self, conversation: str, phone: str) -> tuple[Sending, timedelta | None]:
        """Send a code; what became of it, and after which time another can be had.

        Nothing here depends on whether the number is known.

        Raises:
            RuntimeError: there is nothing to send with.
        """
        if self.sender is None:
            message = "no way to send codes"
            raise RuntimeError(message)
        try:
            code = await self.citizens.ask_code(conversation, phone)
        except CodeRefused as refused:
            return (Sending.TOO_SOON if refused.after else Sending.TOO_MANY), refused.after
        try:
            await self.sender.send_code(code)
        except CodePerhapsSent:
            return Sending.PERHAPS, None
        except CodeNotSent as failed:
            await self.citizens.code_not_sent(code)
            if failed.lasting:
                return Sending.UNREACHABLE, None
            return (Sending.LATER if failed.after else Sending.NOT_NOW), failed.after
        await self.citizens.code_sent(code)
        return Sending.SENT, None
