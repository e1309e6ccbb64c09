"""Where a ticket stands, in the words of staff and in the words of citizens."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands."""

    SUBMITTED = "submitted"
    DISPATCHED = "dispatched"
    RETURN_REQUESTED = "return_requested"
    JOINT_INVESTIGATION = "joint_investigation"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    EXTENSION_REQUESTED = "extension_requested"
    SUSPENDED = "suspended"
    REPLIED = "replied"
    CALLBACK = "callback"
    DISPUTED = "disputed"
    RESOLVED = "resolved"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    TRANSFERRED = "transferred"
    ARCHIVED = "archived"

    @property
    def label(self) -> str:
        """The state in words citizens use."""
        return _WORDS[self].citizen

    @property
    def staff_label(self) -> str:
        """The state as staff call it."""
        return _WORDS[self].staff

    @property
    def next_step(self) -> str:
        """What happens next, told to the citizen."""
        return _WORDS[self].next_step


@dataclass(frozen=True, slots=True)
class _Words:
    staff: str
    citizen: str
    next_step: str


_UNIT_WORKS = "有结果后单位会答复您。"
_WORDS = {
    State.SUBMITTED: _Words("待派单", "已登记", "接下来由热线工作人员核对内容，转给负责的单位。"),
    State.DISPATCHED: _Words("待签收", "已转单位", "接下来由负责的单位签收。"),
    State.RETURN_REQUESTED: _Words("申请退单", "正在确定由哪个单位负责", "热线会尽快确定，答应您的时间不变。"),
    State.JOINT_INVESTIGATION: _Words(
        "联合调查", "几个单位一起核实", "热线召集有关单位核实，定下由谁负责，答应您的时间不变。"
    ),
    State.ACCEPTED: _Words("已签收", "单位已签收", "接下来由负责的单位联系您并着手解决。"),
    State.IN_PROGRESS: _Words("办理中", "单位正在解决", _UNIT_WORKS),
    State.EXTENSION_REQUESTED: _Words("申请延期", "单位正在解决", _UNIT_WORKS),
    State.SUSPENDED: _Words("等诉求人补充", "等您补充", "请按通知补充情况，收到后单位马上接着办。"),
    State.REPLIED: _Words("待审核答复", "单位已答复", "热线核对答复是否说到了您的问题，再告诉您。"),
    State.CALLBACK: _Words("待回访", "等您评价", "请您告诉我们问题是否解决。"),
    State.DISPUTED: _Words("反映没解决", "您说还没解决", "热线马上核实，要求单位接着办，有进展就告诉您。"),
    State.RESOLVED: _Words("已办结", "已解决", "如果问题又出现，随时告诉我们。"),
    State.NOT_ACCEPTED: _Words("不受理", "不由热线办理", "请按我们告诉您的途径去办，需要帮忙随时说。"),
    State.WITHDRAWN: _Words("已撤销", "已撤销", "您可以随时重新登记。"),
    State.MERGED: _Words("已并单", "和同类诉求一起办", "有结果后同样单独答复您。"),
    State.TRANSFERRED: _Words("已转紧急热线", "已转紧急热线", "请保持电话畅通；情况危急请直接拨打紧急电话。"),
    State.ARCHIVED: _Words("已归档", "已归档", "您可以随时重新登记。"),
}

WORKING = frozenset({State.ACCEPTED, State.IN_PROGRESS})
"""The lead unit is at work."""

ASKED = frozenset({State.CALLBACK, State.DISPUTED})
"""There is an answer, and the citizen has the word: is it solved?"""

OPEN = frozenset(
    {
        State.SUBMITTED,
        State.DISPATCHED,
        State.RETURN_REQUESTED,
        State.JOINT_INVESTIGATION,
        *WORKING,
        State.EXTENSION_REQUESTED,
        State.SUSPENDED,
        State.REPLIED,
        State.CALLBACK,
        State.DISPUTED,
    }
)
"""Somebody still owes the citizen something."""

CLOSED = frozenset(State) - OPEN

STEPS = (State.SUBMITTED, State.DISPATCHED, State.IN_PROGRESS, State.REPLIED, State.RESOLVED)
"""The steps a citizen is shown; states between two of them count as the earlier one."""

_STEP_OF = {
    State.RETURN_REQUESTED: State.DISPATCHED,
    State.JOINT_INVESTIGATION: State.DISPATCHED,
    State.ACCEPTED: State.DISPATCHED,
    State.EXTENSION_REQUESTED: State.IN_PROGRESS,
    State.SUSPENDED: State.IN_PROGRESS,
    State.CALLBACK: State.REPLIED,
    State.DISPUTED: State.REPLIED,
    State.ARCHIVED: State.RESOLVED,
}


def step_of(state: State) -> State:
    """The shown step a state belongs to."""
    return _STEP_OF.get(state, state)
