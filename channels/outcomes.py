"""How a message to an outside service ends when it does not simply arrive: the same words for every service."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Remedy(StrEnum):
    """What is to be done about a refusal."""

    RETRY = "retry"  # the service's own trouble: again soon
    REFRESH = "refresh"  # our token is stale: a new one, then again once
    DELAY = "delay"  # too often or too early: again when the service allows it
    SPLIT = "split"  # too long: in smaller pieces
    ANOTHER_WAY = "another_way"  # not by this service now: the next rung of the ladder
    PERMANENT = "permanent"  # never for this person or these words
    ALARM = "alarm"  # the account or its settings: nothing goes out until somebody mends it


@dataclass(eq=False)
class SendRefused(Exception):
    """The service said no; nothing reached the person.

    Attributes:
        service: who refused: wechat, aliyun, tencent …
        code: the service's own, as it gave it.
        reason: in Chinese, for staff: what it means and how to mend it. Nothing personal.
        after: the earliest moment worth another try, from now; None: as the remedy says.
    """

    service: str
    code: str
    reason: str
    remedy: Remedy
    after: timedelta | None = None


@dataclass(eq=False)
class SendUnknown(Exception):
    """Nobody knows whether it went out: the answer was lost. Ask the service before sending again.

    Attributes:
        reason: in Chinese, for staff.
    """

    service: str
    reason: str
