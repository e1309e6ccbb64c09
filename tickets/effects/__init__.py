"""What each move changes beyond the state, and when it is refused although the table allows it."""

from collections.abc import Callable

from tickets.change import Change
from tickets.effects import beside, desk, joining, time, units, verdict, words
from tickets.moves import Verb

EFFECTS: dict[Verb, Callable[[Change], None]] = {
    Verb.ANSWER: desk.answer,
    Verb.NOT_ACCEPT: desk.not_accept,
    Verb.CLASSIFY: desk.classify,
    Verb.DISPATCH: units.dispatch,
    Verb.ACCEPT: units.accept,
    Verb.ASSIGN: units.assign,
    Verb.REQUEST_RETURN: units.request_return,
    Verb.GRANT_RETURN: units.grant_return,
    Verb.REFUSE_RETURN: beside.nothing,
    Verb.INVESTIGATE: units.investigate,
    Verb.RULE: units.rule,
    Verb.REASSIGN: units.reassign,
    Verb.SUCCEED: units.succeed,
    Verb.REQUEST_EXTENSION: time.request_extension,
    Verb.GRANT_EXTENSION: time.grant_extension,
    Verb.REFUSE_EXTENSION: beside.nothing,
    Verb.SUSPEND: time.suspend,
    Verb.RESUME: time.resume,
    Verb.CONTRIBUTE: units.contribute,
    Verb.REPLY: words.reply,
    Verb.SEND_BACK: verdict.send_back,
    Verb.APPROVE: verdict.approve,
    Verb.CALL_BACK: beside.note,
    Verb.RATE: verdict.rate,
    Verb.DISPUTE: verdict.dispute,
    Verb.RESOLVE: verdict.resolve,
    Verb.LAPSE: verdict.lapse,
    Verb.CONCLUDE: verdict.conclude,
    Verb.REWORK: verdict.rework,
    Verb.ADD: joining.add,
    Verb.URGE: beside.urge,
    Verb.SUPERVISE: beside.supervise,
    Verb.MERGE: joining.merge,
    Verb.SEPARATE: joining.separate,
    Verb.LINK: joining.link,
    Verb.WITHDRAW: joining.withdraw,
    Verb.TRANSFER: desk.transfer,
    Verb.ARCHIVE: verdict.archive,
}
"""By verb; what a move is beside its line in the table."""
