"""What is given with a move: the reason, the reply, the unit called … and whether all that is needed is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tickets.moves import Move, Need
from tickets.refusal import MoveNotAllowed
from tickets.ticket import Kind, Satisfaction
from tickets.urgency import Urgency

TEXT_LIMIT = 5000
_REASON_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """What is given with a move. Which of it is needed, the table of moves says.

    Attributes:
        text: a reply, an answer, a note: what the requester may read.
        reason: why; read by whoever the move tells.
        route: where the requester can turn to instead, or the emergency number a call was passed to.
        unit: the code of the unit called, or named as the right one.
        units: codes of further units: assisting ones, or those who investigate together.
        until: the last moment to wait for the requester; as long as the rules allow if None.
        span: how much longer: 5个工作日.
        other: another ticket's number.
        level: which rung of supervision.
        confirmed: codes of doubtful findings the actor has looked at and lets pass.
        street: by its name in the district's own list.
        keep_as_rule: whether a ruling becomes a dispatch rule.
    """

    reason: str = ""
    text: str = ""
    route: str = ""
    unit: str = ""
    units: tuple[str, ...] = ()
    handler: str = ""
    until: datetime | None = None
    span: str = ""
    other: str = ""
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    level: str = ""
    kind: Kind | None = None
    category: str | None = None
    urgency: Urgency | None = None
    street: str | None = None
    confirmed: frozenset[str] = field(default_factory=frozenset)
    keep_as_rule: bool = False

    @classmethod
    def of(cls, **values: Any) -> "Given":
        """What is given, with texts trimmed."""
        trimmed: dict[str, Any] = {
            name: value.strip() if type(value) is str else value for name, value in values.items()
        }
        return cls(**trimmed)

    def check(self, move: Move) -> None:
        """See that all that is needed is there, and that nothing is longer than can be kept.

        Raises:
            MoveNotAllowed: what is missing, in words for the one who gives it.
        """
        values: Mapping[Need, object] = {need: getattr(self, need.value) for need in move.needs}
        for need, value in values.items():
            if value is None or value in ("", ()):
                raise MoveNotAllowed(need.missing)
        for text, limit in ((self.text, TEXT_LIMIT), (self.reason, _REASON_LIMIT), (self.route, _REASON_LIMIT)):
            if len(text) > limit:
                raise MoveNotAllowed(f"写得太长了：最多 {limit} 个字，现在 {len(text)} 个。")
