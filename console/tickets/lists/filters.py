"""Which tickets a list shows: a named view, narrowed by what stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.addresses import day_of
from service.clock import china_moment
from service.identity.roles import Actor
from tickets.lists import Filter
from tickets.states import State
from tickets.ticket import Kind
from tickets.urgency import Urgency
from tickets.views import VIEWS, View

NARROWED_BY = ("state", "kind", "unit", "category", "street", "urgency", "since", "until")
"""What of an address narrows a list."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The list somebody looks at."""

    name: str
    view: View
    wanted: Filter


def views_of(actor: Actor) -> dict[str, View]:
    """The lists that are somebody's work, by name; who only looks on gets those of everybody."""
    mine = {name: view for name, view in VIEWS.items() if not actor.roles.isdisjoint(view.roles)}
    return mine or {name: VIEWS[name] for name in ("overdue", "all")}


def chosen(actor: Actor, query: Mapping[str, str], at: datetime) -> Chosen:
    """What an address asks for; what it says wrongly does not count.

    Raises:
        ListRefused: nobody may see any of it.
    """
    mine = views_of(actor)
    name = query.get("view", "")
    name = name if name in mine else next(iter(mine))
    view = mine[name]
    return Chosen(name, view, _narrowed(view.filter(actor, at), query))


def is_narrowed(query: Mapping[str, str]) -> bool:
    """Whether an address asks for less than a whole view."""
    return any(query.get(name) for name in NARROWED_BY)


def _narrowed(wanted: Filter, query: Mapping[str, str]) -> Filter:
    state, kind, urgency = (query.get(name, "") for name in ("state", "kind", "urgency"))
    if state in set(State):
        wanted = replace(wanted, states=_both(wanted.states, State(state)))
    if unit := query.get("unit"):
        # Whoever looks after one unit only sees no other's, whatever the address says.
        wanted = replace(wanted, units=wanted.units & {unit} or wanted.units or frozenset({unit}))
    since, until = day_of(query.get("since", "")), day_of(query.get("until", ""))
    return replace(
        wanted,
        kind=Kind(kind) if kind in set(Kind) else wanted.kind,
        urgency=Urgency(urgency) if urgency in set(Urgency) else wanted.urgency,
        category=query.get("category") or wanted.category,
        street=query.get("street") or wanted.street,
        created_from=china_moment(since) if since else None,
        created_before=china_moment(until + _DAY) if until else None,
    )


def _both(states: frozenset[State], state: State) -> frozenset[State]:
    """The states a view and a filter have in common; a state outside the view does not count."""
    return frozenset({state}) if not states or state in states else states
