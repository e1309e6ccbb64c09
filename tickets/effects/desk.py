"""What the desk does before a unit is asked: answer, decline, classify, pass on to an emergency line."""

from tickets.change import Change
from tickets.refusal import MoveNotAllowed
from tickets.ticket import Outcome
from tickets.timing import Facts

EMERGENCY_NUMBERS = ("110", "119", "120", "122")


def answer(change: Change) -> None:
    """Answered on the spot (当场答复); counts as settled on line."""
    change.values["outcome"] = Outcome.DIRECT_ANSWER
    change.note = change.given.text


def not_accept(change: Change) -> None:
    """Not for the hotline: why, and where to turn to by law."""
    change.note = f"{change.given.reason}\n{change.given.route}"


def classify(change: Change) -> None:
    """Another kind, category or urgency. A promise once given is kept; a more pressing class may bring it forward."""
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
    sooner = max(change.timing.promise(facts, ticket.created_at), change.at)
    if sooner < ticket.promised_at:
        change.values["promised_at"] = sooner
        if ticket.handle_due is not None:
            change.values["handle_due"] = min(ticket.handle_due, sooner)


def transfer(change: Change) -> None:
    """To an emergency line."""
    if change.given.route not in EMERGENCY_NUMBERS:
        raise MoveNotAllowed(f"请选择转到哪里：{'、'.join(EMERGENCY_NUMBERS)}。")
    change.details["route"] = change.given.route
