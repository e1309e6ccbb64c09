"""What each move changes beyond the state, and when it is refused although the table allows it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.clock import china_date, shown_when
from service.identity.staff import units_of
from tickets.change import Change
from tickets.moves import Verb
from tickets.parties import Party
from tickets.refusal import MoveNotAllowed
from tickets.states import OPEN, State
from tickets.tables import links, surveys, ticket_units, tickets, timeline
from tickets.ticket import Outcome, Satisfaction
from tickets.timing import Facts, Step

RETURNS_BEFORE_INVESTIGATION = 2
CALLS_BEFORE_LAPSE = 2
REOPENED_WITHIN = timedelta(days=15)
EMERGENCY_NUMBERS = ("110", "119", "120", "122")


def _answer(change: Change) -> None:
    change.values["outcome"] = Outcome.DIRECT_ANSWER
    change.note = change.given.text


def _not_accept(change: Change) -> None:
    change.note = f"{change.given.reason}\n{change.given.route}"


def _classify(change: Change) -> None:
    given, ticket = change.given, change.ticket
    wanted = {"kind": given.kind, "category": given.category, "urgency": given.urgency}
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(ticket, name)}
    if not changed:
        raise MoveNotAllowed("分类没有变化，请选择新的类型、类别或紧急程度。")
    change.values |= changed
    change.details |= {name: [getattr(ticket, name), value] for name, value in changed.items()}
    facts = Facts(
        given.kind or ticket.kind, ticket.channel, given.urgency or ticket.urgency, given.category or ticket.category
    )
    # A promise once given is kept; a more pressing class may only bring it forward.
    sooner = max(change.timing.promise(facts, ticket.created_at), change.at)
    if sooner < ticket.promised_at:
        change.values["promised_at"] = sooner
        if ticket.handle_due is not None:
            change.values["handle_due"] = min(ticket.handle_due, sooner)


def _call(change: Change) -> None:
    """Ask a unit to accept, with others assisting. The first one asked is responsible until another accepts."""
    given, ticket = change.given, change.ticket
    unit = change.unit(given.unit)
    assisting = [change.unit(code) for code in given.units if code != unit]
    change.values |= {"called": unit, "lead": ticket.lead or unit, "dispatched_at": change.at, "handler": None}
    change.details |= {"unit": unit, "assisting": assisting}
    _involve(change, assisting, "assisting")
    change.note = given.reason or None


def _dispatch(change: Change) -> None:
    if change.ticket.returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("这张工单已经退过两次，请组织联合调查后裁定。")
    _call(change)


def _accept(change: Change) -> None:
    ticket = change.ticket
    own = ticket.handle_due if ticket.lead == ticket.called else None
    due = own or change.timing.step(Step.HANDLE, change.facts, change.at)
    change.values |= {"lead": ticket.called, "handle_due": min(due, ticket.promised_at)}
    change.details["unit"] = ticket.called


def _assign(change: Change) -> None:
    handler = change.given.handler
    if change.ticket.lead not in units_of(change.connection, handler):
        raise MoveNotAllowed(f"{handler} 不是本单位的人，请选本单位的经办人。")
    change.values["handler"] = handler
    change.details["handler"] = handler


def _request_return(change: Change) -> None:
    ticket, named = change.ticket, change.unit(change.given.unit)
    if named == ticket.called:
        raise MoveNotAllowed("请写明应由哪个别的单位负责。")
    if ticket.returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("由哪个单位负责已经裁定，不能再退。有困难请联系热线协调。")
    since = ticket.dispatched_at or ticket.created_at
    until = change.timing.return_until(change.facts, since)
    if change.at > until:
        raise MoveNotAllowed(f"已超过退单时限（{shown_when(until)}前）。需要其他单位配合，请联系热线协调。")
    change.note = change.given.reason
    change.details |= {"unit": ticket.called, "named": named}
    _involve(change, [code for code in (ticket.called, named) if code], "concerned")


def _grant_return(change: Change) -> None:
    returns = change.ticket.returns + 1
    if returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("这是第二次退单：请组织有关单位联合调查，不再直接改派。")
    change.details["unit"] = change.ticket.called
    change.values |= {"returns": returns, "called": None}
    change.note = change.given.reason or None


def _investigate(change: Change) -> None:
    named = sorted({change.unit(code) for code in change.given.units})
    if len(named) < 2:
        raise MoveNotAllowed("联合调查至少要有两个单位。")
    if change.ticket.state is State.RETURN_REQUESTED:
        change.values["returns"] = change.ticket.returns + 1
    change.details["investigating"] = named
    change.note = change.given.reason or None
    _involve(change, named, "investigating")


def _rule(change: Change) -> None:
    _call(change)
    change.details["keep_as_rule"] = change.given.keep_as_rule
    change.values["returns"] = max(change.ticket.returns, RETURNS_BEFORE_INVESTIGATION)
    ended = (ticket_units.c.ticket_id == change.ticket.id) & (ticket_units.c.part == "investigating")
    change.connection.execute(delete(ticket_units).where(ended))


def _reassign(change: Change) -> None:
    if change.given.unit == change.ticket.called:
        raise MoveNotAllowed("这张工单已经派给这个单位。")
    change.details["before"] = change.ticket.called
    _call(change)


def _request_extension(change: Change) -> None:
    ticket, until = change.ticket, change.given.until
    assert until is not None  # noqa: S101  # the table says it is needed
    if change.at >= min(ticket.promised_at, ticket.handle_due or ticket.promised_at):
        raise MoveNotAllowed("期限已过，不能再申请延期。请尽快办完，并向诉求人说明情况。")
    if ticket.extensions >= change.timing.extensions(change.facts):
        raise MoveNotAllowed("这张工单延期的次数已经用完。")
    latest = change.timing.extended_until(change.facts, ticket.promised_at)
    if not ticket.promised_at < until <= latest:
        since = shown_when(ticket.promised_at)
        raise MoveNotAllowed(f"新的期限要晚于现在的 {since}，最晚到 {shown_when(latest)}。")
    change.values["asked_until"] = until
    change.details["until"] = until.isoformat()
    change.note = change.given.reason


def _grant_extension(change: Change) -> None:
    ticket = change.ticket
    if change.at >= ticket.promised_at:
        raise MoveNotAllowed("答应诉求人的期限已过，延期不能补批。")
    change.values |= {
        "promised_at": ticket.asked_until,
        "handle_due": ticket.asked_until,
        "extensions": ticket.extensions + 1,
    }
    change.note = change.given.reason or _last_note(change, Verb.REQUEST_EXTENSION)


def _refuse_extension(change: Change) -> None:
    change.note = change.given.reason


def _suspend(change: Change) -> None:
    until = change.given.until
    assert until is not None  # noqa: S101  # the table says it is needed
    latest = change.timing.suspended_until(change.facts, change.at)
    if not change.at < until <= latest:
        raise MoveNotAllowed(f"等待诉求人补充最晚到 {shown_when(latest)}。")
    change.values |= {"paused_at": change.at, "step_due": until}
    change.details["until"] = until.isoformat()
    change.note = change.given.reason


def _resume(change: Change) -> None:
    ticket = change.ticket
    assert ticket.paused_at is not None  # noqa: S101  # a suspended ticket has one
    for name in ("promised_at", "handle_due"):
        due = getattr(ticket, name)
        if due is not None:
            change.values[name] = change.timing.shifted(due, ticket.paused_at, change.at)


def _contribute(change: Change) -> None:
    mine = change.actor.units & change.involved
    these = (ticket_units.c.ticket_id == change.ticket.id) & ticket_units.c.unit.in_(mine)
    change.connection.execute(update(ticket_units).where(these).values(replied_at=change.at))
    change.note = change.given.text


def _reply(change: Change) -> None:
    change.note = change.given.text


def _approve(change: Change) -> None:
    change.refuse_own_unit()
    change.note = _last_note(change, Verb.REPLY)


def _send_back(change: Change) -> None:
    change.refuse_own_unit()
    change.note = change.given.reason


def _rate(change: Change) -> None:
    if not change.given.solved:
        raise MoveNotAllowed("没有解决的话，请告诉我们还差什么，我们接着办。")
    _survey(change, solved=True)


def _dispute(change: Change) -> None:
    ticket = change.ticket
    if ticket.closed_at is not None and change.at > ticket.closed_at + REOPENED_WITHIN:
        raise MoveNotAllowed("这张工单已经结束一段时间了。请把现在的情况重新登记一件，我们会和原来的工单关联。")
    change.values |= {"outcome": None, "closed_at": None}
    change.note = change.given.reason
    _survey(change, solved=False)


def _resolve(change: Change) -> None:
    change.refuse_own_unit()
    if not change.given.solved:
        raise MoveNotAllowed("诉求人说没有解决：请重办；要求确实超出依据的，请说明后办结。")
    if (change.given.satisfaction or Satisfaction.SATISFIED) < Satisfaction.BASICALLY_SATISFIED:
        raise MoveNotAllowed("诉求人不满意：请问清原因后重办；要求确实超出依据的，请说明后办结。")
    change.values["outcome"] = Outcome.SOLVED
    change.note = change.given.text or None
    _survey(change, solved=True)


def _lapse(change: Change) -> None:
    change.refuse_own_unit()
    if _open_dispute(change) is not None:
        raise MoveNotAllowed("诉求人说没有解决：请重办；要求确实超出依据的，请说明后办结。")
    if Party.AGENT in change.parties and _calls(change) < CALLS_BEFORE_LAPSE:
        raise MoveNotAllowed(f"请先在不同时间回访 {CALLS_BEFORE_LAPSE} 次，都没有联系上再这样办结。")
    change.values["outcome"] = Outcome.NO_FEEDBACK


def _conclude(change: Change) -> None:
    change.refuse_own_unit()
    _judge(change, reasonable=False)
    change.values["outcome"] = Outcome.UNREASONABLE
    change.note = change.given.reason


def _rework(change: Change) -> None:
    change.refuse_own_unit()
    _judge(change, reasonable=True)
    promised = change.timing.rework(change.facts, change.at)
    change.values |= {"reworks": change.ticket.reworks + 1, "promised_at": promised, "handle_due": promised}
    change.note = change.given.reason


def _note(change: Change) -> None:
    change.note = change.given.text


def _urge(change: Change) -> None:
    urged_at = change.ticket.urged_at
    if urged_at is not None and china_date(urged_at) == china_date(change.at):
        raise MoveNotAllowed("今天已经替您催过一次，记在这张工单上了，办理的人看得到。")
    change.values["urged_at"] = change.at
    change.note = change.given.text or None


def _supervise(change: Change) -> None:
    change.details["level"] = change.given.level
    change.note = change.given.reason


def _merge(change: Change) -> None:
    other = _other(change)
    if other.state not in OPEN or other.merged_into is not None:
        raise MoveNotAllowed(f"工单 {change.given.other} 已经结束，不能并入。可以用“关联”。")
    statement = select(tickets.c.id).where(tickets.c.merged_into == change.ticket.id).limit(1)
    if change.connection.execute(statement).first() is not None:
        raise MoveNotAllowed("这张工单里已经并入了别的工单，请反过来并。")
    change.values["merged_into"] = other.id
    change.details["other"] = change.given.other


def _separate(change: Change) -> None:
    change.values |= {"merged_into": None, "closed_at": None, "called": None}
    change.note = change.given.reason or None


def _link(change: Change) -> None:
    other = _other(change)
    pairs = [(change.ticket.id, other.id), (other.id, change.ticket.id)]
    _insert_new(change, links, [{"ticket_id": this, "other_id": that} for this, that in pairs])
    change.details["other"] = change.given.other


def _transfer(change: Change) -> None:
    if change.given.route not in EMERGENCY_NUMBERS:
        raise MoveNotAllowed(f"请选择转到哪里：{'、'.join(EMERGENCY_NUMBERS)}。")
    change.details["route"] = change.given.route


def _nothing(change: Change) -> None:
    change.note = change.given.reason or change.given.text or None


def _other(change: Change) -> Any:
    if change.given.other == change.ticket.number:
        raise MoveNotAllowed("写的是这张工单自己的编号，请写另一张的。")
    wanted = tickets.c.number == change.given.other
    statement = select(tickets.c.id, tickets.c.state, tickets.c.merged_into).where(wanted).with_for_update()
    other = change.connection.execute(statement).one_or_none()
    if other is None:
        raise MoveNotAllowed(f"没有编号为 {change.given.other} 的工单，请核对。")
    return other


def _involve(change: Change, codes: list[str], part: str) -> None:
    rows = [{"ticket_id": change.ticket.id, "unit": code, "part": part, "since": change.at} for code in codes]
    _insert_new(change, ticket_units, rows)


def _insert_new(change: Change, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        dialect = sqlite if change.connection.dialect.name == "sqlite" else postgresql
        change.connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def _last_note(change: Change, verb: Verb) -> str | None:
    these = (timeline.c.ticket_id == change.ticket.id) & (timeline.c.verb == verb)
    statement = select(timeline.c.note).where(these).order_by(timeline.c.id.desc()).limit(1)
    return change.cipher.decrypt_text(change.connection.execute(statement).scalar_one_or_none())


def _calls(change: Change) -> int:
    since = select(func.max(timeline.c.id)).where(
        timeline.c.ticket_id == change.ticket.id, timeline.c.verb == Verb.APPROVE
    )
    these = (timeline.c.ticket_id == change.ticket.id) & (timeline.c.verb == Verb.CALL_BACK)
    statement = select(func.count()).select_from(timeline).where(these, timeline.c.id > since.scalar_subquery())
    return change.connection.execute(statement).scalar_one()


def _survey(change: Change, *, solved: bool) -> None:
    values = {
        "ticket_id": change.ticket.id,
        "at": change.at,
        "asked_by": change.actor.name,
        "unit": change.ticket.lead,
        "solved": solved,
        "satisfaction": change.given.satisfaction,
        "reasonable": None,
        "reason": change.cipher.encrypt_text(change.given.reason or None),
    }
    change.connection.execute(insert(surveys).values(values))
    change.details |= {"solved": solved, "satisfaction": change.given.satisfaction}


def _open_dispute(change: Change) -> int | None:
    """The last survey, when the citizen said that it is not solved and nobody has judged it yet."""
    statement = select(surveys).where(surveys.c.ticket_id == change.ticket.id).order_by(surveys.c.id.desc()).limit(1)
    row = change.connection.execute(statement).one_or_none()
    return None if row is None or row.solved or row.reasonable is not None else row.id


def _judge(change: Change, *, reasonable: bool) -> None:
    """Keep whether the citizen had ground to be unsatisfied; staff who called them say so on their behalf."""
    dispute = _open_dispute(change)
    if dispute is None:
        if change.given.solved is not False:
            raise MoveNotAllowed("请先记下诉求人说没有解决。")
        _survey(change, solved=False)
        dispute = _open_dispute(change)
    change.connection.execute(update(surveys).where(surveys.c.id == dispute).values(reasonable=reasonable))
    change.details["reasonable"] = reasonable


EFFECTS: dict[Verb, Callable[[Change], None]] = {
    Verb.ANSWER: _answer,
    Verb.NOT_ACCEPT: _not_accept,
    Verb.CLASSIFY: _classify,
    Verb.DISPATCH: _dispatch,
    Verb.ACCEPT: _accept,
    Verb.ASSIGN: _assign,
    Verb.REQUEST_RETURN: _request_return,
    Verb.GRANT_RETURN: _grant_return,
    Verb.REFUSE_RETURN: _nothing,
    Verb.INVESTIGATE: _investigate,
    Verb.RULE: _rule,
    Verb.REASSIGN: _reassign,
    Verb.REQUEST_EXTENSION: _request_extension,
    Verb.GRANT_EXTENSION: _grant_extension,
    Verb.REFUSE_EXTENSION: _refuse_extension,
    Verb.SUSPEND: _suspend,
    Verb.RESUME: _resume,
    Verb.CONTRIBUTE: _contribute,
    Verb.REPLY: _reply,
    Verb.SEND_BACK: _send_back,
    Verb.APPROVE: _approve,
    Verb.CALL_BACK: _note,
    Verb.RATE: _rate,
    Verb.DISPUTE: _dispute,
    Verb.RESOLVE: _resolve,
    Verb.LAPSE: _lapse,
    Verb.CONCLUDE: _conclude,
    Verb.REWORK: _rework,
    Verb.ADD: _note,
    Verb.URGE: _urge,
    Verb.SUPERVISE: _supervise,
    Verb.MERGE: _merge,
    Verb.SEPARATE: _separate,
    Verb.LINK: _link,
    Verb.WITHDRAW: _nothing,
    Verb.TRANSFER: _transfer,
    Verb.ARCHIVE: _nothing,
}
