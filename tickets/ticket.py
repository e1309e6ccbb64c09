"""What a ticket is: its kind, its state, and how both are called."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What the citizen wants."""

    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"

    @property
    def label(self) -> str:
        """The kind in Chinese."""
        return _KIND_TITLES[self]


_KIND_TITLES = {
    Kind.CONSULTATION: "咨询",
    Kind.HELP: "求助",
    Kind.COMPLAINT: "投诉",
    Kind.REPORT: "举报",
    Kind.SUGGESTION: "建议",
    Kind.PRAISE: "表扬",
}


class State(StrEnum):
    """Where a ticket stands."""

    SUBMITTED = "submitted"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    CALLBACK = "callback"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words citizens use."""
        return _STATE_WORDS[self][0]

    @property
    def next_step(self) -> str:
        """What happens next, told to the citizen."""
        return _STATE_WORDS[self][1]


_STATE_WORDS = {
    State.SUBMITTED: ("已登记", "接下来由热线工作人员核对内容，转给负责的单位。"),
    State.DISPATCHED: ("已转单位", "接下来由负责的单位签收。"),
    State.ACCEPTED: ("单位已签收", "接下来由负责的单位联系您并着手解决。"),
    State.IN_PROGRESS: ("单位正在解决", "有结果后单位会答复您。"),
    State.REPLIED: ("单位已答复", "接下来由热线回访您，听您说问题解决了没有。"),
    State.CALLBACK: ("回访中", "请您告诉我们问题是否解决。"),
    State.RESOLVED: ("已解决", "如果问题又出现，随时告诉我们。"),
    State.WITHDRAWN: ("已撤销", "您可以随时重新登记。"),
}

STEPS = (State.SUBMITTED, State.DISPATCHED, State.IN_PROGRESS, State.REPLIED, State.RESOLVED)
"""The steps a citizen is shown; states between two of them count as the earlier one."""

_STEP_OF = {State.ACCEPTED: State.DISPATCHED, State.CALLBACK: State.REPLIED}


def step_of(state: State) -> State:
    """The shown step a state belongs to."""
    return _STEP_OF.get(state, state)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the citizen has confirmed and wants registered.

    Attributes:
        id: made when the form starts; sending the same draft again gives the same ticket.
        phone: in international form (+8613800138000), already checked.
    """

    id: str
    kind: Kind
    channel: str
    conversation: str
    description: str
    place: str
    name: str
    phone: str
    matter: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened to a ticket."""

    at: datetime
    actor: str
    verb: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A registered request."""

    id: int
    number: str
    kind: Kind
    state: State
    channel: str
    conversation: str
    description: str
    place: str | None
    requester_name: str | None
    requester_phone: str | None
    matter: str | None
    created_at: datetime
    promised_by: date
    updated_at: datetime
