"""The one check every reply passes before it goes to a citizen."""

from collections.abc import Collection, Sequence

from tickets.replies.asked import check_touched
from tickets.replies.contradictions import check_contradictions
from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.personal import check_names, check_personal_data
from tickets.replies.phrases import usual_rules
from tickets.replies.rules import Rules
from tickets.replies.shirking import check_shirking
from tickets.replies.spelling import check_spelling
from tickets.replies.substance import check_filled, check_phrases, check_reason_given, check_substance

_SAYS_IT_ALL = (Code.NOTHING_SAID, Code.ONLY_PASSED_ON)


def check_reply(
    reply: str,
    request: str,
    earlier: Sequence[str] = (),
    *,
    known: Collection[str] = (),
    rules: Rules | None = None,
) -> list[Finding]:
    """What is wrong with a unit's reply, the gravest first, then in the order of the text.

    Args:
        request: what the citizen wrote: title and story.
        earlier: replies the same citizen got about this, oldest first.
        known: what the citizen is known by, as name and phone, which may be repeated to them.
        rules: the seed's if None.
    """
    rules = rules or usual_rules()
    substance = list(check_substance(reply, request, rules))
    findings = [
        *substance,
        *check_shirking(reply, rules),
        *check_filled(reply, rules),
        *check_personal_data(reply, request, known, rules),
        *check_names(reply, request, known, rules),
        *check_contradictions(reply, earlier),
        *check_spelling(reply, rules),
    ]
    if not any(finding.code in _SAYS_IT_ALL for finding in substance):
        findings += [*check_phrases(reply, rules), *check_touched(reply, request, rules)]
    return _in_order(findings)


def check_reason(
    reason: str, request: str, route: str = "", *, known: Collection[str] = (), rules: Rules | None = None
) -> list[Finding]:
    """What is wrong with a reason the citizen reads: for more time, for what is missing, for not being accepted.

    A reason may be brief and need not answer the request; else it is read like a reply, see `check_reply`.

    Args:
        route: the way the citizen can go instead, which they read below the reason.
    """
    rules = rules or usual_rules()
    told = f"{reason}\n{route}" if route else reason
    return _in_order(
        [
            *check_reason_given(reason, rules),
            *check_shirking(told, rules),
            *check_filled(told, rules),
            *check_personal_data(told, request, known, rules),
            *check_names(told, request, known, rules),
            *check_spelling(told, rules),
            *check_phrases(told, rules),
        ]
    )


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.severity is Severity.SOFT, finding.span, finding.code))
