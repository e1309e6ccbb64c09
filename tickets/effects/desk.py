"""What the desk does before a unit is asked: answer, decline, classify, pass on to an emergency line."""

from dataclasses import replace

from tickets.change import Change
from tickets.deadlines.calendar import in_china
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.terms import Term
from tickets.effects.words import reply, told_reason
from tickets.masking import is_confidential
from tickets.refusal import MoveNotAllowed
from tickets.ticket import Outcome

EMERGENCY_NUMBERS = ("110", "119", "120", "122")


def answer(change: Change) -> None:
    """Answered on the spot (当场答复); counts as settled on line."""
    reply(change)
    change.values["outcome"] = Outcome.DIRECT_ANSWER


def not_accept(change: Change) -> None:
    """Not for the hotline: why, and where to turn to by law."""
    told_reason(change)


def classify(change: Change) -> None:
    """Another kind, category, urgency or street. A promise is kept; a more pressing class may bring it forward."""
    given, ticket = change.given, change.ticket
    wanted = {"kind": given.kind, "category": given.category, "urgency": given.urgency, "street": given.street}
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(ticket, name)}
    if not changed:
        raise MoveNotAllowed("分类没有变化，请选择新的类型、类别、紧急程度或街道。")
    if "street" in changed:
        if given.street not in change.gazetteer.streets:
            raise MoveNotAllowed(f"街道名单里没有“{given.street}”，请从名单里选。")
        change.values["community"] = None  # it lies in the street that was wrong
    change.values |= changed
    change.details |= {name: [getattr(ticket, name), value] for name, value in changed.items()}
    if is_confidential(ticket):
        change.values["confidential"] = True  # who reported stays unknown, whatever it is called now
    terms = change.timetable.terms(
        kind=given.kind or ticket.kind,
        channel=ticket.channel,
        urgency=given.urgency or ticket.urgency,
        category=given.category or ticket.category or "",
        at=ticket.created_at,
    )
    sooner = change.timetable.start(Term.PROMISE, terms, ticket.created_at)
    if sooner.due_at < ticket.promised_at and not ticket.clocks.promise.is_paused:
        promise = sooner if sooner.due_at > change.at else replace(sooner, due_at=in_china(change.at))
        handle = ticket.clocks.handle
        change.set_clocks(promise=promise, handle=handle and _within(handle, promise))


def transfer(change: Change) -> None:
    """To an emergency line."""
    if change.given.route not in EMERGENCY_NUMBERS:
        raise MoveNotAllowed(f"请选择转到哪里：{'、'.join(EMERGENCY_NUMBERS)}。")
    change.details["route"] = change.given.route


def _within(handle: Countdown, promise: Countdown) -> Countdown:
    return replace(handle, due_at=min(handle.due_at, promise.due_at))
