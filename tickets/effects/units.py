"""Which unit is to act: asking one, giving back, investigating together, ruling, assisting."""

from sqlalchemy import delete, func, select, update

from service.clock import china_date, shown_when
from service.identity.staff import units_of
from tickets.change import Change
from tickets.deadlines.terms import Term
from tickets.dispatch.rules import Rule, RulesRefused
from tickets.effects.words import reason_of_return
from tickets.moves import Verb
from tickets.records import CURRENTLY_INVOLVED
from tickets.refusal import MoveNotAllowed
from tickets.states import State
from tickets.tables import ticket_units, timeline
from tickets.units import directory, heir_of, names

RETURNS_BEFORE_INVESTIGATION = 2


def dispatch(change: Change) -> None:
    """A unit is asked to accept, others to assist (一单联派)."""
    if change.ticket.returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("这张工单已经退过两次，请组织联合调查后裁定。")
    _call(change)


def accept(change: Change) -> None:
    """The unit takes it on (签收), and with it the lead."""
    ticket = change.ticket
    change.values["lead"] = ticket.called
    if ticket.clocks.handle is None or ticket.lead != ticket.called:
        change.set_clocks(handle=change.start(Term.HANDLE))
    change.details["unit"] = ticket.called


def assign(change: Change) -> None:
    """Handed down to somebody inside the unit (交办)."""
    handler = change.given.handler
    if change.ticket.lead not in units_of(change.connection, handler):
        raise MoveNotAllowed(f"{handler} 不在本单位办工单，请选本单位在用的经办人账号。")
    change.values["handler"] = handler
    change.details["handler"] = handler


def request_return(change: Change) -> None:
    """The unit says that another one is right (退单), within the time and naming it."""
    ticket, named = change.ticket, change.unit(change.given.unit)
    if named == ticket.called:
        raise MoveNotAllowed("请写明应由哪个别的单位负责。")
    if ticket.returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("由哪个单位负责已经裁定，不能再退。有困难请联系热线协调。")
    since = ticket.dispatched_at or ticket.created_at
    until = change.timetable.start(Term.RETURN, change.terms, since).due_at
    if change.at > until:
        raise MoveNotAllowed(f"已超过退单时限（{shown_when(until)}前）。需要其他单位配合，请联系热线协调。")
    reason_of_return(change)
    change.note = change.given.reason
    change.details |= {"unit": ticket.called, "named": named}
    _involve(change, [code for code in (ticket.called, named) if code], "concerned")


def grant_return(change: Change) -> None:
    """Back to the dispatcher. The unit keeps the lead until another has accepted; a second return is investigated."""
    _count_return(change)
    change.details["unit"] = change.ticket.called
    change.values["called"] = None
    change.note = change.given.reason or None


def investigate(change: Change) -> None:
    """The units named look at it together (联合调查)."""
    named = sorted({change.unit(code) for code in change.given.units})
    if len(named) < 2:
        raise MoveNotAllowed("联合调查至少要有两个单位。")
    if change.ticket.state is State.RETURN_REQUESTED:
        change.values["returns"] = change.ticket.returns + 1
    change.details["investigating"] = named
    change.note = change.given.reason or None
    _involve(change, named, "investigating")


def rule(change: Change) -> None:
    """The hotline decides which unit it is; that is not given back again."""
    _call(change)
    if change.given.keep_as_rule:
        change.details["rule"] = _keep_as_rule(change)
    change.values["returns"] = max(change.ticket.returns, RETURNS_BEFORE_INVESTIGATION)
    ended = (ticket_units.c.ticket_id == change.ticket.id) & (ticket_units.c.part == "investigating")
    change.connection.execute(delete(ticket_units).where(ended))


def reassign(change: Change) -> None:
    """Another unit is asked (改派); the present lead stays responsible until it accepts."""
    if change.given.unit == change.ticket.called:
        raise MoveNotAllowed("这张工单已经派给这个单位。")
    change.details["before"] = change.ticket.called
    if change.ticket.state is State.RETURN_REQUESTED:
        _count_return(change)
    elif _reassigned(change) >= change.terms.reassigns:
        told = f"这张工单已经改派过 {change.terms.reassigns} 次。请组织有关单位联合调查，定下由谁负责，不再直接改派。"
        raise MoveNotAllowed(told)
    _call(change)


def succeed(change: Change) -> None:
    """Units that are no longer in use are replaced by those that have taken over. No clock moves."""
    ticket, by_code = change.ticket, {unit.code: unit for unit in directory(change.connection)}
    heirs = {
        code: heir_of(by_code[code], by_code).code for code in {ticket.lead, ticket.called, *change.involved} if code
    }
    replaced = {code: heir for code, heir in heirs.items() if heir != code}
    if not replaced:
        raise MoveNotAllowed("这张工单的单位都还在用，不用转。")
    for column in ("lead", "called"):
        if (code := getattr(ticket, column)) in replaced:
            change.values[column] = replaced[code]
    change.details |= {"unit": change.values.get("lead", ticket.lead), "before": sorted(replaced)}
    for code in change.involved & replaced.keys():
        _take_part_of(change, code, replaced[code])


def contribute(change: Change) -> None:
    """An assisting unit says its part."""
    mine = change.actor.units & change.involved
    these = (ticket_units.c.ticket_id == change.ticket.id) & ticket_units.c.unit.in_(mine)
    change.connection.execute(update(ticket_units).where(these).values(replied_at=change.at))
    change.note = change.given.text


def _keep_as_rule(change: Change) -> str:
    """The ruling for all requests of this kind; the number of the rule."""
    ticket, given = change.ticket, change.given
    if not (ticket.matter or ticket.category):
        raise MoveNotAllowed("请先给工单选好类别，裁定才能留作派单规则。")
    named = names((given.unit, *given.units))(change.connection)
    rule = Rule(
        key=f"裁定-{ticket.number}",
        lead=named[given.unit],
        assisting=tuple(named[code] for code in given.units if code != given.unit),
        matter=ticket.matter or "",
        category=ticket.category or "",
        place=ticket.street or "",
        decided_by=change.actor.name,
        decided_on=china_date(change.at),
        basis=given.reason,
    )
    try:
        change.rules.keep_ruling_within(change.connection, change.actor, rule)
    except RulesRefused as refused:
        raise MoveNotAllowed(str(refused)) from refused
    return rule.key


def _take_part_of(change: Change, code: str, heir: str) -> None:
    """What a unit had to do beside the lead is another's, unless that one does it already."""
    mine = (ticket_units.c.ticket_id == change.ticket.id) & ticket_units.c.part.in_(CURRENTLY_INVOLVED)
    theirs = set(change.connection.scalars(select(ticket_units.c.part).where(mine, ticket_units.c.unit == heir)))
    both = mine & (ticket_units.c.unit == code) & ticket_units.c.part.in_(theirs)
    change.connection.execute(delete(ticket_units).where(both))
    change.connection.execute(update(ticket_units).where(mine, ticket_units.c.unit == code).values(unit=heir))


def _reassigned(change: Change) -> int:
    """How often it was handed on since a ruling, but for returns, which are counted by themselves."""
    these = timeline.c.ticket_id == change.ticket.id
    ruled = select(func.max(timeline.c.id)).where(these, timeline.c.verb == Verb.RULE).scalar_subquery()
    plain = (timeline.c.verb == Verb.REASSIGN) & (timeline.c.source != State.RETURN_REQUESTED)
    since = timeline.c.id > func.coalesce(ruled, 0)
    return change.connection.scalar(select(func.count()).select_from(timeline).where(these, plain, since)) or 0


def _count_return(change: Change) -> None:
    returns = change.ticket.returns + 1
    if returns >= RETURNS_BEFORE_INVESTIGATION:
        raise MoveNotAllowed("这是第二次退单：请组织有关单位联合调查，不再直接改派。")
    change.values["returns"] = returns


def _call(change: Change) -> None:
    """Ask a unit to accept, with others assisting. The first one asked is responsible until another accepts."""
    given, ticket = change.given, change.ticket
    unit = change.unit(given.unit)
    assisting = [change.unit(code) for code in given.units if code != unit]
    change.values |= {"called": unit, "lead": ticket.lead or unit, "dispatched_at": change.at, "handler": None}
    change.details |= {"unit": unit, "assisting": assisting}
    _assist(change, assisting)
    change.note = given.reason or None


def _assist(change: Change, assisting: list[str]) -> None:
    """Those who assisted in an earlier dispatch have no part in this one."""
    others = ticket_units.c.unit.not_in(assisting) & (ticket_units.c.part == "assisting")
    change.connection.execute(delete(ticket_units).where(ticket_units.c.ticket_id == change.ticket.id, others))
    _involve(change, assisting, "assisting")


def _involve(change: Change, codes: list[str], part: str) -> None:
    rows = [{"ticket_id": change.ticket.id, "unit": code, "part": part, "since": change.at} for code in codes]
    change.insert_new(ticket_units, rows)
