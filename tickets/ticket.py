"""What a ticket is: what the citizen wants, who is responsible, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from tickets.clocks import Clocks
from tickets.consent import Consent
from tickets.states import State
from tickets.urgency import Urgency


class Kind(StrEnum):
    """What the citizen wants."""

    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    OTHER = "other"

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
    Kind.OTHER: "其他",
}


class Outcome(StrEnum):
    """How a ticket came to its end."""

    DIRECT_ANSWER = "direct_answer"
    SOLVED = "solved"
    UNREASONABLE = "unreasonable"
    NO_FEEDBACK = "no_feedback"

    @property
    def label(self) -> str:
        """The outcome as staff and reports call it."""
        return _OUTCOME_TITLES[self]


_OUTCOME_TITLES = {
    Outcome.DIRECT_ANSWER: "在线办结",
    Outcome.SOLVED: "诉求人确认解决",
    Outcome.UNREASONABLE: "已说明，要求超出依据",
    Outcome.NO_FEEDBACK: "多次联系没有回音",
}


class Satisfaction(IntEnum):
    """What a citizen says of the way a ticket was handled, in the five levels of the national scale."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    BASICALLY_SATISFIED = 3
    SATISFIED = 4
    VERY_SATISFIED = 5

    @property
    def label(self) -> str:
        """The level in Chinese."""
        return ("非常不满意", "不满意", "基本满意", "满意", "非常满意")[self - 1]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be registered, confirmed by the citizen or taken down by staff.

    Attributes:
        id: made when the form starts; sending the same draft again gives the same ticket.
        phone: in international form (+8613800138000), already checked; None for one who leaves none.
        street, community: where it is, by the names of the district's own list; not personal.
        confidential: the unit concerned must not learn who said it.
        external: the number another platform gave it.
        promised_at: the moment another platform promised it for; worked out from the time rules when None.
        consent: what the citizen agreed to in the dialogue; elsewhere whoever took it down answers for it.
    """

    id: str
    kind: Kind
    channel: str
    conversation: str
    description: str
    place: str
    name: str
    phone: str | None
    matter: str | None = None
    category: str | None = None
    urgency: Urgency = Urgency.NORMAL
    street: str | None = None
    community: str | None = None
    confidential: bool = False
    external: str | None = None
    promised_at: datetime | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened to a ticket.

    Attributes:
        unit: the unit the actor acted for, if any.
        details: what else was settled by it, without anything personal: units, moments, counts.
    """

    at: datetime
    actor: str
    verb: str
    note: str | None
    unit: str | None = None
    source: State | None = None
    target: State | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A registered request.

    Attributes:
        revision: counts the moves; who looked at an older one has not seen the last.
        lead: the unit responsible; it stays so until another has accepted (first-contact duty).
        called: the unit asked to accept.
        handler: who works on it inside the lead unit.
        returns: how often it was given back by a unit.
        clocks: the promise to the citizen, and what is due on the way.
        dispatched_at: when a unit was last asked.
        asked_extension: the extension asked for, not yet decided: 5个工作日.
        active_at: when somebody last did something for it.
        external: its number on the platform it came from.
    """

    id: int
    number: str
    kind: Kind
    state: State
    revision: int
    urgency: Urgency
    channel: str
    conversation: str
    description: str
    place: str | None
    requester_name: str | None
    requester_phone: str | None
    matter: str | None
    category: str | None
    street: str | None
    community: str | None
    confidential: bool
    lead: str | None
    called: str | None
    handler: str | None
    returns: int
    reworks: int
    extensions: int
    outcome: Outcome | None
    merged_into: int | None
    external: str | None
    created_at: datetime
    clocks: Clocks
    dispatched_at: datetime | None
    asked_extension: str | None
    urged_at: datetime | None
    active_at: datetime
    updated_at: datetime
    closed_at: datetime | None

    @property
    def promised_at(self) -> datetime:
        """Until when the citizen is promised a result."""
        return self.clocks.promise.due_at

    @property
    def promised_by(self) -> date:
        """The last day of the promise, in China."""
        return self.clocks.promise.last_day

    @property
    def step_due(self) -> datetime | None:
        """Until when the next thing has to be done, by whoever has to do it; None once it is closed."""
        return self.clocks.next_due(self.state)
