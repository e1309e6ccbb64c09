"""The page of one ticket: what was asked, what can be done now, and all that is known of it."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from console.forms import Form
from console.notices.shown import BADGES as NOTICE_KINDS
from console.tickets.one.asking import DRAFTED, WORDS, asked, first_form, label
from console.tickets.one.facts import Facts, facts_of
from console.tickets.one.telling import told
from console.tickets.one.words import Doubt
from console.tickets.options import category_options, street_options
from console.tickets.own import URGENCIES, number_in, similar_to
from console.visit import Visit
from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from tickets.deadlines.rule_file import CHANNELS
from tickets.effects.desk import EMERGENCY_NUMBERS
from tickets.moves import Verb
from tickets.states import State
from tickets.ticket import Kind, Satisfaction
from tickets.urgency import Urgency
from tickets.views import sees_every_ticket

_CHANNELS = {value: title for title, value in CHANNELS.items()}
_NEXT = {
    State.SUBMITTED: Verb.DISPATCH,
    State.DISPATCHED: Verb.ACCEPT,
    State.RETURN_REQUESTED: Verb.GRANT_RETURN,
    State.JOINT_INVESTIGATION: Verb.RULE,
    State.ACCEPTED: Verb.REPLY,
    State.IN_PROGRESS: Verb.REPLY,
    State.EXTENSION_REQUESTED: Verb.GRANT_EXTENSION,
    State.SUSPENDED: Verb.RESUME,
    State.REPLIED: Verb.APPROVE,
    State.CALLBACK: Verb.RESOLVE,
    State.DISPUTED: Verb.REWORK,
}
"""What usually comes next; its form is open from the start."""


async def show_ticket(visit: Visit) -> web.Response:
    """One ticket, masked."""
    facts = await visit.office.database.read(facts_of(visit.office, visit.actor, number_in(visit), visit.now))
    wanted = visit.query.get("move", "")
    verb = Verb(wanted) if wanted in set(Verb) and Verb(wanted) in facts.verbs else _usual(facts)
    form = Form() if verb is None else first_form(verb, facts.whole, facts.draft)
    if visit.query.get("other"):
        form = Form.of({"other": visit.query["other"]})
    return await ticket_page(visit, facts, verb, form)


async def show_in_full(visit: Visit) -> web.Response:
    """One ticket with its requester's data, for who said why; it is recorded."""
    number, form = number_in(visit), await visit.form()
    reason = form.text("why", missing="请写明为什么要看，会记下来。", limit=REASON_LIMIT)
    look = Recorded(visit.now, visit.actor.name, Deed.LOOK, number, reason)
    masked = facts_of(visit.office, visit.actor, number, visit.now)
    if not form.ok:
        facts = await visit.office.database.read(masked)
        return await ticket_page(visit, facts, None, form, status=422)
    revealed = facts_of(visit.office, visit.actor, number, visit.now, revealed=True)

    def look_at(connection: Any) -> Facts:
        facts = revealed(connection)
        record_within(connection, look)
        return facts

    facts = await visit.office.database.write(look_at)
    verb = _usual(facts)
    form = Form() if verb is None else first_form(verb, facts.whole, facts.draft)
    return await ticket_page(visit, facts, verb, form, revealed=True)


async def ticket_page(
    visit: Visit,
    facts: Facts,
    verb: Verb | None,
    form: Form,
    *,
    status: int = 200,
    found: Sequence[Doubt] = (),
    missed: int = 0,
    revealed: bool = False,
) -> web.Response:
    """The page with the form of one move open.

    Args:
        found: what is wrong with the words that were sent.
        missed: how many moves others made since the sender looked.
    """
    ticket = facts.whole
    fields = [] if verb is None else asked(verb, ticket)
    similar = []
    if sees_every_ticket(visit.actor) and ticket.state in (State.SUBMITTED, State.DISPATCHED, State.ACCEPTED):
        similar = await similar_to(visit, ticket)
    return visit.page(
        "tickets/ticket.html",
        status=status,
        facts=facts,
        ticket=facts.shown,
        verbs=_usual_first(facts),
        verb=verb,
        form=form,
        fields=[(name, label(verb, name)) for name in fields] if verb else [],
        told=told(verb, ticket, fields, facts.names) if verb else None,
        choices=_choices(visit, facts),
        words_field=WORDS.get(verb) if verb else None,
        drafted=verb in DRAFTED,
        doubts=found,
        confirmed=form.several("confirmed"),
        missed=facts.lines[-missed:] if missed else [],
        similar=similar,
        can_join=Verb.MERGE in facts.verbs,
        back="",
        names=facts.names,
        channel=_CHANNELS.get(ticket.channel, ticket.channel),
        revealed=revealed,
        files=await visit.office.attachments.of_ticket(ticket.id),
        urgencies=URGENCIES,
        notice_kinds=NOTICE_KINDS,
        hotline_sees=sees_every_ticket(visit.actor),
    )


def _usual(facts: Facts) -> Verb | None:
    verb = _NEXT.get(facts.whole.state)
    return verb if verb in facts.verbs else None


def _usual_first(facts: Facts) -> list[Verb]:
    usual = _usual(facts)
    return sorted(facts.verbs, key=lambda verb: verb is not usual)


def _choices(visit: Visit, facts: Facts) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in the fields of moves."""
    return {
        "unit": [("", "请选择"), *((unit.code, unit.name) for unit in facts.units if unit.active)],
        "handler": [("", "请选择"), *facts.people],
        "solved": [("", "请选择"), ("yes", "解决了"), ("no", "没有解决")],
        "satisfaction": [("", "没问到"), *((str(int(level)), level.label) for level in reversed(Satisfaction))],
        "level": [("", "请选择"), *facts.rungs],
        "route": [("", "请选择"), *((number, number) for number in EMERGENCY_NUMBERS)],
        "kind": [(kind.value, kind.label) for kind in Kind],
        "category": [("", "未分类"), *category_options(visit.office.categories, facts.whole.category)],
        "urgency": [(urgency.value, urgency.label) for urgency in Urgency],
        "street": street_options(visit),
    }
