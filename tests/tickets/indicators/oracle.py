"""What the facts of a ticket are, told slowly: its timeline is read line by line, as a person would."""

from datetime import datetime

from tickets.moves import Verb
from tickets.states import CLOSED, OPEN, State

ENDS = {
    Verb.ANSWER: "direct",
    Verb.NOT_ACCEPT: "not_accepted",
    Verb.WITHDRAW: "withdrawn",
    Verb.MERGE: "merged",
    Verb.TRANSFER: "transferred",
}
EVER = {
    Verb.REQUEST_RETURN: "return_asked",
    Verb.GRANT_RETURN: "return_upheld",
    Verb.REASSIGN: "reassigned",
    Verb.GRANT_EXTENSION: "extended",
    Verb.REWORK: "reworked",
    Verb.DISPUTE: "disputed",
    Verb.CALL_BACK: "tried",
    Verb.ACCEPT: "accepted",
}


def facts_of(ticket, lines, surveys, begins, ends):
    """The names of the facts that hold, and the units: (facts, lead, asked); None before the ticket was registered."""

    def in_period(moment):
        return moment is not None and begins <= moment < ends

    facts, state, due, told_at, closed_at, closed_by = set(), None, None, None, None, None
    lead, asked, accept_by, accepted_at, passed_on = None, None, None, None, False
    for line in lines:
        if line.at >= ends:
            break
        verb, details = Verb(line.verb), line.details or {}
        before, state = state, State(line.target)
        if verb in EVER:
            facts.add(EVER[verb])
        if "promise" in details.get("clocks", {}):
            due = datetime.fromisoformat(details["clocks"]["promise"][1])
        if verb in (Verb.DISPATCH, Verb.RULE, Verb.REASSIGN):
            lead = lead or details["unit"]
            if asked is None:
                asked, accept_by = details["unit"], datetime.fromisoformat(details["step_due"])
                if in_period(line.at):
                    facts.add("dispatched")
        if verb in (Verb.REQUEST_RETURN, Verb.REASSIGN) and accepted_at is None:
            passed_on = True
        if verb in (Verb.INVESTIGATE, Verb.REASSIGN) and before is State.RETURN_REQUESTED:
            facts.add("return_upheld")
        if verb is Verb.ACCEPT:
            lead, accepted_at = line.unit, accepted_at or line.at
        if verb is Verb.APPROVE:
            told_at = line.at
        if verb is Verb.REWORK:
            told_at = None
        if state in CLOSED and before in OPEN:
            closed_at, closed_by = line.at, verb
        if state in OPEN:
            closed_at = closed_by = None
    if state is None:
        return None
    said = [survey for survey in surveys if survey.at < ends]
    last = said[-1] if said else None
    is_open = state in OPEN
    resulted = told_at or closed_at
    facts |= {
        name
        for name, holds in {
            "registered": in_period(ticket.created_at),
            "closed": in_period(closed_at),
            "closed_by_end": not is_open,
            "open": is_open,
            "due": in_period(due) and state is not State.SUSPENDED,
            "overdue": is_open and state is not State.SUSPENDED and due < ends,
            "in_time": resulted is not None and resulted <= due,
            "answered": told_at is not None,
            "accepted_in_time": accepted_at is not None and accepted_at <= accept_by,
            "accept_over": accept_by is not None and accept_by < ends,
            "passed_on": passed_on,
            "reached": last is not None,
            "anonymous": ticket.requester_phone is None,
            "said": last is not None and in_period(last.at),
            "solved": last is not None and last.solved,
            "rated": last is not None and in_period(last.at) and last.satisfaction is not None,
            "satisfied": last is not None and (last.satisfaction or 0) >= 3,
            "unfounded": closed_by is Verb.CONCLUDE and last is not None and not last.solved,
            ENDS.get(closed_by, ""): True,
        }.items()
        if holds and name
    }
    return facts, lead, asked
