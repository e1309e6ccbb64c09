"""The life of a ticket, as data: who may move it from where to where, what must be given, and who is told.

Pages show their buttons from this table, the API refuses from it, docs/tickets.md draws itself from it, and the
property test walks it at random.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tickets.parties import Party
from tickets.states import ASKED, CLOSED, OPEN, WORKING, State
from tickets.ticket import Ticket


class Verb(StrEnum):
    """What can be done with a ticket."""

    SUBMIT = "submit"
    ANSWER = "answer"
    NOT_ACCEPT = "not_accept"
    CLASSIFY = "classify"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    ASSIGN = "assign"
    REQUEST_RETURN = "request_return"
    GRANT_RETURN = "grant_return"
    REFUSE_RETURN = "refuse_return"
    INVESTIGATE = "investigate"
    RULE = "rule"
    REASSIGN = "reassign"
    SUCCEED = "succeed"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    SUSPEND = "suspend"
    RESUME = "resume"
    CONTRIBUTE = "contribute"
    REPLY = "reply"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    CALL_BACK = "call_back"
    RATE = "rate"
    DISPUTE = "dispute"
    RESOLVE = "resolve"
    LAPSE = "lapse"
    CONCLUDE = "conclude"
    REWORK = "rework"
    ADD = "add"
    URGE = "urge"
    SUPERVISE = "supervise"
    MERGE = "merge"
    SEPARATE = "separate"
    LINK = "link"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"
    ARCHIVE = "archive"

    @property
    def label(self) -> str:
        """The verb as staff call it."""
        return MOVES[self].label


class Need(StrEnum):
    """What has to be given with a move; the names are those of `Given`."""

    REASON = "reason"
    TEXT = "text"
    ROUTE = "route"
    UNIT = "unit"
    UNITS = "units"
    HANDLER = "handler"
    SPAN = "span"
    OTHER = "other"
    SOLVED = "solved"
    LEVEL = "level"

    @property
    def label(self) -> str:
        """What it is called in Chinese."""
        return _NEEDED[self]

    @property
    def missing(self) -> str:
        """What to tell who left it out."""
        return _MISSING[self]


_NEEDED = {
    Need.REASON: "原因",
    Need.TEXT: "内容",
    Need.ROUTE: "可走的途径",
    Need.UNIT: "单位",
    Need.UNITS: "参与的单位",
    Need.HANDLER: "经办人",
    Need.SPAN: "延长多久",
    Need.OTHER: "另一张工单的编号",
    Need.SOLVED: "是否解决",
    Need.LEVEL: "督办级别",
}

_MISSING = {
    Need.REASON: "请写明原因。",
    Need.TEXT: "请写上内容。",
    Need.ROUTE: "请告诉诉求人可以走的途径。",
    Need.UNIT: "请选择单位。",
    Need.UNITS: "请选择参与的单位，至少两个。",
    Need.HANDLER: "请选择经办人。",
    Need.SPAN: "请写明延长多久，例如“5个工作日”。",
    Need.OTHER: "请写明另一张工单的编号。",
    Need.SOLVED: "请选择问题是否解决。",
    Need.LEVEL: "请选择督办的级别。",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done with a ticket.

    Attributes:
        source: the states it is possible in.
        target: the state it leads to; None where the state stays.
        by: the parts of which an actor needs one.
        needs: what must be given.
        tells: who learns of it. The requester is told in words of `tickets/announcements.yml`.
    """

    label: str
    source: frozenset[State]
    target: State | None
    by: frozenset[Party]
    needs: tuple[Need, ...] = ()
    tells: frozenset[Party] = field(default_factory=frozenset)


_P, _S, _N = Party, State, Need
_DESK = (_P.AGENT, _P.DISPATCHER)
_CALLABLE = (_S.DISPATCHED, *WORKING)
_UNITS = (_P.LEAD, _P.CALLED, _P.INVOLVED)


def _move(
    label: str,
    source: Iterable[State],
    target: State | None,
    by: Iterable[Party],
    needs: tuple[Need, ...] = (),
    tells: Iterable[Party] = (),
) -> Move:
    return Move(label, frozenset(source), target, frozenset(by), needs, frozenset(tells))


_WORK_OR_ASKED = (*WORKING, _S.EXTENSION_REQUESTED)
MOVES = {
    Verb.SUBMIT: _move(
        "登记", (), _S.SUBMITTED, (_P.REQUESTER, _P.AGENT, _P.PROGRAM), (), (_P.REQUESTER, _P.DISPATCHER)
    ),
    Verb.ANSWER: _move("当场答复", (_S.SUBMITTED,), _S.RESOLVED, _DESK, (_N.TEXT,), (_P.REQUESTER,)),
    Verb.NOT_ACCEPT: _move("不受理", (_S.SUBMITTED,), _S.NOT_ACCEPTED, _DESK, (_N.REASON, _N.ROUTE), (_P.REQUESTER,)),
    Verb.CLASSIFY: _move("修改分类", OPEN, None, _DESK),
    # From the desk to a unit.
    Verb.DISPATCH: _move(
        "派单",
        (_S.SUBMITTED,),
        _S.DISPATCHED,
        (_P.DISPATCHER, _P.PROGRAM),
        (_N.UNIT,),
        (_P.REQUESTER, _P.CALLED, _P.INVOLVED),
    ),
    Verb.ACCEPT: _move("签收", (_S.DISPATCHED,), _S.ACCEPTED, (_P.CALLED,), (), (_P.REQUESTER, _P.DISPATCHER)),
    Verb.ASSIGN: _move("交办", WORKING, _S.IN_PROGRESS, (_P.LEAD,), (_N.HANDLER,), (_P.HANDLER,)),
    # Which unit is right.
    Verb.REQUEST_RETURN: _move(
        "申请退单",
        (_S.DISPATCHED, _S.ACCEPTED),
        _S.RETURN_REQUESTED,
        (_P.CALLED_HEAD,),
        (_N.REASON, _N.UNIT),
        (_P.DISPATCHER,),
    ),
    Verb.GRANT_RETURN: _move("同意退单", (_S.RETURN_REQUESTED,), _S.SUBMITTED, (_P.DISPATCHER,), (), (_P.CALLED,)),
    Verb.REFUSE_RETURN: _move(
        "不同意退单", (_S.RETURN_REQUESTED,), _S.DISPATCHED, (_P.DISPATCHER,), (_N.REASON,), (_P.CALLED,)
    ),
    Verb.INVESTIGATE: _move(
        "联合调查",
        (_S.SUBMITTED, _S.RETURN_REQUESTED, *_CALLABLE),
        _S.JOINT_INVESTIGATION,
        (_P.DISPATCHER,),
        (_N.UNITS,),
        (_P.REQUESTER, _P.CALLED, _P.LEAD, _P.INVOLVED, _P.SUPERVISOR),
    ),
    Verb.RULE: _move(
        "裁定",
        (_S.JOINT_INVESTIGATION,),
        _S.DISPATCHED,
        (_P.DISPATCHER, _P.SUPERVISOR),
        (_N.UNIT, _N.REASON),
        (_P.REQUESTER, _P.CALLED, _P.INVOLVED),
    ),
    Verb.REASSIGN: _move(
        "改派",
        (*_CALLABLE, _S.RETURN_REQUESTED, _S.EXTENSION_REQUESTED),
        _S.DISPATCHED,
        (_P.DISPATCHER,),
        (_N.UNIT, _N.REASON),
        (_P.REQUESTER, _P.LEAD, _P.CALLED),
    ),
    # Who works on it goes along: each gets no line of its own for hundreds of tickets at once.
    Verb.SUCCEED: _move("转给接续单位", OPEN, None, (_P.PROGRAM,)),
    # More time.
    Verb.REQUEST_EXTENSION: _move(
        "申请延期", WORKING, _S.EXTENSION_REQUESTED, (_P.LEAD_HEAD,), (_N.REASON, _N.SPAN), (_P.DISPATCHER,)
    ),
    Verb.GRANT_EXTENSION: _move(
        "同意延期",
        (_S.EXTENSION_REQUESTED,),
        _S.IN_PROGRESS,
        (_P.DISPATCHER, _P.SUPERVISOR),
        (),
        (_P.REQUESTER, _P.LEAD),
    ),
    Verb.REFUSE_EXTENSION: _move(
        "不同意延期",
        (_S.EXTENSION_REQUESTED,),
        _S.IN_PROGRESS,
        (_P.DISPATCHER, _P.SUPERVISOR),
        (_N.REASON,),
        (_P.LEAD,),
    ),
    Verb.SUSPEND: _move("请诉求人补充", WORKING, _S.SUSPENDED, (_P.LEAD,), (_N.REASON,), (_P.REQUESTER, _P.DISPATCHER)),
    Verb.RESUME: _move(
        "恢复办理", (_S.SUSPENDED,), _S.IN_PROGRESS, (_P.REQUESTER, _P.LEAD, _P.PROGRAM), (), (_P.REQUESTER, _P.LEAD)
    ),
    # The answer.
    Verb.CONTRIBUTE: _move(
        "协办答复",
        (*_WORK_OR_ASKED, _S.JOINT_INVESTIGATION),
        None,
        (_P.INVOLVED,),
        (_N.TEXT,),
        (_P.LEAD, _P.DISPATCHER),
    ),
    Verb.REPLY: _move("答复", _WORK_OR_ASKED, _S.REPLIED, (_P.LEAD,), (_N.TEXT,), (_P.AGENT,)),
    Verb.SEND_BACK: _move("退回重写", (_S.REPLIED,), _S.IN_PROGRESS, _DESK, (_N.REASON,), (_P.LEAD,)),
    Verb.APPROVE: _move("审核通过", (_S.REPLIED,), _S.CALLBACK, _DESK, (), (_P.REQUESTER, _P.LEAD)),
    # What the citizen says of it.
    Verb.CALL_BACK: _move("回访未接通", ASKED, None, (_P.AGENT,), (_N.TEXT,), (_P.REQUESTER,)),
    Verb.RATE: _move("评价", (_S.RESOLVED, _S.MERGED), None, (_P.REQUESTER,), (_N.SOLVED,), (_P.LEAD,)),
    Verb.DISPUTE: _move(
        "反映没有解决", (_S.CALLBACK, _S.RESOLVED), _S.DISPUTED, (_P.REQUESTER,), (_N.REASON,), (_P.AGENT, _P.LEAD)
    ),
    Verb.RESOLVE: _move("办结", ASKED, _S.RESOLVED, (_P.REQUESTER, _P.AGENT), (_N.SOLVED,), (_P.REQUESTER, _P.LEAD)),
    Verb.LAPSE: _move("无回音办结", (_S.CALLBACK,), _S.RESOLVED, (_P.AGENT, _P.PROGRAM), (), (_P.REQUESTER, _P.LEAD)),
    Verb.CONCLUDE: _move(
        "说明后办结", ASKED, _S.RESOLVED, (_P.SUPERVISOR, _P.DISPATCHER), (_N.REASON,), (_P.REQUESTER, _P.LEAD)
    ),
    # What the desk answered itself has no unit yet: the dispatcher finds one.
    Verb.REWORK: _move("重办", ASKED, _S.IN_PROGRESS, _DESK, (_N.REASON,), (_P.REQUESTER, _P.LEAD, _P.DISPATCHER)),
    # Beside the way.
    # What is added to a merged ticket the program passes on to the one it was merged into.
    Verb.ADD: _move("补充", OPEN | {_S.MERGED}, None, (_P.REQUESTER, _P.AGENT, _P.PROGRAM), (_N.TEXT,), _UNITS),
    Verb.URGE: _move("催办", OPEN, None, (_P.REQUESTER, _P.AGENT), (), (_P.DISPATCHER, *_UNITS)),
    Verb.SUPERVISE: _move(
        "督办", OPEN, None, (_P.SUPERVISOR, _P.PROGRAM), (_N.LEVEL, _N.REASON), (_P.DISPATCHER, _P.SUPERVISOR, *_UNITS)
    ),
    Verb.MERGE: _move("并单", (_S.SUBMITTED, *_CALLABLE), _S.MERGED, _DESK, (_N.OTHER,), (_P.REQUESTER, *_UNITS)),
    Verb.SEPARATE: _move(
        "拆回单办", (_S.MERGED,), _S.SUBMITTED, (_P.REQUESTER, *_DESK, _P.PROGRAM), (), (_P.REQUESTER, _P.DISPATCHER)
    ),
    Verb.LINK: _move("关联", frozenset(State), None, _DESK, (_N.OTHER,)),
    Verb.WITHDRAW: _move("撤销", OPEN | {_S.MERGED}, _S.WITHDRAWN, (_P.REQUESTER,), (), (_P.DISPATCHER, *_UNITS)),
    Verb.TRANSFER: _move(
        "转紧急热线", OPEN, _S.TRANSFERRED, _DESK, (_N.ROUTE,), (_P.REQUESTER, _P.SUPERVISOR, *_UNITS)
    ),
    # A merged ticket stays: it goes on by itself when the other one ends without settling it.
    Verb.ARCHIVE: _move("归档", CLOSED - {_S.ARCHIVED, _S.MERGED}, _S.ARCHIVED, (_P.AGENT, _P.PROGRAM)),
}
"""Every move there is, by its verb."""


def possible(ticket: Ticket, parties: frozenset[Party]) -> list[Verb]:
    """What somebody with these parts can do with a ticket as it stands, in the order of the table."""
    return [verb for verb, move in MOVES.items() if ticket.state in move.source and not move.by.isdisjoint(parties)]
