"""What is wrong with words before they leave, found while they are written: the very checks the move makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.effects.words import known_by
from tickets.moves import Verb
from tickets.replies.check import check_reason, check_reply
from tickets.replies.finding import Finding, Severity
from tickets.replies.shirking import check_return_reason
from tickets.ticket import Ticket

_ANSWERS = frozenset({Verb.REPLY, Verb.ANSWER, Verb.CONCLUDE})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding as it is shown.

    Attributes:
        stops: whether the words may not leave before it is put right; else a tick lets them pass.
        quoted: the words it is about; empty where it is about all of them.
    """

    code: str
    label: str
    stops: bool
    quoted: str
    suggestion: str
    start: int
    end: int


def read_words(
    verb: Verb, text: str, ticket: Ticket, earlier: Sequence[str], *, route: str = "", named_unit: str | None = None
) -> list[Doubt]:
    """What is wrong with the words of a move.

    Args:
        earlier: the replies the requester has already got, oldest first.
        route: what else they read below a reason.
        named_unit: the name of the unit that should act instead, of a return.
    """
    return doubts(text, _findings(verb, text, ticket, earlier, route, named_unit))


def doubts(text: str, findings: Sequence[Finding]) -> list[Doubt]:
    """Findings as they are shown."""
    return [_doubt(text, finding) for finding in findings]


def _findings(
    verb: Verb, text: str, ticket: Ticket, earlier: Sequence[str], route: str, named_unit: str | None
) -> list[Finding]:
    if verb in _ANSWERS:
        return check_reply(text, ticket.description, earlier, known=known_by(ticket))
    if verb is Verb.REQUEST_RETURN:
        return check_return_reason(text, named_unit)
    return check_reason(text, ticket.description, route, known=known_by(ticket))


def _doubt(text: str, finding: Finding) -> Doubt:
    start, end = finding.span
    part = text[start:end]
    quoted = "" if (start, end) == (0, len(text)) or "\n" in part else part
    hard = finding.severity is Severity.HARD
    return Doubt(finding.code, finding.code.label, hard, quoted, finding.suggestion, start, end)
