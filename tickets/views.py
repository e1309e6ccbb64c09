"""The lists staff work from, by name: what each holds, in which order, and whose work it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.clock import china_date, china_moment
from service.identity.roles import Actor, Role
from tickets.lists import LONG_OVERDUE, Filter, ListRefused, Order
from tickets.parties import parties_of
from tickets.states import WORKING, State
from tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class View:
    """A list with a name.

    Attributes:
        wanted: which tickets stand in it at a moment.
        roles: whose start page shows it.
        beside: whether it holds what a unit assists or investigates, whoever leads.
        own: whether it holds only what was handed to whoever looks.
        steps: whether it goes by the present step; a unit sees the steps that it has to do itself.
    """

    label: str
    wanted: Callable[[datetime], Filter]
    roles: tuple[Role, ...]
    order: Order = Order.STEP
    beside: bool = False
    own: bool = False
    steps: bool = False

    def filter(self, actor: Actor, at: datetime) -> Filter:
        """What of the list somebody may see.

        Raises:
            ListRefused: none of it.
        """
        if not self.beside:
            wanted = replace(self.wanted(at), handler=actor.name) if self.own else self.wanted(at)
            if self.steps and not sees_every_ticket(actor):
                wanted = replace(wanted, states=_UNITS_TURN)
            return filter_for(actor, wanted)
        if not actor.units:
            raise ListRefused("这份清单是给单位的：您的账号不属于任何单位。")
        return replace(self.wanted(at), involved=actor.units)


def _in(*states: State) -> Callable[[datetime], Filter]:
    wanted = Filter(states=frozenset(states))
    return lambda _: wanted


def _due_today(at: datetime) -> Filter:
    return Filter(is_open=True, step_from=at, step_before=china_moment(china_date(at) + timedelta(days=1)))


_UNITS_TURN = frozenset({State.DISPATCHED, *WORKING})
"""Where the next step is the unit's: to accept, to work and answer. Checking, ruling and calling back are others'."""

_DESK = (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR)
_UNIT = (Role.UNIT_CLERK, Role.UNIT_HEAD)
VIEWS = {
    "to_dispatch": View("待派单", _in(State.SUBMITTED), (Role.DISPATCHER,)),
    "to_accept": View("待签收", _in(State.DISPATCHED), (*_UNIT, Role.DISPATCHER)),
    "mine": View("我经办的", lambda _: Filter(is_open=True), _UNIT, own=True),
    "in_work": View("在办", _in(*WORKING, State.EXTENSION_REQUESTED, State.SUSPENDED), (*_UNIT, Role.SUPERVISOR)),
    "assisting": View("协办和参与调查", lambda _: Filter(is_open=True), _UNIT, Order.PROMISE, beside=True),
    "to_decide": View("待决定", _in(State.RETURN_REQUESTED, State.EXTENSION_REQUESTED), (Role.DISPATCHER,)),
    "extensions": View("待定延期", _in(State.EXTENSION_REQUESTED), (Role.SUPERVISOR,)),  # returns are the dispatchers'
    "joint": View("联合调查", _in(State.JOINT_INVESTIGATION), (Role.DISPATCHER, Role.SUPERVISOR, Role.UNIT_HEAD)),
    "to_check": View("待审核答复", _in(State.REPLIED), (Role.AGENT, Role.DISPATCHER)),
    "to_call": View("待回访", _in(State.CALLBACK), (Role.AGENT,)),
    "to_judge": View("反映没解决", _in(State.DISPUTED), _DESK),
    "today": View("今天到期", _due_today, (*_DESK, *_UNIT), steps=True),
    "step_overdue": View("环节超时", lambda at: Filter(is_open=True, step_before=at), (*_DESK, *_UNIT), steps=True),
    "overdue": View("逾期未办结", lambda at: Filter(is_open=True, promised_before=at), (*_DESK, *_UNIT), Order.PROMISE),
    "long_overdue": View(
        "逾期超过30天",
        lambda at: Filter(is_open=True, promised_before=at - LONG_OVERDUE),
        (Role.SUPERVISOR, *_UNIT),
        Order.PROMISE,
    ),
    "returned": View("退过单的", lambda _: Filter(is_open=True, returned=True), (Role.DISPATCHER, Role.SUPERVISOR)),
    "all": View("全部", lambda _: Filter(), (*_DESK, *_UNIT), Order.NEWEST),
}
"""Every named list, by its name in addresses and commands."""

_WHOLE_HOTLINE = frozenset({Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})


def sees_every_ticket(actor: Actor) -> bool:
    """Whether somebody looks after the whole hotline and not a unit."""
    return not actor.roles.isdisjoint(_WHOLE_HOTLINE)


def refuse_units(actor: Actor) -> None:
    """What is said of a ticket with others' tickets as the reason is for the hotline.

    Raises:
        ListRefused: they look after a unit only.
    """
    if not sees_every_ticket(actor):
        raise ListRefused("派单建议和同类工单会提到别的单位的工单，由热线的同事来看。")


def filter_for(actor: Actor, wanted: Filter) -> Filter:
    """What of a list somebody may see: everything for the hotline, their own for a unit, nothing for others.

    Raises:
        ListRefused: none of it.
    """
    if sees_every_ticket(actor):
        return wanted
    theirs = actor.units & wanted.units if wanted.units else actor.units
    if not theirs:
        raise ListRefused("只能看本单位的工单。需要看别的，请联系热线。")
    return replace(wanted, units=theirs)


def may_see(actor: Actor, ticket: Ticket, involved: frozenset[str]) -> bool:
    """Whether somebody may see a ticket: the hotline every one, a unit those it has a part in.

    Args:
        involved: codes of the units assisting or investigating.
    """
    return sees_every_ticket(actor) or bool(parties_of(actor, ticket, involved))
