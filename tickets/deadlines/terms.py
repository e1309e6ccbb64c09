"""What is given time: the promise to the citizen and each step on the way, and what the rules give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tickets.deadlines.span import Span


class Term(StrEnum):
    """A clock that can run for a ticket."""

    PROMISE = "promise"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    DECIDE = "decide"
    INVESTIGATE = "investigate"
    RETURN = "return"
    HANDLE = "handle"
    REPLY = "reply"
    CHECK = "check"
    CALLBACK = "callback"
    REWORK = "rework"

    @property
    def label(self) -> str:
        """What the clock is for, in Chinese."""
        return _LABELS[self]


_LABELS = {
    Term.PROMISE: "承诺时限",
    Term.DISPATCH: "派单时限",
    Term.ACCEPT: "签收时限",
    Term.DECIDE: "决定时限",
    Term.INVESTIGATE: "联合调查时限",
    Term.RETURN: "退单时限",
    Term.HANDLE: "办理时限",
    Term.REPLY: "答复时限",
    Term.CHECK: "审核时限",
    Term.CALLBACK: "回访时限",
    Term.REWORK: "重办时限",
}

WITHIN_PROMISE = frozenset(
    {Term.DISPATCH, Term.ACCEPT, Term.DECIDE, Term.INVESTIGATE, Term.HANDLE, Term.REPLY, Term.CHECK}
)
"""Steps that must end before the promise does; a callback follows it, and a rework is a promise of its own."""


@dataclass(frozen=True, slots=True)
class Given:
    """The time a rule gives for one clock.

    Attributes:
        calendar: key of the calendar by which it counts.
        rule: name of the rule, so that staff see why.
    """

    span: Span
    calendar: str
    rule: str


@dataclass(frozen=True, slots=True)
class Terms:
    """All the time a ticket is given, and how far it can be moved.

    Attributes:
        extensions: how often the promise may be extended.
        extend_by: the longest single extension.
        suspend_for: the longest single suspension; then the clock runs again by itself.
        reassigns: how often the hotline may hand it from one unit to another before the units look at it together.
    """

    given: Mapping[Term, Given]
    extensions: int
    extend_by: Given
    suspend_for: Given
    reassigns: int
