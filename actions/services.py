"""The services actions call, set once when the process starts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from handover.asking import HandoverRequests
from knowledge_base.answer_log import AnswerLog
from knowledge_base.knowledge import Knowledge
from service.clock import Clock
from service.identity.verification import PhoneVerification
from service.settings import Settings
from tickets.desk import TicketDesk
from tickets.recurrence import Recurrence


@dataclass(frozen=True, slots=True)
class Services:
    """What an action may use.

    Attributes:
        last_said: the assistant's replies of the last turn in a conversation.
    """

    knowledge: Knowledge
    answer_log: AnswerLog
    desk: TicketDesk
    verification: PhoneVerification
    recurrence: Recurrence
    handovers: HandoverRequests
    settings: Settings
    clock: Clock
    last_said: Callable[[str], Awaitable[list[dict[str, Any]]]]


_services: Services | None = None


def use(services: Services | None) -> Services | None:
    """Set the services of this process; those it had before."""
    global _services  # Rasa constructs actions itself, without arguments
    before, _services = _services, services
    return before


def services() -> Services:
    """The services of this process.

    Raises:
        RuntimeError: the process has not been started as an assistant.
    """
    if _services is None:
        message = "no services: actions run only inside the assistant"
        raise RuntimeError(message)
    return _services
