"""What is said of a reply: by those who check it, and by the citizen."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update

from service.clock import shown_when
from service.outbox import outbox
from tickets.change import Change
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.terms import Term
from tickets.effects.words import explanation
from tickets.moves import Verb
from tickets.parties import Party
from tickets.refusal import MoveNotAllowed
from tickets.states import State
from tickets.tables import surveys, timeline
from tickets.ticket import Outcome, Satisfaction

CALLS_BEFORE_LAPSE = 2
REOPENED_WITHIN = timedelta(days=15)


def approve(change: Change) -> None:
    """The reply answers what was asked; the requester gets it."""
    change.refuse_own_unit()
    change.note = change.last_note(Verb.REPLY)


def send_back(change: Change) -> None:
    """The reply does not answer what was asked."""
    change.refuse_own_unit()
    if change.ticket.clocks.handle is not None:
        change.set_clocks(handle=_later(change.ticket.clocks.handle, change.start(Term.REPLY)))
    change.note = change.given.reason


def rate(change: Change) -> None:
    """A closed ticket is rated, or the reply to the one it was merged into."""
    if not change.given.solved:
        raise MoveNotAllowed("没有解决的话，请告诉我们还差什么，我们接着办。")
    _survey(change, solved=True)


def dispute(change: Change) -> None:
    """The requester says that it is not solved; also of a ticket closed a while ago."""
    ticket = change.ticket
    if ticket.closed_at is not None and change.at > ticket.closed_at + REOPENED_WITHIN:
        raise MoveNotAllowed("这张工单已经结束一段时间了。请把现在的情况重新登记一件，我们会和原来的工单关联。")
    change.values |= {"outcome": None, "closed_at": None}
    change.note = change.given.reason
    _survey(change, solved=False)


def archive(change: Change) -> None:
    """Put away (归档), once the requester's time to say that it is not solved is over."""
    ticket = change.ticket
    if ticket.state is State.RESOLVED and ticket.closed_at is not None:
        until = ticket.closed_at + REOPENED_WITHIN
        if change.at <= until:
            raise MoveNotAllowed(f"诉求人在{shown_when(until)}前还可以说没有解决，过后再归档。")
    change.note = change.given.reason or None


def resolve(change: Change) -> None:
    """The requester says that it is solved."""
    change.refuse_own_unit()
    if not change.given.solved:
        raise MoveNotAllowed("诉求人说没有解决：请重办；要求确实超出依据的，请说明后办结。")
    if (change.given.satisfaction or Satisfaction.SATISFIED) < Satisfaction.BASICALLY_SATISFIED:
        raise MoveNotAllowed("诉求人不满意：请问清原因后重办；要求确实超出依据的，请说明后办结。")
    change.values["outcome"] = Outcome.SOLVED
    change.note = change.given.text or None
    _survey(change, solved=True)


def lapse(change: Change) -> None:
    """The requester says nothing, though asked several times."""
    change.refuse_own_unit()
    asked_by_message = Party.PROGRAM in change.parties and _was_asked(change)
    if not asked_by_message and _calls(change) < CALLS_BEFORE_LAPSE:
        raise MoveNotAllowed(f"请先在不同时间回访 {CALLS_BEFORE_LAPSE} 次，都没有联系上再这样办结。")
    change.values["outcome"] = Outcome.NO_FEEDBACK


def conclude(change: Change) -> None:
    """Unsatisfied without ground: explained, and kept out of the adjusted rate."""
    change.refuse_own_unit()
    _judge(change, reasonable=False)
    change.values["outcome"] = Outcome.UNREASONABLE
    explanation(change)


def rework(change: Change) -> None:
    """Unsatisfied with ground (重办): once more, with a new and shorter promise."""
    change.refuse_own_unit()
    _judge(change, reasonable=True)
    again = change.start(Term.REWORK)
    change.set_clocks(promise=again, handle=again)
    change.values["reworks"] = change.ticket.reworks + 1
    change.note = change.given.reason


def _later(one: Countdown, other: Countdown) -> Countdown:
    """Time to write the reply anew, where the unit's own is nearly over."""
    return max(one, other, key=lambda clock: clock.due_at)


def _survey(change: Change, *, solved: bool) -> None:
    satisfaction = change.given.satisfaction
    if satisfaction is None and not solved and (said := _last_survey(change)) is not None:
        satisfaction = said.satisfaction  # the level they gave before they said what is missing
    values = {
        "ticket_id": change.ticket.id,
        "at": change.at,
        "asked_by": change.actor.name,
        "unit": change.ticket.lead,
        "solved": solved,
        "satisfaction": satisfaction,
        "reasonable": None,
        "reason": change.cipher.encrypt_text(change.given.reason or None),
    }
    change.connection.execute(insert(surveys).values(values))
    change.details |= {"solved": solved, "satisfaction": satisfaction}


def _open_dispute(change: Change) -> int | None:
    """The last survey, when the citizen said that it is not solved and nobody has judged it yet."""
    row = _last_survey(change)
    return None if row is None or row.solved or row.reasonable is not None else row.id


def _last_survey(change: Change) -> Row[Any] | None:
    statement = select(surveys).where(surveys.c.ticket_id == change.ticket.id).order_by(surveys.c.id.desc()).limit(1)
    return change.connection.execute(statement).one_or_none()


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


def _was_asked(change: Change) -> bool:
    """Whether the message that asks if it is solved has reached its requester; a portal's citizens get none."""
    asked = change.connection.scalar(_last_approval(change))
    this = outbox.c.key == f"ticket {change.ticket.id} {asked}"
    sent = select(outbox.c.id).where(this, outbox.c.sent_at.is_not(None))
    return change.connection.execute(sent).first() is not None


def _last_approval(change: Change) -> Select[tuple[int]]:
    approved = (timeline.c.ticket_id == change.ticket.id) & (timeline.c.verb == Verb.APPROVE)
    return select(func.max(timeline.c.id)).where(approved)


def _calls(change: Change) -> int:
    since = _last_approval(change)
    these = (timeline.c.ticket_id == change.ticket.id) & (timeline.c.verb == Verb.CALL_BACK)
    statement = select(func.count()).select_from(timeline).where(these, timeline.c.id > since.scalar_subquery())
    return change.connection.execute(statement).scalar_one()
