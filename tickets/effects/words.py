"""What units write is read before it leaves: what harms or says nothing stops, what is doubtful is confirmed."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from service.encryption import Cipher
from tickets.change import Change
from tickets.masking import is_confidential
from tickets.moves import Verb
from tickets.refusal import WordsRefused
from tickets.replies.check import check_reason, check_reply
from tickets.replies.finding import Finding, stops
from tickets.replies.shirking import check_return_reason
from tickets.tables import timeline, units
from tickets.ticket import Ticket


def reply(change: Change) -> None:
    """The unit's answer to the requester; also the desk's own."""
    _check_answer(change, change.given.text)
    change.note = change.given.text


def explanation(change: Change) -> None:
    """Why it ends here although the requester is not satisfied; for them it is the answer."""
    _check_answer(change, change.given.reason)
    change.note = change.given.reason


def told_reason(change: Change) -> None:
    """A reason the requester reads, with the way they can go where one is given."""
    given = change.given
    ticket = change.ticket
    findings = check_reason(given.reason, ticket.description, given.route, known=known_by(ticket))
    _let_pass(change, findings)
    change.note = f"{given.reason}\n{given.route}" if given.route else given.reason


def _check_answer(change: Change, text: str) -> None:
    ticket = change.ticket
    earlier = earlier_replies(ticket.id, change.cipher)(change.connection)
    _let_pass(change, check_reply(text, ticket.description, earlier, known=known_by(ticket)))


def known_by(ticket: Ticket) -> list[str]:
    """What the requester is known by, which may be repeated to them."""
    # To let the name of one who reported pass would tell the unit that it guessed right.
    named = () if is_confidential(ticket) else (ticket.requester_name, ticket.requester_phone)
    known = [each for each in named if each]
    return known + [phone.removeprefix("+86") for phone in known if phone.startswith("+86")]


def reason_of_return(change: Change) -> None:
    """Why another unit is right; shirking is no reason."""
    statement = select(units.c.name).where(units.c.code == change.given.unit)
    named = change.connection.execute(statement).scalar_one_or_none()
    _let_pass(change, check_return_reason(change.given.reason, named))


def earlier_replies(ticket_id: int, cipher: Cipher) -> Callable[[Connection], list[str]]:
    """A unit of work: the replies the requester has already got, oldest first."""
    told = (timeline.c.ticket_id == ticket_id) & (timeline.c.verb == Verb.APPROVE)
    statement = select(timeline.c.note).where(told).order_by(timeline.c.id)
    return lambda connection: [text for note in connection.scalars(statement) if (text := cipher.decrypt_text(note))]


def _let_pass(change: Change, findings: list[Finding]) -> None:
    if not stops(findings):
        findings = [finding for finding in findings if finding.code not in change.given.confirmed]
    if findings:
        raise WordsRefused(findings)
    if change.given.confirmed:
        change.details["confirmed"] = sorted(change.given.confirmed)
