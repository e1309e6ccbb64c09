"""What is known of a ticket when a period is over: one row a ticket, told by its timeline up to then.

Nothing that happens later changes it: state, promise, units and what the citizen said are those of that moment. The
timeline's numbers grow with time, so of two lines of a ticket the one with the greater number came later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from service.storage import Moment
from tickets.moves import Verb
from tickets.states import CLOSED, OPEN, State
from tickets.tables import surveys, tickets, timeline
from tickets.ticket import Satisfaction

FACTS = {
    "registered": "本期登记",
    "dispatched": "本期第一次派单",
    "closed": "本期结束，期末没有重新打开",
    "closed_by_end": "期末已经结束",
    "open": "期末还没有结束",
    "due": "承诺的时间在本期（含延期、重办后的新承诺）",
    "overdue": "期末没有结束，承诺的时间已过",
    "in_time": "在承诺的时间内把结果告诉了诉求人，或者结束",
    "answered": "单位的答复审核通过，告诉了诉求人",
    "direct": "热线当场答复办结（在线办结）",
    "not_accepted": "期末是不受理",
    "withdrawn": "期末是诉求人撤销",
    "merged": "期末是并入同类工单",
    "transferred": "期末是转了紧急热线",
    "accepted": "单位签收了",
    "accepted_in_time": "第一次派单后，单位在签收时限内签收",
    "accept_over": "第一次派单的签收时限已过",
    "passed_on": "第一次派单后没有签收，先申请了退单或被改派",
    "return_asked": "单位申请过退单",
    "return_upheld": "退单被同意，或者因退单转为联合调查",
    "reassigned": "改派过",
    "extended": "延过期",
    "reworked": "重办过",
    "disputed": "诉求人反映过没有解决",
    "reached": "诉求人说了是否解决",
    "tried": "回访过，没有接通",
    "anonymous": "没有留电话",
    "said": "诉求人最后一次说是否解决，是在本期",
    "solved": "诉求人最后说解决了",
    "rated": "诉求人最后一次说时给了满意度，是在本期",
    "satisfied": "最后给的满意度是基本满意以上",
    "unfounded": "诉求人说没有解决，经核实要求没有依据，说明后办结",
}
"""Every fact conditions may speak of, by its name, with what it means."""

SPLITS = ("kind", "category", "street", "channel")
"""What of a ticket's own row reports can be split by, beside its units."""

_CALLS = (Verb.DISPATCH, Verb.REASSIGN, Verb.RULE)


class moment_of(GenericFunction[datetime]):  # noqa: N801  # the name it has in SQL
    """A moment written in ISO 8601, as the database compares moments."""

    type = Moment()
    inherit_cache = True


@compiles(moment_of, "postgresql")
def _postgresql(element: moment_of, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TIMESTAMP WITH TIME ZONE)"


@compiles(moment_of, "sqlite")
def _sqlite(element: moment_of, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f000', {compiler.process(element.clauses, **options)})"


@dataclass(frozen=True, slots=True)
class _Window:
    begins: ColumnElement[datetime]
    ends: ColumnElement[datetime]

    def has(self, moment: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(moment >= self.begins, moment < self.ends)


def concerned(begins: datetime, ends: datetime) -> Select[tuple[int]]:
    """The tickets a report on a period may count, by id."""
    # What did not move since the period began, is not open and was promised for before it, was over before it.
    touched = or_(
        tickets.c.updated_at >= begins,
        tickets.c.promised_at >= begins,
        tickets.c.state.in_(bindparam("open", sorted(OPEN), expanding=True, literal_execute=True)),
    )
    return select(tickets.c.id).where(tickets.c.created_at < ends, touched).order_by(tickets.c.id)


def facts_between(begins: datetime, ends: datetime) -> CTE:
    """One row for each ticket of the parameter `some`, ids: its facts (0 or 1), units and `SPLITS`."""
    window = _Window(bindparam("begins", begins, Moment()), bindparam("ends", ends, Moment()))
    splits = [tickets.c[name] for name in SPLITS]
    kept = (tickets.c.id, tickets.c.created_at, tickets.c.requester_phone.is_(None).label("anonymous"), *splits)
    candidates = select(*kept).where(tickets.c.id.in_(bindparam("some", expanding=True))).cte("candidates")
    lines = _lines(candidates, window).cte("lines")
    return _joined(candidates, lines, _last_surveys(candidates, window), window).cte("facts")


def _lines(candidates: CTE, window: _Window) -> Select[Any]:
    """What the timeline of each candidate says up to the end, by one look at each line."""
    line = timeline.c

    def number(which: Any, condition: ColumnElement[bool]) -> ColumnElement[Any]:
        found: ColumnElement[Any] = which(case((condition, line.id)))
        return found

    def moment(which: Any, condition: ColumnElement[bool]) -> ColumnElement[Any]:
        found: ColumnElement[Any] = which(case((condition, line.at)))
        return found

    def ever(*verbs: Verb) -> ColumnElement[Any]:
        return func.max(case((line.verb.in_(verbs), 1), else_=0))

    opening = line.target.in_(sorted(OPEN)) & or_(line.source.is_(None), line.source.in_(sorted(CLOSED)))
    closing = line.target.in_(sorted(CLOSED)) & line.source.in_(sorted(OPEN))
    calls = line.verb.in_(_CALLS)
    columns = {
        "opened": number(func.max, opening),
        "closed": number(func.max, closing),
        "closed_at": moment(func.max, closing),
        "suspended": number(func.max, line.verb == Verb.SUSPEND),
        "unsuspended": number(func.max, line.source == State.SUSPENDED),
        "promised": number(func.max, line.details["clocks"]["promise"].as_string().is_not(None)),
        "called": number(func.min, calls),
        "called_at": moment(func.min, calls),
        "first_accept": number(func.min, line.verb == Verb.ACCEPT),
        "accepted_at": moment(func.min, line.verb == Verb.ACCEPT),
        "last_accept": number(func.max, line.verb.in_((Verb.ACCEPT, Verb.SUCCEED))),
        "approved": number(func.max, line.verb == Verb.APPROVE),
        "approved_at": moment(func.max, line.verb == Verb.APPROVE),
        "rework": number(func.max, line.verb == Verb.REWORK),
        "passed": number(func.min, line.verb.in_((Verb.REQUEST_RETURN, Verb.REASSIGN))),
        "return_asked": ever(Verb.REQUEST_RETURN),
        "return_upheld": func.max(
            case(
                (line.verb == Verb.GRANT_RETURN, 1),
                (line.verb.in_((Verb.INVESTIGATE, Verb.REASSIGN)) & (line.source == State.RETURN_REQUESTED), 1),
                else_=0,
            )
        ),
        "reassigned": ever(Verb.REASSIGN),
        "extended": ever(Verb.GRANT_EXTENSION),
        "reworked": ever(Verb.REWORK),
        "disputed": ever(Verb.DISPUTE),
        "tried": ever(Verb.CALL_BACK),
    }
    ends = (Verb.ANSWER, Verb.NOT_ACCEPT, Verb.WITHDRAW, Verb.MERGE, Verb.TRANSFER, Verb.CONCLUDE)
    columns |= {verb.value: number(func.max, closing & (line.verb == verb)) for verb in ends}
    return (
        select(line.ticket_id, *(column.label(name) for name, column in columns.items()))
        .join_from(candidates, timeline, line.ticket_id == candidates.c.id)
        .where(line.at < window.ends)
        .group_by(line.ticket_id)
    )


def _last_surveys(candidates: CTE, window: _Window) -> CTE:
    """What the citizen of each candidate said last."""
    last = (
        select(func.max(surveys.c.id).label("id"))
        .join_from(candidates, surveys, surveys.c.ticket_id == candidates.c.id)
        .where(surveys.c.at < window.ends)
        .group_by(surveys.c.ticket_id)
        .subquery("last_surveys")
    )
    return select(surveys).join(last, surveys.c.id == last.c.id).cte("surveyed")


def _joined(candidates: CTE, lines: CTE, surveyed: CTE, window: _Window) -> Select[Any]:
    line, survey = lines.c, surveyed.c
    promise, call, accept = (timeline.alias(name) for name in ("promise", "call", "accept"))
    due = moment_of(promise.c.details["clocks"]["promise"][1].as_string())
    accept_by = moment_of(call.c.details["step_due"].as_string())
    is_closed = func.coalesce(line.closed, 0) > line.opened
    is_open = ~is_closed
    waits = func.coalesce(line.suspended, 0) > func.coalesce(line.unsuspended, 0)
    answered = func.coalesce(line.approved, 0) > func.coalesce(line.rework, 0)
    told_at = case((answered, line.approved_at), (is_closed, line.closed_at))
    said_unsolved = survey.solved.is_(False)
    found: dict[str, ColumnElement[Any]] = {
        "registered": window.has(candidates.c.created_at),
        "dispatched": window.has(line.called_at),
        "closed": is_closed & window.has(line.closed_at),
        "closed_by_end": is_closed,
        "open": is_open,
        "due": window.has(due) & ~waits,
        "overdue": is_open & (due < window.ends) & ~waits,
        "in_time": told_at <= due,
        "answered": answered,
        "direct": is_closed & (line[Verb.ANSWER] == line.closed),
        "not_accepted": is_closed & (line[Verb.NOT_ACCEPT] == line.closed),
        "withdrawn": is_closed & (line[Verb.WITHDRAW] == line.closed),
        "merged": is_closed & (line[Verb.MERGE] == line.closed),
        "transferred": is_closed & (line[Verb.TRANSFER] == line.closed),
        "accepted": line.first_accept.is_not(None),
        "accepted_in_time": line.accepted_at <= accept_by,
        "accept_over": accept_by < window.ends,
        "passed_on": line.passed < func.coalesce(line.first_accept, line.passed + 1),
        "reached": survey.id.is_not(None),
        "anonymous": candidates.c.anonymous,
        "said": window.has(survey.at) & survey.solved.is_not(None),
        "solved": survey.solved.is_(True),
        "rated": window.has(survey.at) & survey.satisfaction.is_not(None),
        "satisfied": survey.satisfaction >= Satisfaction.BASICALLY_SATISFIED,
        "unfounded": is_closed & (line[Verb.CONCLUDE] == line.closed) & said_unsolved,
    }
    found |= {name: line[name] == 1 for name in FACTS if name not in found}
    asked = func.coalesce(call.c.details["unit"].as_string(), call.c.unit)
    return (
        select(
            candidates.c.id,
            func.coalesce(accept.c.unit, accept.c.details["unit"].as_string(), asked).label("lead"),
            asked.label("asked"),
            *(candidates.c[name] for name in SPLITS),
            *_as_numbers((name, found[name]) for name in FACTS),
        )
        .join_from(candidates, lines, line.ticket_id == candidates.c.id)
        .outerjoin(promise, promise.c.id == line.promised)
        .outerjoin(call, call.c.id == line.called)
        .outerjoin(accept, accept.c.id == line.last_accept)
        .outerjoin(surveyed, survey.ticket_id == candidates.c.id)
    )


def _as_numbers(found: Iterable[tuple[str, ColumnElement[Any]]]) -> list[ColumnElement[int]]:
    """Facts as 0 or 1; what is not known is no fact."""
    return [case((condition, literal(1)), else_=literal(0)).label(name) for name, condition in found]
